/**
 * The resumable runs of this process: found by their ids and keys, abandoned when nobody reads them, kept for a while after
 * their end, and all of it within a bound of memory.
 * @module
 */
import type { StreamClock, Timed } from "../upstream/chat_events/stream_clock.ts";
import type { OutputAllowance } from "../upstream/chat_events/output_allowance.ts";
import type { StreamTimeouts } from "../upstream/chat_event_stream.ts";
import type { ProviderStream } from "../upstream/open_chat.ts";
import { IdempotencyKeys } from "./idempotency_keys.ts";
import { MemoryEventLog } from "./memory_event_log.ts";
import { ResumableRun, type ResumableRunHost } from "./resumable_run.ts";
import type { Run } from "./run.ts";
import { noFreePlace, runError, runNotFound } from "./run_error.ts";

/** The limits of resumable runs. */
export interface ResumeLimits {
  /** How long a run goes on without a reader, in milliseconds. */
  readonly abandonMs: number;
  /** How long a finished run can be read, in milliseconds. */
  readonly keepMs: number;
  /** The largest log of one run. */
  readonly maxAnswerBytes: number;
  /** The logs of all runs together, beyond which no new run is resumable. No log grows beyond twice as much. */
  readonly maxLogBytes: number;
  /** The most readers of one run. */
  readonly maxReaders: number;
  /** The most readers of all runs. */
  readonly maxAllReaders: number;
}

/** The limits where none are set. */
export const DEFAULT_RESUME_LIMITS: ResumeLimits = {
  abandonMs: 60_000,
  keepMs: 10 * 60_000,
  maxAnswerBytes: 8 * 1024 * 1024,
  maxLogBytes: 64 * 1024 * 1024,
  maxReaders: 16,
  maxAllReaders: 1000,
};

/** What a run is recorded with. */
export interface RecordOptions {
  readonly owner: string;
  readonly key: string | undefined;
  readonly allowance: OutputAllowance | undefined;
}

interface Entry {
  readonly run: ResumableRun;
  readonly key: string | undefined;
  /** When it ended; undefined while it runs. */
  endedAt: number | undefined;
}

/** The runs. In the order in which they began, which is nearly that in which they end. */
export class ResumableRuns implements Timed, ResumableRunHost {
  readonly keys = new IdempotencyKeys();
  readonly clock: StreamClock;
  readonly timeouts: StreamTimeouts;
  readonly maxReaders: number;
  readonly #limits: ResumeLimits;
  readonly #entries = new Map<string, Entry>();
  #memory = 0;
  #readers = 0;

  constructor(limits: ResumeLimits, clock: StreamClock, timeouts: StreamTimeouts) {
    this.#limits = limits;
    this.clock = clock;
    this.timeouts = timeouts;
    this.maxReaders = limits.maxReaders;
  }

  /** The number of runs, finished ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** The memory of all logs, in bytes. */
  get memory(): number {
    return this.#memory;
  }

  /** True where there is room for another log, perhaps after the oldest finished runs are gone. */
  hasRoom(): boolean {
    const { maxLogBytes } = this.#limits;
    this.#evict(maxLogBytes);
    return this.#memory < maxLogBytes;
  }

  /**
   * Lets `run` produce into a log of its own.
   * @param owner who may read and stop it
   * @param key its idempotency key, with the key's scope
   * @param allowance the output that is reserved for it
   */
  record(run: Run, answer: ProviderStream, { owner, key, allowance }: RecordOptions): ResumableRun {
    const log = new MemoryEventLog();
    const resumable = new ResumableRun(crypto.randomUUID(), owner, log, run, this);
    const entry: Entry = { run: resumable, key, endedAt: undefined };
    if (this.#entries.size === 0) this.clock.add(this);
    this.#entries.set(resumable.id, entry);
    run.record(answer, {
      append: (events) => {
        const before = log.memory;
        log.append(events);
        this.#memory += log.memory - before;
        if (this.#isTooLarge(log)) run.interrupt(runError("answer_too_large"));
      },
      end: () => {
        const before = log.memory;
        log.end();
        this.#memory += log.memory - before;
        entry.endedAt = this.clock.now();
      },
    }, allowance);
    return resumable;
  }

  /** The run with this id. @throws {ChatError} `RunNotFound` where there is none, or another owner's */
  find(id: string, owner: string): ResumableRun {
    const run = this.#entries.get(id)?.run;
    if (run === undefined || run.owner !== owner) throw runNotFound();
    return run;
  }

  takeReader(): void {
    if (this.#readers >= this.#limits.maxAllReaders) throw noFreePlace();
    this.#readers++;
  }

  releaseReader(): void {
    this.#readers--;
  }

  /** Deletes all runs. */
  clear(): void {
    for (const entry of this.#entries.values()) this.#delete(entry);
  }

  tick(now: number): void {
    for (const entry of this.#entries.values()) {
      const { run, endedAt } = entry;
      if (endedAt === undefined) {
        if (run.unreadMs(now) >= this.#limits.abandonMs) run.interrupt(runError("abandoned"));
      } else if (!run.isRead && now - endedAt >= this.#limits.keepMs) this.#delete(entry);
    }
  }

  #isTooLarge({ size }: MemoryEventLog): boolean {
    const { maxAnswerBytes, maxLogBytes } = this.#limits;
    this.#evict(2 * maxLogBytes);
    return size >= maxAnswerBytes || this.#memory >= 2 * maxLogBytes;
  }

  /** Deletes the oldest finished runs that nobody reads, until the logs hold less than `bytes`. */
  #evict(bytes: number): void {
    if (this.#memory < bytes) return;
    for (const entry of this.#entries.values()) {
      if (this.#memory < bytes) return;
      if (entry.endedAt !== undefined && !entry.run.isRead) this.#delete(entry);
    }
  }

  #delete({ run, key }: Entry): void {
    this.#entries.delete(run.id);
    this.#memory -= run.log.memory;
    if (key !== undefined) this.keys.delete(key);
    if (this.#entries.size === 0) this.clock.delete(this);
  }
}
