/**
 * The resumable runs: found by their ids and keys, abandoned when nobody reads them, kept for a while after their end, and all
 * of it within a bound of memory. With Redis, runs of other processes are found as well.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { StreamClock, Timed } from "../upstream/chat_events/stream_clock.ts";
import type { OutputAllowance } from "../upstream/chat_events/output_allowance.ts";
import type { StreamTimeouts } from "../upstream/chat_event_stream.ts";
import type { ProviderStream } from "../upstream/open_chat.ts";
import { delay } from "./delay.ts";
import type { EventLog } from "./event_log.ts";
import {
  type ClaimRequest,
  IdempotencyKeys,
  type KnownClaim,
  type NewClaim,
  type SeriesAnswer,
} from "./idempotency_keys.ts";
import { MemoryEventLog } from "./memory_event_log.ts";
import type { ReadableRun } from "./readable_run.ts";
import type { RedisConnection } from "./redis/redis_connection.ts";
import { isRedisError } from "./redis/redis_error.ts";
import type { RedisEventLog } from "./redis/redis_event_log.ts";
import { SharedRuns } from "./redis/shared_runs.ts";
import { ResumableRun } from "./resumable_run.ts";
import type { Run } from "./run.ts";
import { noFreePlace, runError, runNotFound } from "./run_error.ts";
import type { ReaderHost } from "./run_readers.ts";

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

/** The latest run of a series. */
export interface LatestRun {
  readonly run: ReadableRun;
  /** What the request that began it noted for its readers. */
  readonly note: string;
}

interface Entry {
  readonly run: ResumableRun;
  readonly key: string | undefined;
  /** Its log, where other processes can read it. */
  readonly sharedLog: RedisEventLog | undefined;
  /** When it ended; undefined while it runs. */
  endedAt: number | undefined;
  /** Another process has ended it in Redis: that ending holds for all who come from now on. */
  isFenced: boolean;
}

/** How often readers are let go while the server stops. */
const BATCHES = 10;

/** The runs. In the order in which they began, which is nearly that in which they end. */
export class ResumableRuns implements Timed, ReaderHost {
  readonly clock: StreamClock;
  readonly timeouts: StreamTimeouts;
  readonly maxReaders: number;
  readonly #limits: ResumeLimits;
  readonly #keys = new IdempotencyKeys();
  readonly #shared: SharedRuns | undefined;
  readonly #entries = new Map<string, Entry>();
  #memory = 0;
  #readers = 0;

  /** @param redis shares the runs with other processes */
  constructor(limits: ResumeLimits, clock: StreamClock, timeouts: StreamTimeouts, redis?: RedisConnection) {
    this.#limits = limits;
    this.clock = clock;
    this.timeouts = timeouts;
    this.maxReaders = limits.maxReaders;
    this.#shared = redis && new SharedRuns({
      redis,
      readerHost: this,
      maxLifeMs: timeouts.maxStreamMs + limits.keepMs,
      keepMs: limits.keepMs,
      countMemory: (bytes) => this.#memory += bytes,
    });
  }

  /** The number of runs, finished ones included. */
  get size(): number {
    return this.#entries.size;
  }

  /** About the memory of all logs and of what is kept beside them, in bytes. */
  get memory(): number {
    return this.#memory + this.#keys.noteChars;
  }

  /** True where other processes can serve the runs of this one. */
  get isShared(): boolean {
    return this.#shared?.redis.isUp ?? false;
  }

  /** True where there is room for another log, perhaps after the oldest finished runs are gone. */
  hasRoom(): boolean {
    const { maxLogBytes } = this.#limits;
    this.#evict(maxLogBytes);
    return this.memory < maxLogBytes;
  }

  /**
   * Lets `run` produce into a log of its own.
   * @param owner who may read and stop it
   * @param key its idempotency key, with the key's scope
   * @param allowance the output that is reserved for it
   */
  record(run: Run, answer: ProviderStream, { owner, key, allowance }: RecordOptions): ResumableRun {
    const entry = this.#createEntry(run, owner, key);
    const { log } = entry.run;
    run.record(answer, {
      append: (events) => {
        this.#counting(log, () => log.append(events));
        if (this.#isTooLarge(log)) run.interrupt(runError("answer_too_large"));
      },
      end: () => {
        this.#counting(log, () => log.end());
        entry.endedAt = this.clock.now();
        if (key !== undefined) this.#shared?.keys.expireIn(key, this.#limits.keepMs);
      },
    }, allowance);
    return entry.run;
  }

  #createEntry(run: Run, owner: string, key: string | undefined): Entry {
    const id = crypto.randomUUID();
    const sharedLog = this.#shared?.createLog({
      id,
      owner,
      stop: () => run.stop(),
      onFenced: (kind) => {
        entry.isFenced = true;
        if (kind === "stopped") run.stop();
      },
    });
    const resumable = new ResumableRun(id, owner, sharedLog ?? new MemoryEventLog(), run, this);
    const entry: Entry = { run: resumable, key, sharedLog, endedAt: undefined, isFenced: false };
    if (this.#entries.size === 0) this.clock.add(this);
    this.#entries.set(id, entry);
    return entry;
  }

  /**
   * The run with this id, of this process or of another one.
   * @throws {ChatError} `RunNotFound` where there is none, or another owner's; `ServerBusy` where that is not known
   */
  async find(id: string, owner: string): Promise<ReadableRun> {
    await this.#entries.get(id)?.sharedLog?.confirm();
    const own = this.#own(id, owner);
    if (own !== undefined) return own;
    if (this.#shared === undefined) throw runNotFound();
    // Its log is copied here.
    if (!this.hasRoom()) throw noFreePlace();
    return await this.#shared.find(id, owner);
  }

  /** Stops the run with this id, wherever it runs. @throws {ChatError} like {@linkcode find} */
  async stop(id: string, owner: string): Promise<void> {
    const own = this.#own(id, owner);
    if (own !== undefined) return own.stop();
    if (this.#shared === undefined) throw runNotFound();
    await this.#shared.stop(id, owner);
  }

  /** Stops the run with this idempotency key, begun or not. @returns false where there is none @throws {ChatError} `ServerBusy` */
  async stopByKey(key: string): Promise<boolean> {
    if (!this.#keys.has(key)) return await this.#shared?.stopByKey(key) ?? false;
    this.#keys.stop(key);
    return true;
  }

  /**
   * The latest run of a series, which may be opening still; undefined where there is none, or it has ended. One that could
   * not begin leaves the series to the run before it.
   * @param signal aborts when the client leaves
   * @throws {ChatError} `ServerBusy` where that is not known
   * @throws the signal's reason when it aborts
   */
  async findLatest(name: string, owner: string, signal: AbortSignal): Promise<LatestRun | undefined> {
    for (const { key, note } of await this.#answersOf(name)) {
      const run = await this.#findByKey(key, owner, signal);
      if (run !== undefined) return run.hasEnded ? undefined : { run, note };
    }
    return undefined;
  }

  /** Stops the latest run of a series, begun or not. @throws {ChatError} `ServerBusy` */
  async stopLatest(name: string): Promise<void> {
    for (const { key } of await this.#answersOf(name)) if (await this.stopByKey(key)) return;
  }

  /** The answers of a series, the latest first. Other processes may have begun later ones than this. */
  async #answersOf(name: string): Promise<readonly SeriesAnswer[]> {
    return await this.#shared?.keys.answersOf(name).catch(() => undefined) ?? this.#keys.answersOf(name);
  }

  async #findByKey(key: string, owner: string, signal: AbortSignal): Promise<ReadableRun | undefined> {
    try {
      const own = this.#keys.find(key);
      // Where it could not begin, its own request has got the error.
      const id = own === undefined
        ? await this.#shared?.keys.find(key, signal)
        : await own.then((run) => run.id, () => undefined);
      return id === undefined ? undefined : await this.find(id, owner);
    } catch (error) {
      const isGone = error instanceof ChatError && error.type === "RunNotFound";
      if (isGone || isRedisError(error)) return undefined;
      throw error;
    }
  }

  /** True where an idempotency key is in use. */
  async hasKey(key: string): Promise<boolean> {
    if (this.#keys.has(key)) return true;
    const claim = await this.#shared?.keys.get(key).catch(() => undefined);
    return claim?.run !== undefined;
  }

  /**
   * Claims an idempotency key, or finds the run that has it.
   * @param owner of the run
   * @throws {ChatError} `IdempotencyKeyReused` where another request has the key, or the error of the request that has it
   */
  async claim(request: ClaimRequest, owner: string): Promise<NewClaim | KnownClaim> {
    const claim = this.#keys.claim(request);
    if (claim.type === "known") return { type: "known", run: claim.run.then(({ id }) => this.find(id, owner)) };
    if (this.#shared === undefined) return claim;
    const { keys, maxLifeMs } = this.#shared;
    const { key } = request;
    try {
      const runId = await claimShared(keys, request);
      if (runId !== undefined) {
        const run = this.find(runId, owner);
        claim.resolve(await run);
        this.#keys.delete(key);
        return { type: "known", run };
      }
    } catch (error) {
      claim.reject(error);
      throw error;
    }
    return {
      type: "new",
      resolve(run) {
        claim.resolve(run);
        keys.resolve(key, run.id, maxLifeMs);
      },
      reject(error) {
        claim.reject(error);
        keys.reject(key, error);
      },
    };
  }

  /** The run of this process with this id. @throws {ChatError} `RunNotFound` where it is another owner's */
  #own(id: string, owner: string): ResumableRun | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.isFenced) return undefined;
    if (entry.run.owner !== owner) throw runNotFound();
    return entry.run;
  }

  takeReader(): void {
    if (this.#readers >= this.#limits.maxAllReaders) throw noFreePlace();
    this.#readers++;
  }

  releaseReader(): void {
    this.#readers--;
  }

  /**
   * Lets the readers of runs that other processes can serve go, a part at a time, so that they do not all connect again at
   * once.
   * @param ms the time that it takes, in milliseconds
   */
  async letGoReaders(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#shared === undefined) return;
    for (let batches = BATCHES; batches > 0 && !signal.aborted; batches--) {
      const shared = [...this.#entries.values()].filter(({ sharedLog }) => sharedLog?.isShared);
      const readers = shared.reduce((sum, { run }) => sum + run.readers.size, this.#shared.readers);
      let left = Math.ceil(readers / batches);
      for (const { run } of shared) left -= run.readers.letGo(left);
      this.#shared.letGo(left);
      await delay(ms / BATCHES, signal);
    }
  }

  /** Resolves when other processes can read the endings of all runs, or cannot be told of them. */
  async flush(): Promise<void> {
    await this.#shared?.flush();
  }

  /** Deletes all runs. In Redis they stay. */
  async clear(): Promise<void> {
    for (const entry of this.#entries.values()) this.#delete(entry);
    await this.#shared?.stopSharing();
  }

  tick(now: number): void {
    for (const entry of this.#entries.values()) {
      const { run, endedAt } = entry;
      if (endedAt === undefined) {
        if (run.unreadMs(now) >= this.#limits.abandonMs) run.interrupt(runError("abandoned"));
      } else if (!run.isRead && now - endedAt >= this.#limits.keepMs) this.#delete(entry);
    }
  }

  /** Counts the memory that a log takes or gives back in an action. */
  #counting(log: EventLog, action: () => void): void {
    const before = log.memory;
    action();
    this.#memory += log.memory - before;
  }

  #isTooLarge({ size }: EventLog): boolean {
    const { maxAnswerBytes, maxLogBytes } = this.#limits;
    this.#evict(2 * maxLogBytes);
    return size >= maxAnswerBytes || this.memory >= 2 * maxLogBytes;
  }

  /** Deletes the oldest finished runs that nobody reads, until the logs hold less than `bytes`. */
  #evict(bytes: number): void {
    if (this.memory < bytes) return;
    for (const entry of this.#entries.values()) {
      if (this.memory < bytes) return;
      if (entry.endedAt !== undefined && !entry.run.isRead) this.#delete(entry);
    }
  }

  #delete({ run, key }: Entry): void {
    this.#entries.delete(run.id);
    this.#memory -= run.log.memory;
    this.#shared?.delete(run.id);
    if (key !== undefined) {
      this.#keys.delete(key);
      this.#shared?.keys.delete(key);
    }
    if (this.#entries.size === 0) this.clock.delete(this);
  }
}

/** Claims a key for all processes. Where Redis cannot be reached, it is claimed in this process only. */
async function claimShared(keys: SharedRuns["keys"], request: ClaimRequest): Promise<string | undefined> {
  try {
    return await keys.claim(request);
  } catch (error) {
    if (isRedisError(error)) return undefined;
    throw error;
  }
}
