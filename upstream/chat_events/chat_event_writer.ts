/**
 * Formats and encodes our events, in order: events as objects, and text that is already JSON. One call takes the bytes
 * of all events since the last one.
 * @module
 */
import { type ChatEvent, formatChatEvent, isTerminal } from "../../protocol/chat_event.ts";

/** The events whose data is text. */
export type TextEventType = "text" | "reasoning";

const encoder = new TextEncoder();
/** The parts of a text event around its number and its text. */
const BEFORE_ID = encoder.encode("id: ");
const BEFORE_TEXT: Readonly<Record<TextEventType, Uint8Array>> = {
  text: encoder.encode('\nevent: text\ndata: "'),
  reasoning: encoder.encode('\nevent: reasoning\ndata: "'),
};
const AFTER_TEXT = encoder.encode('"\n\n');
/** The most bytes of such an event without its text. A number has up to 16 digits. */
const TEXT_EVENT_BYTES = BEFORE_ID.length + 16 + BEFORE_TEXT.reasoning.length + AFTER_TEXT.length;

/** Room for about twenty text events of a paced stream, which then share one allocation. */
const BUFFER_BYTES = 1024;
/** Copy longer output, so that a slow client does not keep a mostly empty buffer in memory. */
const MAX_SHARED_BYTES = BUFFER_BYTES / 4;
const DIGIT_ZERO = 48;

/** The events of one stream, numbered 1, 2, 3 … */
export class ChatEventWriter {
  #events = 0;
  #terminal: ChatEvent | undefined;
  /** Formatted events that are not encoded yet. They follow the bytes in the buffer. */
  #text = "";
  #buffer = new Uint8Array(BUFFER_BYTES);
  /** Where the bytes that have not been taken begin. Never write before it: those bytes belong to the reader. */
  #start = 0;
  #end = 0;

  /** The number of events written. */
  get events(): number {
    return this.#events;
  }

  /** The terminal event, once it has been written. */
  get terminal(): ChatEvent | undefined {
    return this.#terminal;
  }

  /** True if there is nothing to take. */
  get isEmpty(): boolean {
    return this.#start === this.#end && this.#text === "";
  }

  /** Adds an event. */
  write(event: ChatEvent): void {
    this.#text += formatChatEvent(++this.#events, event);
    if (isTerminal(event)) this.#terminal = event;
  }

  /** Adds a text event with the part of `source` from `start` to `end`, escaped as `JSON.stringify` does. */
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

  /** All bytes since the last call. They are not written to again, and may share a buffer with other results. */
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

  /** Makes room, with a new buffer where this one is full. */
  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const pending = this.#buffer.subarray(this.#start, this.#end);
    this.#buffer = new Uint8Array(Math.max(BUFFER_BYTES, 2 * (pending.length + bytes)));
    this.#buffer.set(pending);
    this.#start = 0;
    this.#end = pending.length;
  }

  /** Copies byte by byte: for a few bytes that is faster than `set` with a new view. */
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
