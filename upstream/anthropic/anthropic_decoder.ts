/**
 * Decodes an Anthropic message stream: bytes to text, text to messages, messages to events.
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { SseParser } from "../../protocol/sse_parser.ts";
import type { DecoderContext, ProviderDecoder } from "../chat_events/chat_event_transformer.ts";
import { AnthropicMapper } from "./anthropic_mapper.ts";

/** The decoder for one stream. */
export function createAnthropicDecoder(context: DecoderContext): ProviderDecoder {
  return new AnthropicDecoder(context);
}

class AnthropicDecoder implements ProviderDecoder {
  readonly #mapper: AnthropicMapper;
  readonly #parser: SseParser;
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

  constructor({ writer, now, startedAt, maxEventChars }: DecoderContext) {
    this.#mapper = new AnthropicMapper({
      emit: (event) => writer.write(event),
      now,
      startedAt,
      generateId: () => `toolu_${crypto.randomUUID()}`,
    });
    this.#parser = new SseParser({ onMessage: (message) => this.#mapper.onMessage(message) }, maxEventChars);
  }

  get usage(): ModelUsage | undefined {
    return this.#mapper.usage;
  }

  get unknownEvents(): number {
    return this.#mapper.unknownEvents;
  }

  decode(bytes: Uint8Array): void {
    this.#parser.feed(this.#utf8.decode(bytes, { stream: true }));
  }

  end(): void {
    this.#mapper.endOfStream();
  }

  interrupt(error: ChatErrorData): void {
    this.#mapper.interrupt(error);
  }

  stop(reason: string): void {
    this.#mapper.stop(reason);
  }
}
