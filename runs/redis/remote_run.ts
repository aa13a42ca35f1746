/**
 * A run that another process produces: one subscription and one copy of the log for all readers of this process.
 *
 * It first subscribes, then reads the stream, then follows the channel. Event numbers show what a message repeats and what is
 * missing; what is missing is read from the stream. Where the producer is gone, this ends the run.
 * @module
 */
import { ChatError } from "../../protocol/chat_error.ts";
import { formatChatEvent } from "../../protocol/chat_event.ts";
import type { Recode } from "../../upstream/chat_event_stream.ts";
import type { Timed } from "../../upstream/chat_events/stream_clock.ts";
import type { ReadableRun } from "../readable_run.ts";
import { type ReaderHost, RunReaders, type StartedReader } from "../run_readers.ts";
import { parseEntries, parseMessage } from "./log_entry.ts";
import { BEAT_MS, type RedisConnection } from "./redis_connection.ts";
import { RedisReplyError, RedisUnavailableError } from "./redis_error.ts";
import { eventsKey, LEASE_MS, leaseKey, processChannel, runChannel } from "./redis_keys.ts";
import { RemoteLog } from "./remote_log.ts";
import { endRun, FOREIGN_ENDINGS } from "./run_ending.ts";

/** How often a run is checked, in milliseconds: for missed messages, and for a producer that is gone. */
export const CHECK_MS = 1000;
/** How long a request to publish holds, in milliseconds. It is repeated in time. */
export const FOLLOW_MS = 15_000;
const REPEAT_FOLLOW_MS = 4000;
/** How long a reader waits for events that the producer has sent to others, in milliseconds. */
const REACH_MS = 1500;
/** The entries of one reply. */
const ENTRIES_AT_ONCE = "32";

/** The process of a remote run. */
export interface RemoteRunHost {
  readonly redis: RedisConnection;
  readonly readerHost: ReaderHost;
  /** How long a finished run can be read, in milliseconds. */
  readonly keepMs: number;
  /** Counts memory that a copy takes or gives back. @param bytes negative where it is given back */
  countMemory(bytes: number): void;
  /** Forgets a run that nobody reads any more. */
  close(run: RemoteRun): void;
}

/** Which run it is. */
export interface RemoteRunDescription {
  readonly id: string;
  readonly owner: string;
  /** The process that produces it. */
  readonly processId: string;
}

/** A run of another process. */
export class RemoteRun implements ReadableRun, Timed {
  readonly id: string;
  readonly owner: string;
  /** Resolves when the log is here as far as Redis has it. Everybody waits for it before reading. */
  readonly opened: Promise<void>;
  readonly readers: RunReaders;
  readonly #log = new RemoteLog();
  readonly #host: RemoteRunHost;
  readonly #processId: string;
  #isOpening = true;
  #isClosed = false;
  #waiting = 0;
  #catchingUp: Promise<void> | undefined;
  /** A message has come that did not fit: the stream must be read. */
  #isBehind = false;
  #hasHeard = false;
  #isChecking = false;
  #followedAt = -Infinity;
  /** Since when Redis has had no such stream. */
  #missingSince: number | undefined;

  constructor(host: RemoteRunHost, { id, owner, processId }: RemoteRunDescription) {
    this.id = id;
    this.owner = owner;
    this.#host = host;
    this.#processId = processId;
    this.readers = new RunReaders(this.#log.events, host.readerHost);
    this.opened = this.#open();
    // Everybody who reads it waits for it. Nobody may.
    this.opened.catch(() => {});
  }

  /** True where it has ended. */
  get hasEnded(): boolean {
    return this.#log.events.hasEnded;
  }

  /** The memory of the copy, in bytes. */
  get memory(): number {
    return this.#log.events.memory;
  }

  isReadUpTo(after: number): boolean {
    return this.hasEnded && after === this.#log.events.newest && !this.#log.isLost;
  }

  read(after: number, recode?: Recode): StartedReader {
    // The client may have events that Redis never got.
    if (this.#log.isLost && after >= this.#log.events.newest) {
      throw new ChatError("EventsGone", "The server that produced the answer is gone, and events with it.");
    }
    return this.readers.start(after, recode);
  }

  async reach(after: number): Promise<void> {
    const { events } = this.#log;
    if (after <= events.newest || events.hasEnded) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, REACH_MS);
    const unwatch = events.watch(() => (after <= events.newest || events.hasEnded) && resolve());
    this.#waiting++;
    await promise;
    this.#waiting--;
    clearTimeout(timer);
    unwatch();
  }

  tick(): void {
    if (this.#isOpening || this.#isChecking) return;
    if (this.readers.size === 0 && this.#waiting === 0) return this.close();
    this.#isChecking = true;
    this.#check()
      .catch((error) => error instanceof RedisUnavailableError || console.error(error))
      .finally(() => this.#isChecking = false);
  }

  /** Ends the subscription and forgets the run. Its readers are let go. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host.redis.unsubscribe(this.#channel);
    this.#host.close(this);
    this.readers.letGo();
  }

  get #channel(): string {
    return runChannel(this.#host.redis.prefix, this.id);
  }

  async #open(): Promise<void> {
    try {
      await this.#host.redis.subscribe(this.#channel, (message) => this.#receive(message));
      this.#follow();
      await this.#catchUp();
    } catch (error) {
      this.close();
      throw error;
    } finally {
      this.#isOpening = false;
    }
  }

  /** Asks the producer to publish what comes. */
  #follow(): void {
    const { redis } = this.#host;
    this.#followedAt = performance.now();
    redis.send(["PUBLISH", processChannel(redis.prefix, this.#processId), `follow ${this.id}`]).catch(() => {});
  }

  #receive(message: Uint8Array<ArrayBuffer>): void {
    if (this.#isClosed) return;
    this.#hasHeard = true;
    if (this.#add(() => this.#log.add(parseMessage(message)))) return;
    this.#isBehind = true;
    this.#catchUp().catch(() => {});
  }

  /** Reads from the stream what is not here yet. */
  #catchUp(): Promise<void> {
    return this.#catchingUp ??= this.#readStream().finally(() => this.#catchingUp = undefined);
  }

  async #readStream(): Promise<void> {
    const { redis } = this.#host;
    const key = eventsKey(redis.prefix, this.id);
    for (let hasMore = true; (hasMore || this.#isBehind) && !this.hasEnded && !this.#isClosed;) {
      this.#isBehind = false;
      const start = `${this.#log.events.newest + 1}-0`;
      const entries = parseEntries(await redis.sendForBytes(["XRANGE", key, start, "+", "COUNT", ENTRIES_AT_ONCE]));
      hasMore = entries.length === Number(ENTRIES_AT_ONCE);
      for (const entry of entries) {
        // The stream has lost entries, and its producer will write them again.
        if (!this.#add(() => this.#log.add(entry))) return;
      }
    }
  }

  #add(add: () => boolean): boolean {
    const before = this.memory;
    const fits = add();
    this.#host.countMemory(this.memory - before);
    return fits;
  }

  async #check(): Promise<void> {
    const { redis } = this.#host;
    if (this.hasEnded) return;
    // Elsewhere the client may find the run.
    if (!redis.isUp) return redis.unchangedMs > BEAT_MS ? this.close() : undefined;
    if (performance.now() - this.#followedAt > REPEAT_FOLLOW_MS) this.#follow();
    const hasHeard = this.#hasHeard;
    this.#hasHeard = false;
    if (hasHeard) return;
    await this.#catchUp();
    // After an interruption, a living producer first has to renew its lease.
    if (this.hasEnded || redis.unchangedMs < BEAT_MS) return;
    if (await redis.send(["EXISTS", leaseKey(redis.prefix, this.#processId)]) === 0) await this.#endLost();
  }

  async #endLost(): Promise<void> {
    const { redis, keepMs } = this.#host;
    try {
      const isKnown = await endRun(redis, this.id, "lost", keepMs);
      if (isKnown) return await this.#catchUp();
    } catch (error) {
      if (!(error instanceof RedisReplyError)) throw error;
    }
    // Redis has lost the stream or cannot be written to. A living producer would write it again.
    const now = performance.now();
    this.#missingSince ??= now;
    if (now - this.#missingSince < LEASE_MS) return;
    const event = formatChatEvent(this.#log.events.newest + 1, FOREIGN_ENDINGS.lost);
    this.#add(() => this.#log.add({ kind: "lost", events: new TextEncoder().encode(event) }));
  }
}
