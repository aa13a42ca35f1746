/**
 * Collects the events of one chunk as the bytes that go over the wire, in order: events as objects, and text that is
 * already formatted as JSON.
 * @module
 */
import { type ChatEvent, formatChatEvent, isTerminal } from "../../protocol/chat_event.ts";
import { utf8Length } from "./utf8_length.ts";

/** The events whose data is a string of text. */
export type TextEventType = "text" | "reasoning";

const encoder = new TextEncoder();
/** The bytes around the number and around the text of a text event. */
const BEFORE_ID = encoder.encode("id: ");
const BEFORE_TEXT: Readonly<Record<TextEventType, Uint8Array>> = {
  text: encoder.encode('\nevent: text\ndata: "'),
  reasoning: encoder.encode('\nevent: reasoning\ndata: "'),
};
const AFTER_TEXT = encoder.encode('"\n\n');
/** The most bytes of a text event without its text. A number has up to 16 digits. */
const TEXT_EVENT_BYTES = BEFORE_ID.length + 16 + BEFORE_TEXT.reasoning.length + AFTER_TEXT.length;

/** Room for some twenty text events of a paced stream, which then share one allocation. */
const BUFFER_BYTES = 1024;
/** Longer chunks are copied: a slow client then holds its chunk in memory, and not the whole buffer. */
const MAX_SHARED_BYTES = BUFFER_BYTES / 4;
const DIGIT_ZERO = 48;

/** The events of one stream, numbered 1, 2, 3 … */
export class ChatEventWriter {
  #events = 0;
  #contentBytes = 0;
  #terminal: ChatEvent | undefined;
  /** Formatted events that are not in the buffer yet. They follow its contents. */
  #text = "";
  #buffer = new Uint8Array(BUFFER_BYTES);
  /** Where the bytes begin that were not taken yet. Callers hold the ones before: they must not change. */
  #start = 0;
  #end = 0;

  /** The number of events so far. */
  get events(): number {
    return this.#events;
  }

  /** The UTF-8 bytes of text, reasoning and tool calls so far. Those of JSON's escapes may be among them. */
  get contentBytes(): number {
    return this.#contentBytes;
  }

  /** The terminal event, once it has been written. */
  get terminal(): ChatEvent | undefined {
    return this.#terminal;
  }

  /** True while there is nothing to take. */
  get isEmpty(): boolean {
    return this.#start === this.#end && this.#text === "";
  }

  /** Adds an event. */
  write(event: ChatEvent): void {
    this.#text += formatChatEvent(++this.#events, event);
    this.#contentBytes += contentBytesOf(event);
    if (isTerminal(event)) this.#terminal = event;
  }

  /** Adds an event whose text is a part of `source`: the inside of a JSON string, as `JSON.stringify` writes it. */
  writeText(type: TextEventType, source: Uint8Array, start: number, end: number): void {
    if (this.#text !== "") this.#encodeText();
    this.#contentBytes += end - start;
    this.#reserve(TEXT_EVENT_BYTES + end - start);
    this.#append(BEFORE_ID, 0, BEFORE_ID.length);
    this.#appendNumber(++this.#events);
    const before = BEFORE_TEXT[type];
    this.#append(before, 0, before.length);
    this.#append(source, start, end);
    this.#append(AFTER_TEXT, 0, AFTER_TEXT.length);
  }

  /** All bytes since the last call. They do not change, and may share a buffer with those of other calls. */
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

  /** Byte by byte, which for few bytes is faster than `set` with a view. */
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

function contentBytesOf(event: ChatEvent): number {
  switch (event.type) {
    case "text":
    case "reasoning":
      return utf8Length(event.data);
    case "tool_calls":
      return event.data.reduce((sum, { function: { name, arguments: text } }) => {
        return sum + utf8Length(name ?? "") + utf8Length(text);
      }, 0);
    default:
      return 0;
  }
}
