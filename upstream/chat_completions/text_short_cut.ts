/**
 * The short cut around the parser and the mapper: it sends on the text of a chunk that differs from an earlier one in its
 * text only. It is the one module that knows templates; without it every message is parsed, with the same result.
 * @module
 */
import type { ChatEventWriter } from "../chat_events/chat_event_writer.ts";
import { writeTextEvent } from "../chat_events/text_event.ts";
import type { ChatEventMapper } from "./chat_event_mapper.ts";
import { addJsonText } from "./json_text_offsets.ts";
import { ChunkTemplate } from "./chunk_template.ts";

/** The short cut of one stream. */
export class TextShortCut {
  readonly #template = new ChunkTemplate();
  readonly #mapper: Pick<ChatEventMapper, "passesText" | "notePassedText" | "offsets">;
  readonly #writer: ChatEventWriter;

  /** @param mapper the stream's state, which decides whether text may pass it @param writer receives the text events */
  constructor(
    mapper: Pick<ChatEventMapper, "passesText" | "notePassedText" | "offsets">,
    writer: ChatEventWriter,
  ) {
    this.#mapper = mapper;
    this.#writer = writer;
  }

  /** True while the next message may be one for the short cut. */
  get isOpen(): boolean {
    return this.#template.isReady && this.#mapper.passesText(this.#template.eventType);
  }

  /**
   * Handles the message that begins at `start`, if it can. Call it only while {@linkcode isOpen}, between messages.
   * @param view of the same bytes
   * @returns where the message ends, or -1 for one that must be parsed
   */
  handle(bytes: Uint8Array, view: DataView, start: number): number {
    const template = this.#template;
    const end = template.match(bytes, view, start);
    if (end === -1) return -1;
    const { eventType, textStart, textEnd } = template;
    this.#mapper.notePassedText();
    if (eventType === "text") addJsonText(this.#mapper.offsets, bytes, textStart, textEnd);
    writeTextEvent(this.#writer, eventType, bytes, textStart, textEnd);
    return end;
  }

  /** Learns from a message that was parsed and mapped. @param chunk its data, parsed */
  learn(data: string, chunk: unknown): void {
    this.#template.learn(data, chunk);
  }
}
