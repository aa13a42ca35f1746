/**
 * Idempotency keys that all processes share: the first request with a key claims it, and further ones wait for the run that
 * it begins, or get the same error.
 * @module
 */
import { hash } from "node:crypto";
import { ChatError, type ChatErrorBody, type ChatErrorType } from "../../protocol/chat_error.ts";
import type { ClaimRequest, SeriesAnswer } from "../idempotency_keys.ts";
import { delay } from "../delay.ts";
import { idempotencyKeyReused } from "../run_error.ts";
import { isRedisError } from "./redis_error.ts";
import type { RedisConnection } from "./redis_connection.ts";
import { idempotencyKey, LEASE_MS, seriesKey } from "./redis_keys.ts";

/** How often a waiting request looks for the outcome, in milliseconds. */
const POLL_MS = 100;
/** How long an error stays for those who wait, in milliseconds. */
const KEEP_ERROR_MS = 2000;

const DELETE_IF_SAME = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end`;

/** Saves a claim, unless it is another process's by now: that of a frozen process expires. */
const SAVE = `
local held = redis.call('GET', KEYS[1])
if held and not string.find(held, ARGV[2], 1, true) then return end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])`;

/** The most answers of a series that are kept. */
const MAX_ANSWERS = 16;

/**
 * Adds an answer to its series, by the time of Redis at which it was claimed: the clocks of processes differ, and an answer
 * may be added late. Answers that are too many or too old are removed.
 */
const ADD_ANSWER = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now - ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -${MAX_ANSWERS + 1})
redis.call('PEXPIRE', KEYS[1], ARGV[3])`;

/** What Redis holds under a key. */
interface Claim {
  readonly process: string;
  /** The digest of the validated request. */
  readonly digest: string;
  /** The id of the run, once it has begun. */
  readonly run?: string;
  /** Why it could not begin. */
  readonly error?: {
    readonly type: ChatErrorType;
    readonly message: string;
    readonly body: ChatErrorBody;
    readonly retryAfterSeconds?: number;
  };
}

/** A claim of this process. */
interface OwnClaim {
  readonly claim: Claim;
  readonly ms: number;
  readonly stop: () => void;
  readonly answer: OwnAnswer | undefined;
}

/** An answer of this process in its series. */
interface OwnAnswer extends SeriesAnswer {
  /** The name of the series. */
  readonly series: string;
  readonly claimedAt: number;
  /** Whether Redis knows it. */
  isAdded: boolean;
}

/** The keys, as one process sees them. */
export class RedisIdempotencyKeys {
  readonly #redis: RedisConnection;
  readonly #processId: string;
  readonly #seriesMs: number;
  readonly #own = new Map<string, OwnClaim>();

  /** @param seriesMs how long an answer may be found by its series, in milliseconds */
  constructor(redis: RedisConnection, processId: string, seriesMs: number) {
    this.#redis = redis;
    this.#processId = processId;
    this.#seriesMs = seriesMs;
  }

  /** What is known of a key. @throws {RedisUnavailableError} */
  async get(key: string): Promise<Claim | undefined> {
    const value = await this.#redis.send(["GET", this.nameOf(key)]);
    return value === null ? undefined : JSON.parse(value as string);
  }

  /**
   * Waits until the run of a key has begun. Returns its id; undefined if no request has the key, or its run could not begin.
   * @throws {RedisUnavailableError}
   * @throws the signal's reason when it aborts: nobody waits for the run any more
   */
  async find(key: string, signal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      signal.throwIfAborted();
      const claim = await this.get(key);
      if (claim === undefined || claim.run !== undefined || claim.error !== undefined) return claim?.run;
      await delay(POLL_MS, signal);
    }
  }

  /** The answers of a series, the latest first, with some that could not begin. @throws {RedisUnavailableError} */
  async answersOf(series: string): Promise<readonly SeriesAnswer[]> {
    const reply = await this.#redis.send(["ZREVRANGE", this.#seriesNameOf(series), "0", "-1"]);
    // Those that Redis has missed: it could not be reached when they were claimed, so nearly always just now.
    const missed = [...this.#own.values()].flatMap(({ answer }) =>
      answer?.series === series && !answer.isAdded ? [answer] : []
    );
    return [...missed.toReversed(), ...(reply as string[]).map((answer): SeriesAnswer => JSON.parse(answer))];
  }

  /**
   * Claims a key, or waits for the outcome of the request that has it.
   * @returns the id of the run that has the key; undefined where it is this process's now
   * @throws {ChatError} `IdempotencyKeyReused`, or the error of the first request
   * @throws {RedisUnavailableError}
   */
  async claim({ key, digest, stop, series }: ClaimRequest): Promise<string | undefined> {
    const name = this.nameOf(key);
    const claim: Claim = { process: this.#processId, digest };
    const answer = series &&
      { key, note: series.note, series: series.name, claimedAt: performance.now(), isAdded: false };
    const own: OwnClaim = { claim, ms: LEASE_MS, stop, answer };
    try {
      const run = await this.#claimOrWait(name, own.claim);
      if (run !== undefined) return run;
    } catch (error) {
      // Redis learns of the claim when the connection comes back.
      if (isRedisError(error)) this.#own.set(name, own);
      throw error;
    }
    this.#own.set(name, own);
    await this.#addAnswer(own);
    return undefined;
  }

  async #claimOrWait(name: string, mine: Claim): Promise<string | undefined> {
    const { digest } = mine;
    for (let hasWaited = false;; hasWaited = true) {
      const [set, value] = await Promise.all([
        this.#redis.send(["SET", name, JSON.stringify(mine), "NX", "PX", String(LEASE_MS)]),
        this.#redis.send(["GET", name]),
      ]);
      if (set !== null) return undefined;
      const { run, error, digest: theirs }: Claim = JSON.parse(value as string ?? "{}");
      if (error === undefined && theirs !== undefined && theirs !== digest) throw idempotencyKeyReused();
      if (run !== undefined) return run;
      if (error !== undefined && hasWaited) throw new ChatError(error.type, error.message, error);
      // An error that an earlier request got frees the key.
      if (error !== undefined) await this.#redis.send(["EVAL", DELETE_IF_SAME, "1", name, value as string]);
      else await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** The run has begun. @param ms how long the key is kept, in milliseconds */
  resolve(key: string, run: string, ms: number): void {
    this.#change(key, (own) => ({ ...own, claim: { ...own.claim, run }, ms }));
  }

  /** The run could not begin: those who wait get the same error, and the key is free. */
  reject(key: string, error: unknown): void {
    const name = this.nameOf(key);
    const own = this.#own.get(name);
    if (own === undefined) return;
    this.#own.delete(name);
    const { type, message, body, retryAfterSeconds } = error instanceof ChatError
      ? error
      : new ChatError("InternalServerError", "Something went wrong on this server.");
    const outcome = { type, message, body, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
    this.#save(name, { ...own, claim: { ...own.claim, error: outcome }, ms: KEEP_ERROR_MS });
    const { answer } = own;
    if (answer === undefined) return;
    this.#redis.send(["ZREM", this.#seriesNameOf(answer.series), memberOf(answer)]).catch(() => {});
  }

  /** The run has ended, and is kept so long. */
  expireIn(key: string, ms: number): void {
    this.#change(key, (own) => ({ ...own, ms }));
  }

  /** Forgets the key of a run that is no longer kept. Redis forgets it by itself. */
  delete(key: string): void {
    this.#own.delete(this.nameOf(key));
  }

  /** Stops the run of a key of this process, begun or not. @param name the key as Redis knows it */
  stop(name: string): void {
    this.#own.get(name)?.stop();
  }

  /** The key as Redis knows it. */
  nameOf(key: string): string {
    return idempotencyKey(this.#redis.prefix, hash("sha256", key));
  }

  /** Renews the claims of requests that have no run yet; where Redis may have lost them, all. */
  renew(isFirst: boolean): void {
    for (const [name, own] of this.#own) {
      if (isFirst || own.claim.run === undefined) this.#save(name, own);
      if (isFirst && own.answer !== undefined) own.answer.isAdded = false;
      if (own.answer?.isAdded === false) void this.#addAnswer(own);
    }
  }

  /** A failure is made good by {@linkcode renew}. */
  async #addAnswer({ answer }: OwnClaim): Promise<void> {
    if (answer === undefined) return;
    const age = Math.round(performance.now() - answer.claimedAt);
    const [name, ms] = [this.#seriesNameOf(answer.series), String(this.#seriesMs)];
    await this.#redis.send(["EVAL", ADD_ANSWER, "1", name, memberOf(answer), String(age), ms])
      .then(() => answer.isAdded = true, () => {});
  }

  #seriesNameOf(series: string): string {
    return seriesKey(this.#redis.prefix, hash("sha256", series));
  }

  #change(key: string, change: (own: OwnClaim) => OwnClaim): void {
    const name = this.nameOf(key);
    const own = this.#own.get(name);
    if (own === undefined) return;
    const changed = change(own);
    this.#own.set(name, changed);
    this.#save(name, changed);
  }

  #save(name: string, { claim, ms }: OwnClaim): void {
    // A failure is made good when the connection comes back.
    this.#redis.send(["EVAL", SAVE, "1", name, JSON.stringify(claim), this.#processId, String(ms)]).catch(() => {});
  }
}

/** An answer as Redis knows it. */
function memberOf({ key, note }: SeriesAnswer): string {
  return JSON.stringify({ key, note });
}
