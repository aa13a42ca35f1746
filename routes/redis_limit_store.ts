/**
 * The counts of all processes, in Redis. While Redis cannot be used, this process counts for itself.
 * @module
 */
import { isRedisError } from "../runs/redis/redis_error.ts";
import { LEASE_MS } from "../runs/redis/redis_keys.ts";
import type { RedisConnection } from "../runs/redis/redis_connection.ts";
import type { LimitStore, Release, WindowCount } from "./limit_store.ts";
import { MemoryLimitStore } from "./memory_limit_store.ts";

/** Adds to a count, which begins its window where it is new and never falls below 0. */
const ADD = `
local total = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  if total <= 0 then
    redis.call('DEL', KEYS[1])
    return {0, tonumber(ARGV[2])}
  end
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return {total, tonumber(ARGV[2])}
end
if total < 0 then
  redis.call('INCRBY', KEYS[1], -total)
  total = 0
end
return {total, left}`;

/** Takes a place with a lease. Places whose leases have ended are free: their processes are gone. */
const TAKE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

/** Renews the leases of places that are still held; a Redis that has lost them gets them again. */
const RENEW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for index = 2, #ARGV do redis.call('ZADD', KEYS[1], now + ARGV[1], ARGV[index]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])`;

/** The places renewed by one command. */
const RENEWED_AT_ONCE = 1000;

/** A {@linkcode LimitStore} that processes share. */
export class RedisLimitStore implements LimitStore {
  readonly #redis: RedisConnection;
  readonly #own: MemoryLimitStore;
  /** The places that this process has taken, by key. */
  readonly #places = new Map<string, Set<string>>();

  /** @param own where this process counts while Redis cannot be used */
  constructor(redis: RedisConnection, own: MemoryLimitStore = new MemoryLimitStore()) {
    this.#redis = redis;
    this.#own = own;
    redis.onBeat(() => this.#renew());
  }

  async add(key: string, amount: number, windowSeconds: number): Promise<WindowCount> {
    const name = `${this.#redis.prefix}limit:${windowSeconds}:${key}`;
    return await this.#orOwn(
      async () => {
        const reply = await this.#redis.send(["EVAL", ADD, "1", name, String(amount), String(windowSeconds * 1000)]);
        const [total, msBeforeNext] = reply as [number, number];
        return { total, msBeforeNext };
      },
      () => this.#own.add(key, amount, windowSeconds),
    );
  }

  async takePlace(key: string, places: number): Promise<Release | undefined> {
    const name = `${this.#redis.prefix}limit:${key}`;
    const place = crypto.randomUUID();
    return await this.#orOwn(
      async () => {
        const command = ["EVAL", TAKE, "1", name, String(places), String(LEASE_MS), place];
        return await this.#redis.send(command) === 0 ? undefined : this.#hold(name, place);
      },
      () => this.#own.takePlace(key, places),
    );
  }

  /** Deletes this process's own counts. Those in Redis are everybody's. */
  [Symbol.dispose](): void {
    this.#own[Symbol.dispose]();
  }

  #hold(name: string, place: string): Release {
    const held = this.#places.get(name) ?? new Set();
    this.#places.set(name, held.add(place));
    return () => {
      held.delete(place);
      if (held.size === 0) this.#places.delete(name);
      this.#redis.send(["ZREM", name, place]).catch(() => {});
    };
  }

  #renew(): void {
    for (const [name, held] of this.#places) {
      const places = [...held];
      for (let at = 0; at < places.length; at += RENEWED_AT_ONCE) {
        const some = places.slice(at, at + RENEWED_AT_ONCE);
        this.#redis.send(["EVAL", RENEW, "1", name, String(LEASE_MS), ...some]).catch(() => {});
      }
    }
  }

  async #orOwn<T>(shared: () => Promise<T>, own: () => Promise<T>): Promise<T> {
    try {
      return await shared();
    } catch (error) {
      if (isRedisError(error)) return await own();
      throw error;
    }
  }
}
