/**
 * The runs that processes share through Redis: this process's own ones, whose logs it copies there, and those of others, which
 * it finds, follows and stops. Each process has a lease, which it renews, and a channel for the requests of others.
 * @module
 */
import { StreamClock } from "../../upstream/chat_events/stream_clock.ts";
import type { ReadableRun } from "../readable_run.ts";
import { runNotFound, runsOutOfReach } from "../run_error.ts";
import type { ReaderHost } from "../run_readers.ts";
import type { EntryKind } from "./log_entry.ts";
import { isRedisError } from "./redis_error.ts";
import type { RedisConnection } from "./redis_connection.ts";
import { RedisEventLog, type RedisLogHost } from "./redis_event_log.ts";
import { RedisIdempotencyKeys } from "./redis_idempotency_keys.ts";
import { eventsKey, LEASE_MS, leaseKey, processChannel, runKey, TERMINAL_ID } from "./redis_keys.ts";
import { CHECK_MS, FOLLOW_MS, RemoteRun, type RemoteRunHost } from "./remote_run.ts";
import { endRun } from "./run_ending.ts";

/** How often logs with unsent events are flushed, in milliseconds. */
const FLUSH_MS = 100;
/** How long a producer may take to stop a run. Then the process that was asked ends it. In milliseconds. */
const STOP_MS = 1000;
const STOP_POLL_MS = 50;
/** Ids that this server makes. Nothing else becomes a key. */
const RUN_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** What the runs of a process are shared with. */
export interface SharedRunsOptions {
  readonly redis: RedisConnection;
  readonly readerHost: ReaderHost;
  /** The longest life of a run that is not finished, in milliseconds. */
  readonly maxLifeMs: number;
  /** How long a finished run can be read, in milliseconds. */
  readonly keepMs: number;
  /** Counts the memory of copies. @param bytes negative where it is given back */
  countMemory(bytes: number): void;
}

/** A run that this process produces. */
export interface OwnRun {
  readonly id: string;
  readonly owner: string;
  stop(): void;
  /** Another process has ended it in Redis. */
  onFenced(kind: EntryKind): void;
}

/** The shared runs. */
export class SharedRuns implements RedisLogHost, RemoteRunHost {
  readonly redis: RedisConnection;
  readonly processId = crypto.randomUUID();
  readonly flushClock = new StreamClock(FLUSH_MS);
  readonly keys: RedisIdempotencyKeys;
  readonly readerHost: ReaderHost;
  readonly maxLifeMs: number;
  readonly keepMs: number;
  readonly countMemory: (bytes: number) => void;
  readonly #checkClock = new StreamClock(CHECK_MS);
  readonly #own = new Map<string, { readonly log: RedisEventLog; readonly run: OwnRun }>();
  readonly #remote = new Map<string, RemoteRun>();
  #leaseEndsAt = -Infinity;

  constructor({ redis, readerHost, maxLifeMs, keepMs, countMemory }: SharedRunsOptions) {
    this.redis = redis;
    this.readerHost = readerHost;
    this.maxLifeMs = maxLifeMs;
    this.keepMs = keepMs;
    this.countMemory = countMemory;
    this.keys = new RedisIdempotencyKeys(redis, this.processId, maxLifeMs);
    const channel = processChannel(redis.prefix, this.processId);
    redis.subscribe(channel, (message) => this.#receive(new TextDecoder().decode(message))).catch(() => {});
    redis.onBeat((isFirst) => this.#beat(isFirst));
  }

  get hasLease(): boolean {
    return performance.now() < this.#leaseEndsAt;
  }

  /** Makes the log of a run of this process. */
  createLog(run: OwnRun): RedisEventLog {
    const log = new RedisEventLog(this, {
      runId: run.id,
      owner: run.owner,
      onFenced: (kind) => run.onFenced(kind),
    });
    this.#own.set(run.id, { log, run });
    return log;
  }

  /** Forgets a run of this process. Redis forgets it by itself. */
  delete(runId: string): void {
    this.#own.get(runId)?.log.detach();
    this.#own.delete(runId);
  }

  /**
   * Finds a run of another process.
   * @throws {ChatError} `RunNotFound` where there is none, or another owner's; `ServerBusy` where that is not known
   */
  async find(id: string, owner: string): Promise<ReadableRun> {
    return await reaching(async () => {
      const run = this.#remote.get(id) ?? await this.#openRemote(id);
      if (run.owner !== owner) throw runNotFound();
      await run.opened;
      return run;
    });
  }

  /**
   * Stops a run of another process: asks that process, and ends the run where it has not done so in time.
   * @param owner undefined for whoever has its key
   * @throws {ChatError} `RunNotFound` or `ServerBusy`
   */
  async stop(id: string, owner?: string): Promise<void> {
    await reaching(async () => {
      const known = await this.#describe(id);
      if (owner !== undefined && known.owner !== owner) throw runNotFound();
      await this.redis.send(["PUBLISH", processChannel(this.redis.prefix, known.processId), `stop ${id}`]);
      for (let waited = 0; waited < STOP_MS; waited += STOP_POLL_MS) {
        if (await this.#hasEnded(id)) return;
        await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
      }
      await endRun(this.redis, id, "stopped", this.keepMs);
    });
  }

  /**
   * Stops the run with this idempotency key, also before it has begun.
   * @returns false where there is none, or it could not begin
   * @throws {ChatError} `ServerBusy`
   */
  async stopByKey(key: string): Promise<boolean> {
    return await reaching(async () => {
      const claim = await this.keys.get(key);
      if (claim === undefined || claim.error !== undefined) return false;
      if (claim.run !== undefined) {
        await this.stop(claim.run);
        return true;
      }
      const channel = processChannel(this.redis.prefix, claim.process);
      await this.redis.send(["PUBLISH", channel, `stop-key ${this.keys.nameOf(key)}`]);
      return true;
    });
  }

  /** Forgets a remote run that nobody reads. */
  close(run: RemoteRun): void {
    if (this.#remote.get(run.id) !== run) return;
    this.#remote.delete(run.id);
    this.#checkClock.delete(run);
    this.countMemory(-run.memory);
  }

  /** Lets up to `count` readers of remote runs go. @returns how many have left */
  letGo(count: number): number {
    let left = 0;
    for (const { readers } of this.#remote.values()) left += readers.letGo(count - left);
    return left;
  }

  /** The number of readers of remote runs. */
  get readers(): number {
    return [...this.#remote.values()].reduce((sum, { readers }) => sum + readers.size, 0);
  }

  /** Resolves when Redis has all events, or cannot take them. */
  async flush(): Promise<void> {
    await Promise.all(Array.from(this.#own.values(), ({ log }) => log.flush()));
  }

  /** Ends all subscriptions and gives the lease back. */
  async stopSharing(): Promise<void> {
    for (const run of [...this.#remote.values()]) run.close();
    if (this.redis.isUp) await this.redis.send(["DEL", leaseKey(this.redis.prefix, this.processId)]).catch(() => {});
  }

  async #openRemote(id: string): Promise<RemoteRun> {
    const described = await this.#describe(id);
    // Another request may have opened it in the meantime.
    const known = this.#remote.get(id);
    if (known !== undefined) return known;
    const run = new RemoteRun(this, described);
    this.#remote.set(id, run);
    this.#checkClock.add(run);
    return run;
  }

  async #describe(id: string) {
    if (!RUN_ID.test(id)) throw runNotFound();
    const reply = await this.redis.send(["HMGET", runKey(this.redis.prefix, id), "owner", "process"]);
    const [owner, processId] = reply as (string | null)[];
    if (typeof owner !== "string" || typeof processId !== "string") throw runNotFound();
    return { id, owner, processId };
  }

  async #hasEnded(id: string): Promise<boolean> {
    const key = eventsKey(this.redis.prefix, id);
    const reply = await this.redis.send(["XREVRANGE", key, "+", "-", "COUNT", "1"]) as [id: string][];
    return reply[0]?.[0] === TERMINAL_ID;
  }

  /** Carries out the request of another process. */
  #receive(request: string): void {
    const [action, id = ""] = request.split(" ");
    if (action === "follow") this.#own.get(id)?.log.follow(performance.now() + FOLLOW_MS);
    else if (action === "stop") this.#own.get(id)?.run.stop();
    else if (action === "stop-key") this.keys.stop(id);
  }

  /** Renews the lease. Without one, others may have ended this process's runs. */
  #beat(isFirst: boolean): void {
    const mayBeBehind = isFirst || !this.hasLease;
    this.keys.renew(mayBeBehind);
    for (const { log } of this.#own.values()) mayBeBehind ? log.resume() : log.retry();
    const sentAt = performance.now();
    this.redis.send(["SET", leaseKey(this.redis.prefix, this.processId), "", "PX", String(LEASE_MS)])
      .then(() => this.#leaseEndsAt = sentAt + LEASE_MS, () => {});
  }
}

/** @throws {ChatError} `ServerBusy` instead of the errors of Redis */
async function reaching<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (isRedisError(error)) throw runsOutOfReach();
    throw error;
  }
}
