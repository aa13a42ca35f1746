/**
 * A run that outlives its connection: its log, its owner and its readers. It goes on while anybody may come back, and can be
 * read for a while after its end.
 * @module
 */
import type { ChatError } from "../protocol/chat_error.ts";
import type { Recode } from "../upstream/chat_event_stream.ts";
import type { EventLog } from "./event_log.ts";
import type { ReadableRun } from "./readable_run.ts";
import type { Run } from "./run.ts";
import { type ReaderHost, RunReaders, type StartedReader } from "./run_readers.ts";

/** One resumable run of this process. */
export class ResumableRun implements ReadableRun {
  /** The capability to read and stop the run, where no token says whose it is. */
  readonly id: string;
  /** Who may read and stop it: a token's visitor, or everybody with the id. */
  readonly owner: string;
  readonly log: EventLog;
  readonly readers: RunReaders;
  readonly #run: Run;

  constructor(id: string, owner: string, log: EventLog, run: Run, host: ReaderHost) {
    this.id = id;
    this.owner = owner;
    this.log = log;
    this.readers = new RunReaders(log, host);
    this.#run = run;
  }

  /** True while somebody in this process reads it. */
  get isRead(): boolean {
    return this.readers.size > 0;
  }

  get hasEnded(): boolean {
    return this.log.hasEnded;
  }

  /** How long nobody has read it, in milliseconds. */
  unreadMs(now: number): number {
    return Math.min(this.readers.unreadMs(now), Math.max(0, performance.now() - this.log.followedUntil));
  }

  async reach(): Promise<void> {}

  isReadUpTo(after: number): boolean {
    return this.log.hasEnded && after === this.log.newest;
  }

  read(after: number, recode?: Recode): StartedReader {
    return this.readers.start(after, recode);
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
