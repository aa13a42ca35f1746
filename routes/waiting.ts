/**
 * A request that has no answer yet: its body may still be coming, or its provider be thinking. It counts among the live
 * streams, so that a stop waits for it, and at the end of the grace period tells it why it gets no answer.
 * @module
 */
import type { ChatError } from "../protocol/chat_error.ts";
import { LinkedController } from "../upstream/http/linked_controller.ts";
import type { LiveStream, LiveStreams } from "../upstream/live_streams.ts";

/**
 * Waits until it is disposed of. By then either all has been said, or a stream has taken its place, which ends by itself
 * what was begun for it when the client leaves.
 */
export class Waiting implements LiveStream, Disposable {
  readonly #controller: LinkedController;
  readonly #streams: LiveStreams;

  constructor(client: AbortSignal, streams: LiveStreams) {
    this.#controller = new LinkedController(client);
    this.#streams = streams;
    streams.add(this);
  }

  /** Aborts when the client leaves, and when the server cannot wait any longer. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Deadlines of its own has whoever is waited for. */
  tick(): void {}

  interrupt(error: ChatError): void {
    this.#controller.abort(error);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#streams.delete(this);
    this.#controller.unlink();
  }
}
