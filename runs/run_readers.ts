/**
 * The readers of one log: how many there may be, and since when there are none.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { StreamClock } from "../upstream/chat_events/stream_clock.ts";
import type { Recode, StreamTimeouts } from "../upstream/chat_event_stream.ts";
import type { EventLog } from "./event_log.ts";
import type { RunEnding } from "./run.ts";
import { type ReaderOutcome, RunReader } from "./run_reader.ts";

/** What all readers of a process share. */
export interface ReaderHost {
  readonly clock: StreamClock;
  readonly timeouts: StreamTimeouts;
  /** The most readers of one run. */
  readonly maxReaders: number;
  /** Takes a place for a reader. @throws {ChatError} `ServerBusy` */
  takeReader(): void;
  /** Gives it back. */
  releaseReader(): void;
}

/** A reader that has started. */
export interface StartedReader {
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly ended: Promise<RunEnding>;
}

/** The readers of a log. */
export class RunReaders {
  readonly #log: EventLog;
  readonly #host: ReaderHost;
  readonly #readers = new Set<RunReader>();
  #unreadSince: number;

  constructor(log: EventLog, host: ReaderHost) {
    this.#log = log;
    this.#host = host;
    this.#unreadSince = host.clock.now();
  }

  /** The number of readers. */
  get size(): number {
    return this.#readers.size;
  }

  /** How long there has been no reader, in milliseconds. */
  unreadMs(now: number): number {
    return this.size > 0 ? 0 : now - this.#unreadSince;
  }

  /**
   * Starts the first reader, which is the response of the request that began the run. Its place is the run's.
   * @param recode the client's format; by default our events
   */
  startFirst(recode?: Recode): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#start(0, recode, () => {});
  }

  /**
   * Starts a further reader.
   * @param after the number of the last event that the client has
   * @param recode the client's format; by default our events
   * @throws {ChatError} `EventNotReached`, `EventsGone`, `RateLimitExceeded` or `ServerBusy`
   */
  start(after: number, recode?: Recode): StartedReader {
    if (after > this.#log.newest) {
      throw new ChatError("EventNotReached", `The answer has ${this.#log.newest} events so far.`);
    }
    if (this.size >= this.#host.maxReaders) {
      throw new ChatError("RateLimitExceeded", "This answer has too many readers.", { retryAfterSeconds: 1 });
    }
    this.#host.takeReader();
    const { promise: ended, resolve } = Promise.withResolvers<RunEnding>();
    const body = this.#start(after, recode, (outcome) => {
      this.#host.releaseReader();
      resolve({ outcome });
    });
    return { body, ended };
  }

  /** Ends the responses of up to `count` readers without a terminal event: their clients connect again. */
  letGo(count = Infinity): number {
    const leaving = [...this.#readers].slice(0, count);
    for (const reader of leaving) reader.letGo();
    return leaving.length;
  }

  #start(
    after: number,
    recode: Recode | undefined,
    onEnd: (outcome: ReaderOutcome) => void,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { clock, timeouts } = this.#host;
    const reader = new RunReader({
      log: this.#log,
      after,
      clock,
      timeouts,
      recode,
      onEnd: (outcome) => {
        this.#readers.delete(reader);
        this.#unreadSince = clock.now();
        onEnd(outcome);
      },
    });
    this.#readers.add(reader);
    return reader.body;
  }
}
