/**
 * The runs of this process: how many there may be, their clock, and the stop that lets them end.
 * @module
 */
import { StreamClock } from "../upstream/chat_events/stream_clock.ts";
import type { StreamTimeouts } from "../upstream/openai_to_chat_events.ts";
import type { RedisConnection } from "./redis/redis_connection.ts";
import { DEFAULT_RESUME_LIMITS, ResumableRuns, type ResumeLimits } from "./resumable_runs.ts";
import { Run, type RunHost } from "./run.ts";
import { noFreePlace, shuttingDown } from "./run_error.ts";

/** The limits of runs. */
export interface RunLimits {
  /** The most runs at once. */
  readonly maxRuns: number;
  readonly timeouts: StreamTimeouts;
  /** The limits of resumable runs. */
  readonly resume?: ResumeLimits;
}

/** What a registry works with. */
export interface RunRegistryOptions {
  /** By default one that checks four times within the shortest deadline. */
  readonly clock?: StreamClock;
  /** Shares resumable runs with other processes. */
  readonly redis?: RedisConnection | undefined;
}

/** The set of runs. */
export class RunRegistry implements RunHost {
  /** Checks the deadlines of all runs. */
  readonly clock: StreamClock;
  readonly timeouts: StreamTimeouts;
  /** The runs that outlive their connections. */
  readonly resumable: ResumableRuns;
  /** The most runs at once. */
  readonly maxRuns: number;
  readonly #runs = new Set<Run>();
  readonly #redis: RedisConnection | undefined;
  #isDraining = false;
  #onEmpty: (() => void) | undefined;

  constructor(
    { maxRuns, timeouts, resume = DEFAULT_RESUME_LIMITS }: RunLimits,
    { clock = new StreamClock(tickMs(timeouts)), redis }: RunRegistryOptions = {},
  ) {
    this.clock = clock;
    this.timeouts = timeouts;
    this.resumable = new ResumableRuns(resume, clock, timeouts, redis);
    this.#redis = redis;
    this.maxRuns = maxRuns;
  }

  /** The number of runs. */
  get size(): number {
    return this.#runs.size;
  }

  /** Why runs cannot be shared at the moment; "" where they can, undefined where they are not to be. */
  get redisProblem(): string | undefined {
    return this.#redis && (this.#redis.problem ?? "");
  }

  /** True once {@linkcode drain} was called. */
  get isDraining(): boolean {
    return this.#isDraining;
  }

  /**
   * Starts a run, before anything is read or opened for it.
   * @param client aborts when the client leaves
   * @throws {ChatError} `ServerBusy` when there is no place, or the server is stopping
   */
  start(client: AbortSignal): Run {
    if (this.#isDraining) throw shuttingDown();
    if (this.#runs.size >= this.maxRuns) throw noFreePlace();
    const run = new Run(this, client);
    this.#runs.add(run);
    return run;
  }

  /** Removes a run that has ended. */
  delete(run: Run): void {
    this.#runs.delete(run);
    if (this.#runs.size === 0) this.#onEmpty?.();
  }

  /**
   * Refuses new runs and waits until the running ones have ended. After `graceMs` milliseconds it interrupts them. Readers that
   * other processes can serve are let go within half of that time.
   */
  async drain(graceMs: number): Promise<void> {
    this.#isDraining = true;
    const ended = new AbortController();
    const lettingGo = this.resumable.letGoReaders(graceMs / 2, ended.signal);
    await this.#allEnded(graceMs);
    ended.abort();
    await lettingGo;
    await this.resumable.flush();
    await this.resumable.clear();
  }

  async #allEnded(graceMs: number): Promise<void> {
    if (this.size === 0) return;
    const empty = new Promise<void>((resolve) => this.#onEmpty = resolve);
    const deadline = setTimeout(() => this.interrupt(), graceMs);
    await empty;
    clearTimeout(deadline);
  }

  /** Ends all runs now, each with an error, or properly where its answer is complete. */
  interrupt(): void {
    for (const run of [...this.#runs]) run.interrupt(shuttingDown());
  }
}

/** How often deadlines are checked, in milliseconds: at least once a second. */
function tickMs(timeouts: StreamTimeouts): number {
  return Math.max(10, Math.min(1000, ...Object.values(timeouts).map((timeout) => timeout / 4)));
}
