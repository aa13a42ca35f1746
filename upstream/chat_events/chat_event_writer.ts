/**
 * Collects the events of one chunk as the bytes that go over the wire, in order: events as objects, and text that is
 * already formatted as JSON.
 * @module
 */
import { type ChatEvent, formatChatEvent, isTerminal } from "../../protocol/chat_event.ts";
import { OutputBuffer } from "./output_buffer.ts";
import { utf8Length } from "./utf8_length.ts";

/** The events whose data is a string of text. */
export type TextEventType = "text" | "reasoning";

const encoder = new TextEncoder();
/** The bytes before the number of an event. */
export const BEFORE_ID: Uint8Array = encoder.encode("id: ");
/** The bytes between the number of a text event and its text, which is the inside of a JSON string. */
export const BEFORE_TEXT: Readonly<Record<TextEventType, Uint8Array>> = {
  text: encoder.encode('\nevent: text\ndata: "'),
  reasoning: encoder.encode('\nevent: reasoning\ndata: "'),
};
const AFTER_TEXT = encoder.encode('"\n\n');
/** The most bytes of a text event without its text. A number has up to 16 digits. */
const TEXT_EVENT_BYTES = BEFORE_ID.length + 16 + BEFORE_TEXT.reasoning.length + AFTER_TEXT.length;

/** The events of one stream, numbered 1, 2, 3 … */
export class ChatEventWriter {
  #events = 0;
  #contentBytes = 0;
  #terminal: ChatEvent | undefined;
  readonly #output = new OutputBuffer();

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
    return this.#output.isEmpty;
  }

  /** Adds an event. */
  write(event: ChatEvent): void {
    this.#output.addText(formatChatEvent(++this.#events, event));
    this.#contentBytes += contentBytesOf(event);
    if (isTerminal(event)) this.#terminal = event;
  }

  /** Adds an event whose text is a part of `source`: the inside of a JSON string, as `JSON.stringify` writes it. */
  writeText(type: TextEventType, source: Uint8Array, start: number, end: number): void {
    const [output, before] = [this.#output, BEFORE_TEXT[type]];
    this.#contentBytes += end - start;
    output.reserve(TEXT_EVENT_BYTES + end - start);
    output.copy(BEFORE_ID, 0, BEFORE_ID.length);
    output.addNumber(++this.#events);
    output.copy(before, 0, before.length);
    output.copy(source, start, end);
    output.copy(AFTER_TEXT, 0, AFTER_TEXT.length);
  }

  /** All bytes since the last call. They do not change, and may share a buffer with those of other calls. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#output.take();
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
