/**
 * One answer in the making, from the request to the last byte of the response: its place in the registry, its producer and
 * its ending. The producer is our transform, with a response or a log behind it, or, in proxy mode, a response that passes
 * through untouched.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { StreamClock } from "../upstream/chat_events/stream_clock.ts";
import { LinkedController } from "../upstream/http/linked_controller.ts";
import { ChatEventRecorder, type EventSink } from "../upstream/chat_event_recorder.ts";
import {
  ChatEventStream,
  type ChatEventStreamOptions,
  type OutputAllowance,
  type Recode,
  type StreamSummary,
  type StreamTimeouts,
} from "../upstream/chat_event_stream.ts";
import type { ProviderStream } from "../upstream/open_chat.ts";

/** The counts of a run's output. A relayed response has no events, and its bytes are counted only for a budget. */
type OutputCounts = Pick<StreamSummary, "events" | "contentBytes">;

/** The result of a run. */
export type RunEnding = Omit<StreamSummary, keyof OutputCounts> & Partial<OutputCounts>;

/** The registry, as a run sees it. */
export interface RunHost {
  readonly clock: StreamClock;
  readonly timeouts: StreamTimeouts;
  /** Removes a run that has ended. */
  delete(run: Run): void;
}

/** How the events of a run are produced. */
export interface ProduceOptions {
  /** The output that is reserved for them. */
  readonly allowance?: OutputAllowance | undefined;
  /** The format of the client. By default it gets our events. */
  readonly recode?: Recode | undefined;
}

/** A run. It is *opening* until its producer is set, then *producing* until it has ended. Use it with `using`. */
export class Run implements Disposable {
  /** When it started, on the registry's clock. */
  readonly startedAt: number;
  readonly #host: RunHost;
  readonly #controller: LinkedController;
  #ending: PromiseWithResolvers<RunEnding> | undefined;
  #producer: ChatEventStream | ChatEventRecorder | undefined;

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

  /** Resolves when the run has ended. Ask for it once the run produces. */
  get ended(): Promise<RunEnding> {
    return this.#ending!.promise;
  }

  /** Produces the events of a provider's stream. */
  produce(
    { bytes, createDecoder }: ProviderStream,
    options: ProduceOptions = {},
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    const stream = new ChatEventStream(createDecoder, this.#streamOptions(options));
    this.#producer = stream;
    void stream.feed(bytes);
    return stream.readable;
  }

  /** Produces the events of a provider's stream into a log, at the provider's pace, whatever becomes of the client. */
  record({ bytes, createDecoder }: ProviderStream, log: EventSink, allowance?: OutputAllowance): void {
    const options = this.#streamOptions({ allowance });
    // The readers have heartbeats of their own.
    const timeouts = { ...options.timeouts, heartbeatMs: Infinity };
    const recorder = new ChatEventRecorder(bytes, createDecoder, log, { ...options, timeouts });
    this.#producer = recorder;
    void recorder.record();
  }

  #streamOptions({ allowance, recode }: ProduceOptions): ChatEventStreamOptions {
    this.#ending = Promise.withResolvers();
    return {
      timeouts: this.#host.timeouts,
      clock: this.#host.clock,
      startedAt: this.startedAt,
      allowance,
      recode,
      onEnd: (summary) => this.#end(this.#withoutClientCut(summary)),
    };
  }

  /**
   * Follows a response that passes through untouched.
   * @param completed resolves when the response has left or its client has
   * @param readCounts reads the counts of the response and the error that cut it, where something has looked at it
   * @returns a promise of the run's ending
   */
  relay(
    completed: Promise<unknown>,
    readCounts?: () => Pick<RunEnding, "usage" | "contentBytes"> & Partial<Pick<RunEnding, "outcome">>,
  ): Promise<RunEnding> {
    this.#ending = Promise.withResolvers();
    completed.then(() => {
      const { outcome = "passed_on", ...counts } = readCounts?.() ?? {};
      this.#end({ outcome: this.signal.aborted ? "client_left" : outcome, ...counts });
    });
    return this.#ending.promise;
  }

  /** Ends the run with an error, or properly where its answer is complete. */
  interrupt(error: ChatError): void {
    if (this.#producer !== undefined) return this.#producer.interrupt(error);
    this.#controller.abort(error);
    this.#end({ outcome: error.type });
  }

  /** Lets the run go on when the client leaves. */
  detach(): void {
    this.#controller.unlink();
  }

  /** Ends the run as its caller wants: with `stop` "cancelled" behind the events so far. */
  stop(): void {
    if (this.#producer !== undefined) this.#producer.stop("cancelled");
    else this.interrupt(new ChatError("ClientLeft", "The answer was stopped before it began."));
  }

  /**
   * Called when the request's handler has finished. A run that produces nothing ends. One that produces events is from now
   * on cancelled through its response body, and need not keep the request in memory.
   */
  [Symbol.dispose](): void {
    if (this.#ending === undefined) this.#host.delete(this);
    if (this.#ending === undefined || this.#producer !== undefined) this.#controller.unlink();
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
