/**
 * Decodes a provider's chat completion stream by parsing every message: bytes to text, text to messages, messages to
 * events.
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { type SseHandler, type SseMessage, SseParser } from "../../protocol/sse_parser.ts";
import type { DecoderContext, ProviderDecoder } from "../chat_events/chat_event_transformer.ts";
import { ChatEventMapper } from "./chat_event_mapper.ts";

const LF = 10;

/** Called with the data of a message that contained a chunk, and with that chunk. */
export type OnChunk = (data: string, chunk: unknown) => void;

/** The decoder for one stream. */
export class ChatCompletionsDecoder implements ProviderDecoder, SseHandler {
  /** The state of the answer. */
  readonly mapper: ChatEventMapper;
  readonly #onChunk: OnChunk | undefined;
  readonly #parser: SseParser;
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  #isBetweenMessages = false;

  /** @param onChunk called after each chunk that was mapped and did not end the answer */
  constructor({ writer, now, startedAt, maxEventChars, earlierCallIds }: DecoderContext, onChunk?: OnChunk) {
    this.mapper = new ChatEventMapper({
      emit: (event) => writer.write(event),
      now,
      startedAt,
      generateId: () => `call_${crypto.randomUUID()}`,
      earlierCallIds,
    });
    this.#onChunk = onChunk;
    this.#parser = new SseParser(this, maxEventChars);
  }

  get usage(): ModelUsage | undefined {
    return this.mapper.usage;
  }

  /** True after input in which nothing is incomplete: no character, no line, no message. */
  get isBetweenMessages(): boolean {
    return this.#isBetweenMessages;
  }

  decode(bytes: Uint8Array): void {
    this.#parser.feed(this.#utf8.decode(bytes, { stream: true }));
    this.#isBetweenMessages = this.#parser.isBetweenMessages && bytes[bytes.length - 1] === LF;
  }

  end(): void {
    this.mapper.endOfStream();
  }

  interrupt(error: ChatErrorData): void {
    this.mapper.interrupt(error);
  }

  stop(reason: string): void {
    this.mapper.stop(reason);
  }

  onMessage(message: SseMessage): void {
    const chunk = this.mapper.onMessage(message);
    if (chunk !== undefined) this.#onChunk?.(message.data, chunk);
  }

  onUnknownField(name: string, value: string): void {
    this.mapper.onUnknownField(name, value);
  }
}
