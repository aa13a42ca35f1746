/**
 * The transform from a provider's stream to our events, for every dialect. It works alone, in Deno, in Node and in a
 * browser; the server adds its clock and its deadlines.
 * @module
 */
import type { ChatError } from "../protocol/chat_error.ts";
import {
  type ChatEventStreamOptions,
  ChatEventTransformer,
  type CreateDecoder,
} from "./chat_events/chat_event_transformer.ts";
import type { ProviderBytes } from "./http/provider_bytes.ts";

export type { OutputAllowance } from "./chat_events/output_allowance.ts";
export type {
  ChatEventStreamOptions,
  CreateDecoder,
  Recode,
  StreamSummary,
  StreamTimeouts,
} from "./chat_events/chat_event_transformer.ts";

/**
 * A provider's bytes in, our events out, as bytes. The output ends with exactly one `stop` or `error` event: also
 * when the input breaks off, when a deadline passes, and when the writable side is aborted.
 *
 * *Chunks:* at most one for each chunk of the input, always of whole events. Text is held back only while it may be half a
 * character, half a line or half a `<think>` tag.
 *
 * *Back-pressure:* one chunk may wait for the reader; a further write waits with it.
 *
 * *Cancelling:* a reader that leaves errors the writable side, so that a pipe cancels its source. So does a terminal event
 * that comes before the input ends.
 */
export class ChatEventStream extends TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  readonly #transformer: ChatEventTransformer;
  #writable: WritableStream<Uint8Array> | undefined;

  /** @param createDecoder makes the decoder of the provider's dialect */
  constructor(createDecoder: CreateDecoder, options: ChatEventStreamOptions = {}) {
    const transformer = new ChatEventTransformer(createDecoder, options);
    // A readable side with room for one chunk: a chunk that stays there shows that the reader has stalled.
    super(transformer, undefined, { highWaterMark: 1 });
    this.#transformer = transformer;
  }

  /**
   * The writable side. An abort, which is how a pipe reports that its source broke, counts as the end of the input: a
   * plain transform would drop what is queued and error its reader, without a terminal event.
   */
  override get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= closeOnAbort(super.writable);
  }

  /** Ends the stream with an error event; with `stop` where the answer was complete. */
  interrupt(error: ChatError): void {
    this.#transformer.interrupt(error);
  }

  /** Ends the stream with `stop` and this reason; with the provider's reason where the answer was complete. */
  stop(reason: string): void {
    this.#transformer.stop(reason);
  }

  /**
   * Writes all of a provider's bytes. It cancels them when the stream ends first. Use it or {@linkcode writable}, not both.
   * @returns a promise that resolves when nothing more is read; it never rejects
   */
  async feed(bytes: ProviderBytes): Promise<void> {
    const writer = super.writable.getWriter();
    writer.closed.catch((reason) => bytes.cancel(reason));
    try {
      while (!this.#transformer.isOver) {
        const chunk = await bytes.read();
        if (this.#transformer.isOver) return;
        // The chunk's memory is reused by the next read, which therefore waits for the write.
        await (chunk === undefined ? writer.close() : writer.write(chunk));
        if (chunk === undefined) return;
      }
    } catch {
      // The stream ended during the write: its reader has left, or a deadline passed.
    }
  }
}

/** The same sink, for which an abort is a proper end. */
function closeOnAbort(sink: WritableStream<Uint8Array>): WritableStream<Uint8Array> {
  const writer = sink.getWriter();
  return new WritableStream({
    start: (controller) => void writer.closed.catch((reason) => controller.error(reason)),
    write: (chunk) => writer.write(chunk),
    close: () => writer.close(),
    abort: () => writer.close().catch(() => {}),
  });
}
