/**
 * Collects the events of one chunk as the bytes that go over the wire, in order.
 * @module
 */
import { type ChatEvent, formatChatEvent, isTerminal } from "../../protocol/chat_event.ts";
import { OutputBuffer } from "./output_buffer.ts";
import { utf8Length } from "./utf8_length.ts";

/** The events of one stream, numbered 1, 2, 3 … */
export class ChatEventWriter {
  /** Where the events are written. */
  readonly output: OutputBuffer = new OutputBuffer();
  #events = 0;
  #contentBytes = 0;
  #terminal: ChatEvent | undefined;

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
    return this.output.isEmpty;
  }

  /** Adds an event. */
  write(event: ChatEvent): void {
    this.output.addText(formatChatEvent(++this.#events, event));
    this.#contentBytes += contentBytesOf(event);
    if (isTerminal(event)) this.#terminal = event;
  }

  /** Counts a text event that is written to {@linkcode output}. @param bytes of its text @returns its number */
  countText(bytes: number): number {
    this.#contentBytes += bytes;
    return ++this.#events;
  }

  /** All bytes since the last call. They do not change, and may share a buffer with those of other calls. */
  take(): Uint8Array<ArrayBuffer> {
    return this.output.take();
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
