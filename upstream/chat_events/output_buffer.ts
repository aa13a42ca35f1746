/**
 * Collects the bytes of one chunk of output: strings, and bytes that are copied. Small chunks share their memory, because an
 * allocation costs more than a paced event.
 * @module
 */

const encoder = new TextEncoder();

/** Room for some twenty text events of a paced stream, which then share one allocation. */
const BUFFER_BYTES = 1024;
/** Longer chunks are copied: a slow client then holds its chunk in memory, and not the whole buffer. */
const MAX_SHARED_BYTES = BUFFER_BYTES / 4;
/** The most bytes of a code unit. */
const MAX_UTF8_BYTES = 3;
const DIGIT_ZERO = 48;

/** The output of one stream. */
export class OutputBuffer {
  /** Strings that are not in the buffer yet. They follow its contents. */
  #text = "";
  #buffer = new Uint8Array(BUFFER_BYTES);
  /** Where the bytes begin that were not taken yet. Callers hold the ones before: they must not change. */
  #start = 0;
  #end = 0;

  /** True while there is nothing to take. */
  get isEmpty(): boolean {
    return this.#start === this.#end && this.#text === "";
  }

  /** Adds a string. */
  addText(text: string): void {
    this.#text += text;
  }

  /** Makes room for so many bytes. Call it before {@linkcode copy} and {@linkcode addNumber}, once for all of them. */
  reserve(bytes: number): void {
    if (this.#text !== "") this.#encodeText();
    if (this.#end + bytes <= this.#buffer.length) return;
    const pending = this.#buffer.subarray(this.#start, this.#end);
    this.#buffer = new Uint8Array(Math.max(BUFFER_BYTES, 2 * (pending.length + bytes)));
    this.#buffer.set(pending);
    this.#start = 0;
    this.#end = pending.length;
  }

  /** Adds bytes, one by one, which for few bytes is faster than `set` with a view. */
  copy(source: Uint8Array, start: number, end: number): void {
    const buffer = this.#buffer;
    let length = this.#end;
    for (let at = start; at < end; at++) buffer[length++] = source[at]!;
    this.#end = length;
  }

  /** Adds a whole number in decimal digits. */
  addNumber(value: number): void {
    let digits = 1;
    for (let limit = 10; value >= limit; limit *= 10) digits++;
    const buffer = this.#buffer;
    const start = this.#end;
    let rest = value;
    for (let at = start + digits - 1; at >= start; at--) {
      buffer[at] = DIGIT_ZERO + rest % 10;
      rest = Math.floor(rest / 10);
    }
    this.#end = start + digits;
  }

  /** All bytes since the last call. They do not change, and may share a buffer with those of other calls. */
  take(): Uint8Array<ArrayBuffer> {
    if (this.#start === this.#end && this.#text.length > MAX_SHARED_BYTES) {
      const bytes = encoder.encode(this.#text);
      this.#text = "";
      return bytes;
    }
    if (this.#text !== "") this.#encodeText();
    const length = this.#end - this.#start;
    if (length > MAX_SHARED_BYTES) {
      const copy = this.#buffer.slice(this.#start, this.#end);
      this.#end = this.#start;
      return copy;
    }
    const bytes = new Uint8Array(this.#buffer.buffer, this.#start, length);
    this.#start = this.#end;
    return bytes;
  }

  #encodeText(): void {
    const text = this.#text;
    this.#text = "";
    // More room than a long text needs would be too much.
    const encoded = text.length > MAX_SHARED_BYTES ? encoder.encode(text) : undefined;
    this.reserve(encoded?.length ?? MAX_UTF8_BYTES * text.length);
    const room = this.#buffer.subarray(this.#end);
    if (encoded === undefined) this.#end += encoder.encodeInto(text, room).written;
    else {
      room.set(encoded);
      this.#end += encoded.length;
    }
  }
}
