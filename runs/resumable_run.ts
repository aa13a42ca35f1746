/**
 * A run that outlives its connection: its log, its owner and its readers. It goes on while anybody may come back, and can be
 * read for a while after its end.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { StreamClock } from "../upstream/chat_events/stream_clock.ts";
import type { StreamTimeouts } from "../upstream/openai_to_chat_events.ts";
import type { EventLog } from "./event_log.ts";
import type { Run, RunEnding } from "./run.ts";
import { type ReaderOutcome, RunReader } from "./run_reader.ts";

/** What all runs of a registry share. */
export interface ResumableRunHost {
  readonly clock: StreamClock;
  readonly timeouts: StreamTimeouts;
  /** The most readers of one run. */
  readonly maxReaders: number;
  /** Takes a place for a reader. @throws {ChatError} `ServerBusy` */
  takeReader(): void;
  /** Gives it back. */
  releaseReader(): void;
}

/** One resumable run. */
export class ResumableRun {
  /** The capability to read and stop the run, where no token says whose it is. */
  readonly id: string;
  /** Who may read and stop it: a token's visitor, or everybody with the id. */
  readonly owner: string;
  readonly log: EventLog;
  readonly #run: Run;
  readonly #host: ResumableRunHost;
  readonly #readers = new Set<RunReader>();
  #unreadSince: number;

  constructor(id: string, owner: string, log: EventLog, run: Run, host: ResumableRunHost) {
    this.id = id;
    this.owner = owner;
    this.log = log;
    this.#run = run;
    this.#host = host;
    this.#unreadSince = host.clock.now();
  }

  /** True while somebody reads it. */
  get isRead(): boolean {
    return this.#readers.size > 0;
  }

  /** How long nobody has read it, in milliseconds. */
  unreadMs(now: number): number {
    return this.isRead ? 0 : now - this.#unreadSince;
  }

  /** Starts the first reader, which is the response of the request that began the run. Its place is the run's. */
  readFirst(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#read(0, () => {});
  }

  /**
   * Starts a further reader.
   * @param after the number of the last event that the client has
   * @throws {ChatError} `EventNotReached`, `RateLimitExceeded` or `ServerBusy`
   */
  read(after: number): { readonly body: ReadableStream<Uint8Array<ArrayBuffer>>; readonly ended: Promise<RunEnding> } {
    if (after > this.log.newest) {
      throw new ChatError("EventNotReached", `The answer has ${this.log.newest} events so far.`);
    }
    if (this.#readers.size >= this.#host.maxReaders) {
      throw new ChatError("RateLimitExceeded", "This answer has too many readers.", { retryAfterSeconds: 1 });
    }
    this.#host.takeReader();
    const { promise: ended, resolve } = Promise.withResolvers<RunEnding>();
    const body = this.#read(after, (outcome) => {
      this.#host.releaseReader();
      resolve({ outcome });
    });
    return { body, ended };
  }

  #read(after: number, onEnd: (outcome: ReaderOutcome) => void): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { clock, timeouts } = this.#host;
    const reader = new RunReader({
      log: this.log,
      after,
      clock,
      timeouts,
      onEnd: (outcome) => {
        this.#readers.delete(reader);
        this.#unreadSince = clock.now();
        onEnd(outcome);
      },
    });
    this.#readers.add(reader);
    return reader.body;
  }

  /** Ends the answer with `stop` "cancelled". A run that has ended stays as it is. */
  stop(): void {
    this.#run.stop();
  }

  /** Ends the answer with an error. */
  interrupt(error: ChatError): void {
    this.#run.interrupt(error);
  }
}
