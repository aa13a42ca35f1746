/**
 * Collects what a read makes of our events, as the bytes that go over the wire: events as objects, and text that is
 * already written as JSON, in the order in which they come.
 * @module
 */
import { type ChatEvent, formatChatEvent, isTerminal } from "../../protocol/chat_event.ts";

/** The events that are nothing but a piece of text. */
export type TextEventType = "text" | "reasoning";

const encoder = new TextEncoder();
/** Around the number, and around the text, of an event that is nothing but text. */
const BEFORE_ID = encoder.encode("id: ");
const BEFORE_TEXT: Readonly<Record<TextEventType, Uint8Array>> = {
  text: encoder.encode('\nevent: text\ndata: "'),
  reasoning: encoder.encode('\nevent: reasoning\ndata: "'),
};
const AFTER_TEXT = encoder.encode('"\n\n');
/** What such an event takes besides its text, at most: a number has up to 16 digits. */
const TEXT_EVENT_BYTES = BEFORE_ID.length + 16 + BEFORE_TEXT.reasoning.length + AFTER_TEXT.length;

/** Room for some twenty text events of a paced stream, which then need one allocation together. */
const BUFFER_BYTES = 1024;
/** What is longer is copied out: a client that reads slowly then holds what it was sent, and no empty rest of a buffer. */
const MAX_SHARED_BYTES = BUFFER_BYTES / 4;
const DIGIT_ZERO = 48;

/** The events of one stream, numbered 1, 2, 3 … */
export class ChatEventWriter {
  #events = 0;
  #terminal: ChatEvent | undefined;
  /** Formatted events that are not in the buffer yet. They come after all that is. */
  #text = "";
  #buffer = new Uint8Array(BUFFER_BYTES);
  /** Where in the buffer begins what was not taken yet. What comes before it is in others' hands, and not touched again. */
  #start = 0;
  #end = 0;

  /** Events written so far. */
  get events(): number {
    return this.#events;
  }

  /** The terminal event, once it has been written. */
  get terminal(): ChatEvent | undefined {
    return this.#terminal;
  }

  /** True where there is nothing to take. */
  get isEmpty(): boolean {
    return this.#start === this.#end && this.#text === "";
  }

  /** Adds an event. */
  write(event: ChatEvent): void {
    this.#text += formatChatEvent(++this.#events, event);
    if (isTerminal(event)) this.#terminal = event;
  }

  /** Adds an event whose text is a piece of `source`: the inside of a JSON string, as `JSON.stringify` writes it. */
  writeText(type: TextEventType, source: Uint8Array, start: number, end: number): void {
    if (this.#text !== "") this.#encodeText();
    this.#reserve(TEXT_EVENT_BYTES + end - start);
    this.#append(BEFORE_ID, 0, BEFORE_ID.length);
    this.#appendNumber(++this.#events);
    const before = BEFORE_TEXT[type];
    this.#append(before, 0, before.length);
    this.#append(source, start, end);
    this.#append(AFTER_TEXT, 0, AFTER_TEXT.length);
  }

  /** All bytes since the last call. They stay as they are, and may share a buffer with those of other calls. */
  take(): Uint8Array<ArrayBuffer> {
    if (this.#start === this.#end) {
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
    const bytes = encoder.encode(this.#text);
    this.#text = "";
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Makes room for more, in another buffer where this one is full. */
  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const pending = this.#buffer.subarray(this.#start, this.#end);
    this.#buffer = new Uint8Array(Math.max(BUFFER_BYTES, 2 * (pending.length + bytes)));
    this.#buffer.set(pending);
    this.#start = 0;
    this.#end = pending.length;
  }

  /** Byte by byte: for a few of them that is faster than `set` with a view of its own. */
  #append(source: Uint8Array, start: number, end: number): void {
    const buffer = this.#buffer;
    let length = this.#end;
    for (let at = start; at < end; at++) buffer[length++] = source[at]!;
    this.#end = length;
  }

  #appendNumber(value: number): void {
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
}
