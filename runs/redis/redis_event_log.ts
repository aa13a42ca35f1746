/**
 * The log of a run that other processes can read. It lies in this process's memory, where local readers find it, and is
 * copied to a Redis stream: an entry for all events of a tenth of a second. No reader here waits for Redis.
 *
 * An entry's id is the number of its last event, so Redis refuses a repeated entry. The terminal entry has the highest id, so
 * Redis refuses a second ending, and everything that a process writes too late.
 * @module
 */
import type { StreamClock, Timed } from "../../upstream/chat_events/stream_clock.ts";
import type { EventLog, LogCursor } from "../event_log.ts";
import { MemoryEventLog } from "../memory_event_log.ts";
import { endsRun, type EntryKind, parseEntries } from "./log_entry.ts";
import { BEAT_MS, type RedisConnection } from "./redis_connection.ts";
import { RedisReplyError } from "./redis_error.ts";
import { eventsKey, runChannel, runKey, TERMINAL_ID } from "./redis_keys.ts";

/** So many unsent bytes are sent at once. */
const FLUSH_BYTES = 4096;
/** The largest entry, besides one event. */
const MAX_ENTRY_BYTES = 256 * 1024;
/** How often one flush asks Redis what it has. More in a row are no use. */
const MAX_COMPARISONS = 3;

/** Creates a stream, and the hash beside it, with a first entry. */
const CREATE = `
redis.call('HSET', KEYS[2], 'owner', ARGV[4], 'process', ARGV[5])
local id = redis.call('XADD', KEYS[1], ARGV[1], ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('PEXPIRE', KEYS[2], ARGV[6])
return id`;

/** Appends an entry and publishes it, both or neither. False: the stream does not exist. */
const APPEND_AND_PUBLISH = `
local id = redis.call('XADD', KEYS[1], 'NOMKSTREAM', ARGV[1], ARGV[2], ARGV[3])
if id then redis.call('PUBLISH', ARGV[4], ARGV[2] .. '\\n' .. ARGV[3]) end
return id`;

/** What the logs of a process share. */
export interface RedisLogHost {
  readonly redis: RedisConnection;
  /** Calls logs with unsent events, ten times a second. */
  readonly flushClock: StreamClock;
  /** The id of this process. */
  readonly processId: string;
  /** The longest life of a run that is not finished, in milliseconds. */
  readonly maxLifeMs: number;
  /** How long a finished run can be read, in milliseconds. */
  readonly keepMs: number;
  /** True where other processes take this one for alive, and so leave its runs alone. */
  readonly hasLease: boolean;
}

/** One log. */
export interface RedisLogOptions {
  readonly runId: string;
  /** Who may read the run. */
  readonly owner: string;
  /** Called once where another process has ended the run in Redis. */
  readonly onFenced: (kind: EntryKind) => void;
}

/** A log in memory, copied to Redis. */
export class RedisEventLog implements EventLog, Timed {
  readonly #memory = new MemoryEventLog();
  readonly #host: RedisLogHost;
  readonly #options: RedisLogOptions;
  /** The newest event that Redis has, as far as this process knows. */
  #sent = 0;
  #unsentBytes = 0;
  /** False where a command has failed, or Redis may have lost something: then it must be asked what it has. */
  #isInStep = true;
  /** Redis has the terminal entry. */
  #isClosed = false;
  #isFenced = false;
  #isFlushing = false;
  /** When Redis is tried again after a failure. */
  #retryAt = 0;
  #followedUntil = -Infinity;
  #waiting: (() => void)[] = [];

  constructor(host: RedisLogHost, options: RedisLogOptions) {
    this.#host = host;
    this.#options = options;
  }

  get newest(): number {
    return this.#memory.newest;
  }

  get size(): number {
    return this.#memory.size;
  }

  get memory(): number {
    return this.#memory.memory;
  }

  get hasEnded(): boolean {
    return this.#memory.hasEnded;
  }

  get followedUntil(): number {
    return this.#followedUntil;
  }

  /** True where Redis has everything that there is, so that other processes can serve it. */
  get isShared(): boolean {
    return this.#isClosed || (this.#isInStep && this.#sent > 0 && this.#host.redis.isUp);
  }

  append(events: Uint8Array): void {
    this.#memory.append(events);
    this.#unsentBytes += events.length;
    if (this.#sent === 0 || this.#unsentBytes >= FLUSH_BYTES) void this.#flush();
    if (this.#hasUnsent && this.#host.redis.isUp) this.#host.flushClock.add(this);
  }

  end(): void {
    this.#memory.end();
    void this.#flush();
  }

  seek(event: number): LogCursor {
    return this.#memory.seek(event);
  }

  watch(wake: () => void): () => void {
    return this.#memory.watch(wake);
  }

  /** Publishes what comes, until `until`. What has been sent before is not published: the follower reads it. */
  follow(until: number): void {
    const isNew = this.#followedUntil < performance.now();
    this.#followedUntil = until;
    const { redis } = this.#host;
    // What was sent since the follower read the stream has not been published. This makes it read again.
    if (isNew) redis.send(["PUBLISH", runChannel(redis.prefix, this.#options.runId), "events\n"]).catch(() => {});
  }

  /** Compares with what Redis has, and sends what is missing. Call it when the connection has come up. */
  resume(): void {
    if (this.#isFenced) return;
    this.#isInStep = false;
    this.#isClosed = false;
    this.#retryAt = 0;
    void this.#flush();
  }

  /** Tries again after a failure. */
  retry(): void {
    if (!this.#isInStep) this.resume();
  }

  /** Ends the copying. */
  detach(): void {
    this.#isClosed = true;
    this.#isFenced = true;
    this.#host.flushClock.delete(this);
  }

  /**
   * Resolves when it is known whether another process has ended the run, or Redis cannot be asked. Others end only runs of
   * processes without a lease, and the run's own ending holds once Redis has it.
   */
  async confirm(): Promise<void> {
    const { hasLease } = this.#host;
    if (this.#isClosed || (hasLease && !this.hasEnded)) return;
    if (!hasLease) this.#isInStep = false;
    await this.flush();
  }

  /** Resolves when everything has been sent, or cannot be sent at the moment. */
  async flush(): Promise<void> {
    const flushed = new Promise<void>((resolve) => this.#waiting.push(resolve));
    void this.#flush();
    await flushed;
  }

  tick(): void {
    void this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    try {
      await this.#send();
      if (this.#hasUnsent && this.#host.redis.isUp) this.#host.flushClock.add(this);
      else this.#host.flushClock.delete(this);
    } catch (error) {
      this.#host.flushClock.delete(this);
      this.#isInStep = false;
      this.#retryAt = performance.now() + BEAT_MS;
      if (error instanceof RedisReplyError && !error.refusesWrites) console.error(error);
    } finally {
      this.#isFlushing = false;
      this.#waiting.splice(0).forEach((resolve) => resolve());
    }
  }

  /** Sends what must not wait: one entry, more where a run has ended or much has gathered. */
  async #send(): Promise<void> {
    if (performance.now() < this.#retryAt) return;
    let compared = 0;
    do {
      if (!this.#hasUnsent || !this.#host.redis.isUp) return;
      if (this.#isInStep) await this.#sendEntry();
      else if (++compared > MAX_COMPARISONS) return;
      else await this.#compare();
    } while (!this.#isInStep || this.hasEnded || this.#waiting.length > 0 || this.#unsentBytes >= FLUSH_BYTES);
  }

  /** Events are missing in Redis, or it must be asked. */
  get #hasUnsent(): boolean {
    return !this.#isClosed && (this.#sent < this.#memory.newest || !this.#isInStep);
  }

  async #sendEntry(): Promise<void> {
    const last = this.#memory.lastWithin(this.#sent, MAX_ENTRY_BYTES);
    const events = this.#memory.slice(this.#sent, last);
    const isEnd = endsRun(events);
    this.#unsentBytes = 0;
    try {
      const id = isEnd ? TERMINAL_ID : `${last}-0`;
      const [reply] = await Promise.all([
        this.#sent === 0 ? this.#create(id, events) : this.#append(id, events),
        ...(isEnd ? this.#expire(this.#host.keepMs) : []),
      ]);
      this.#isInStep = reply !== null;
    } catch (error) {
      // Equal or smaller: the entry is there already, or another process has ended the run.
      if (!(error instanceof RedisReplyError && error.code === "ERR")) throw error;
      this.#isInStep = false;
    }
    if (!this.#isInStep) return;
    this.#sent = last;
    this.#isClosed = isEnd;
  }

  #create(id: string, events: Uint8Array): Promise<unknown> {
    const { redis, processId, maxLifeMs } = this.#host;
    const { runId, owner } = this.#options;
    const keys = [eventsKey(redis.prefix, runId), runKey(redis.prefix, runId)];
    return redis.send(["EVAL", CREATE, "2", ...keys, id, kindOf(id), events, owner, processId, String(maxLifeMs)]);
  }

  #append(id: string, events: Uint8Array): Promise<unknown> {
    const { redis } = this.#host;
    const { runId } = this.#options;
    const key = eventsKey(redis.prefix, runId);
    if (this.#followedUntil < performance.now()) {
      return redis.send(["XADD", key, "NOMKSTREAM", id, kindOf(id), events]);
    }
    const channel = runChannel(redis.prefix, runId);
    return redis.send(["EVAL", APPEND_AND_PUBLISH, "1", key, id, kindOf(id), events, channel]);
  }

  #expire(ms: number): Promise<unknown>[] {
    const { redis } = this.#host;
    const { runId } = this.#options;
    return [eventsKey(redis.prefix, runId), runKey(redis.prefix, runId)].map((key) =>
      redis.send(["PEXPIRE", key, String(ms)])
    );
  }

  /** Learns what Redis has of this run. */
  async #compare(): Promise<void> {
    const { redis } = this.#host;
    const reply = await redis.sendForBytes([
      ...["XREVRANGE", eventsKey(redis.prefix, this.#options.runId), "+", "-", "COUNT", "1"],
    ]);
    const [newest] = parseEntries(reply);
    this.#isInStep = true;
    this.#isClosed = newest?.id === TERMINAL_ID;
    // A Redis that has come back empty gets the whole log.
    this.#sent = newest === undefined ? 0 : this.#isClosed ? this.#memory.newest : Number.parseInt(newest.id);
    if (!this.#isClosed || newest!.kind === "end" || this.#isFenced) return;
    this.#isFenced = true;
    this.#options.onFenced(newest!.kind);
  }
}

function kindOf(id: string): EntryKind {
  return id === TERMINAL_ID ? "end" : "events";
}
