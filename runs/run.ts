/**
 * One answer in the making, from the request to the last byte of the response: its place in the registry, its producer and
 * its ending. The producer is our transform, or, in proxy mode, a response that passes through untouched.
 * @module
 */
import type { ChatError } from "../protocol/chat_error.ts";
import type { StreamClock } from "../upstream/chat_events/stream_clock.ts";
import { LinkedController } from "../upstream/http/linked_controller.ts";
import type { ProviderBytes } from "../upstream/http/provider_bytes.ts";
import { OpenAIToChatEventStream, type StreamSummary, type StreamTimeouts } from "../upstream/openai_to_chat_events.ts";

/** The result of a run. A relayed response has no events that could be counted. */
export type RunEnding = Omit<StreamSummary, "events"> & Partial<Pick<StreamSummary, "events">>;

/** The registry, as a run sees it. */
export interface RunHost {
  readonly clock: StreamClock;
  readonly timeouts: StreamTimeouts;
  /** Removes a run that has ended. */
  delete(run: Run): void;
}

/** A run. It is *opening* until its producer is set, then *producing* until it has ended. Use it with `using`. */
export class Run implements Disposable {
  /** When it started, on the registry's clock. */
  readonly startedAt: number;
  readonly #host: RunHost;
  readonly #controller: LinkedController;
  #ending: PromiseWithResolvers<RunEnding> | undefined;
  #transform: OpenAIToChatEventStream | undefined;

  /** `RunRegistry.start` makes runs. @param client aborts when the client leaves */
  constructor(host: RunHost, client: AbortSignal) {
    this.startedAt = host.clock.now();
    this.#host = host;
    this.#controller = new LinkedController(client);
  }

  /** Aborts when the client leaves, until the response body reports that, and when the run is interrupted. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Resolves when the run has ended; undefined while it is opening. */
  get ended(): Promise<RunEnding> | undefined {
    return this.#ending?.promise;
  }

  /** Produces the events of a provider's stream. */
  produce(bytes: ProviderBytes): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#ending = Promise.withResolvers();
    this.#transform = new OpenAIToChatEventStream({
      timeouts: this.#host.timeouts,
      clock: this.#host.clock,
      startedAt: this.startedAt,
      onEnd: (summary) => this.#end(this.#withoutClientCut(summary)),
    });
    void this.#transform.feed(bytes);
    return this.#transform.readable;
  }

  /**
   * Follows a response that passes through untouched.
   * @param completed resolves when the response has left or its client has
   * @param readUsage reads the token counts of the response, where something has looked at it
   */
  relay(completed: Promise<unknown>, readUsage?: () => RunEnding["usage"]): void {
    this.#ending = Promise.withResolvers();
    completed.then(() => {
      const usage = readUsage?.();
      this.#end({ outcome: this.signal.aborted ? "client_left" : "passed_on", ...(usage && { usage }) });
    });
  }

  /** Ends the run with an error, or properly where its answer is complete. */
  interrupt(error: ChatError): void {
    if (this.#transform !== undefined) return this.#transform.interrupt(error);
    this.#controller.abort(error);
    this.#end({ outcome: error.type });
  }

  /**
   * Called when the request's handler has finished. A run that produces nothing ends. One that produces events is from now
   * on cancelled through its response body, and need not keep the request in memory.
   */
  [Symbol.dispose](): void {
    if (this.#ending === undefined) this.#host.delete(this);
    if (this.#ending === undefined || this.#transform !== undefined) this.#controller.unlink();
  }

  /**
   * A client that leaves between the provider's response and ours cuts the provider's bytes, which the transform takes for a
   * provider that broke off.
   */
  #withoutClientCut({ reason, ...summary }: StreamSummary): RunEnding {
    const isClientCut = this.signal.aborted && reason === "unexpected_end";
    return isClientCut ? { ...summary, outcome: "client_left" } : { ...summary, ...(reason && { reason }) };
  }

  #end(ending: RunEnding): void {
    this.#host.delete(this);
    this.#ending?.resolve(ending);
  }
}
