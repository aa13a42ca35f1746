/**
 * Idempotency keys that all processes share: the first request with a key claims it, and further ones wait for the run that
 * it begins, or get the same error.
 * @module
 */
import { hash } from "node:crypto";
import { ChatError, type ChatErrorBody, type ChatErrorType } from "../../protocol/chat_error.ts";
import type { ClaimRequest, LatestAnswer, Series } from "../idempotency_keys.ts";
import { delay } from "../delay.ts";
import { idempotencyKeyReused } from "../run_error.ts";
import type { RedisConnection } from "./redis_connection.ts";
import { idempotencyKey, latestKey, LEASE_MS } from "./redis_keys.ts";

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
}

/** The keys, as one process sees them. */
export class RedisIdempotencyKeys {
  readonly #redis: RedisConnection;
  readonly #processId: string;
  readonly #own = new Map<string, OwnClaim>();

  constructor(redis: RedisConnection, processId: string) {
    this.#redis = redis;
    this.#processId = processId;
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

  /** The latest answer of a series. @throws {RedisUnavailableError} */
  async latest(name: string): Promise<LatestAnswer | undefined> {
    const value = await this.#redis.send(["GET", this.#latestNameOf(name)]);
    return value === null ? undefined : JSON.parse(value as string);
  }

  /**
   * The answer with this key is the latest of its series.
   * @param ms how long that is kept, in milliseconds
   * @throws {RedisUnavailableError}
   */
  async setLatest({ name, note }: Series, key: string, ms: number): Promise<void> {
    const answer: LatestAnswer = { key, note };
    await this.#redis.send(["SET", this.#latestNameOf(name), JSON.stringify(answer), "PX", String(ms)]);
  }

  /**
   * Claims a key, or waits for the outcome of the request that has it.
   * @returns the id of the run that has the key; undefined where it is this process's now
   * @throws {ChatError} `IdempotencyKeyReused`, or the error of the first request
   * @throws {RedisUnavailableError}
   */
  async claim({ key, digest, stop }: ClaimRequest): Promise<string | undefined> {
    const name = this.nameOf(key);
    const mine: Claim = { process: this.#processId, digest };
    for (let hasWaited = false;; hasWaited = true) {
      const [set, value] = await Promise.all([
        this.#redis.send(["SET", name, JSON.stringify(mine), "NX", "PX", String(LEASE_MS)]),
        this.#redis.send(["GET", name]),
      ]);
      if (set !== null) {
        this.#own.set(name, { claim: mine, ms: LEASE_MS, stop });
        return undefined;
      }
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
    for (const [name, own] of this.#own) if (isFirst || own.claim.run === undefined) this.#save(name, own);
  }

  #latestNameOf(name: string): string {
    return latestKey(this.#redis.prefix, hash("sha256", name));
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
