/**
 * Writes the events of an answer that outlives its connection to a log. A log takes every event at once, so that this needs
 * neither streams nor back-pressure, which would cost as much again as all else.
 * @module
 */
import type { ChatError } from "../protocol/chat_error.ts";
import {
  type ChatEventStreamOptions,
  ChatEventTransformer,
  type CreateDecoder,
} from "./chat_events/chat_event_transformer.ts";
import type { ProviderBytes } from "./http/provider_bytes.ts";

/** Where the events go. */
export interface EventSink {
  /** Takes whole events. */
  append(events: Uint8Array<ArrayBuffer>): void;
  /** The terminal event has been appended. */
  end(): void;
}

/** Records one answer. */
export class ChatEventRecorder {
  readonly #bytes: ProviderBytes;
  readonly #transformer: ChatEventTransformer;

  /** @param bytes the provider's, cancelled when the answer ends first */
  constructor(bytes: ProviderBytes, createDecoder: CreateDecoder, sink: EventSink, options: ChatEventStreamOptions) {
    this.#bytes = bytes;
    this.#transformer = new ChatEventTransformer(createDecoder, options);
    this.#transformer.start({
      // There is always room for more.
      desiredSize: 1,
      enqueue: (events) => sink.append(events),
      terminate: () => {
        sink.end();
        void bytes.cancel();
      },
    });
  }

  /** Ends the answer with an error event; with `stop` where it was complete. */
  interrupt(error: ChatError): void {
    this.#transformer.interrupt(error);
  }

  /** Ends the answer with `stop` and this reason; with the provider's reason where it was complete. */
  stop(reason: string): void {
    this.#transformer.stop(reason);
  }

  /** Records the answer to its end. It never rejects. */
  async record(): Promise<void> {
    const [bytes, transformer] = [this.#bytes, this.#transformer];
    while (!transformer.isOver) {
      const chunk = await bytes.read();
      if (transformer.isOver) break;
      if (chunk === undefined) return transformer.flush();
      await transformer.transform(chunk);
    }
  }
}
