/**
 * Limits for each caller and for the server: requests a minute, streams at once, tokens a day. The worst case of a request
 * is reserved before the provider gets it and corrected afterwards, so that concurrent requests cannot exceed a budget
 * together. All counts are this process's own.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ for the headers of a refusal
 * @module
 */
import type { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
// The package's entry loads thirty stores, which costs 2 MB and 30 ms.
import MemoryStore from "rate-limiter-flexible/lib/RateLimiterMemory.js";
import { ChatError } from "../protocol/chat_error.ts";
import type { Caller } from "./access.ts";

/** The limits. 0 means no limit. */
export interface RateLimitOptions {
  /** Chat requests a minute, for each address and each token. A token may carry its own number. */
  readonly requestsPerMinute: number;
  /** Requests a minute that read or stop a run, for each address and each token. */
  readonly readsPerMinute: number;
  /** Streams at once, for each address and each token. */
  readonly streamsAtOnce: number;
  /** Input and output tokens a day, for each address and each token. */
  readonly tokensPerDay: number;
  /** Input and output tokens a day, for the whole server. */
  readonly serverTokensPerDay: number;
  /** Whether callers on this machine count like all others. */
  readonly limitLocal: boolean;
}

/** No limits. */
export const NO_RATE_LIMITS: RateLimitOptions = {
  requestsPerMinute: 0,
  readsPerMinute: 0,
  streamsAtOnce: 0,
  tokensPerDay: 0,
  serverTokensPerDay: 0,
  limitLocal: false,
};

/** The limit that was passed, as `body.limit` of the error. */
export interface PassedLimit {
  readonly name: keyof typeof SENTENCES;
  readonly quota: number;
  readonly windowSeconds: number;
}

/** True for the `body.limit` of one of our own refusals. */
export function isRateLimit(limit: unknown): limit is PassedLimit {
  return typeof limit === "object" && limit !== null && "windowSeconds" in limit;
}

/** Gives a place back. */
export type Release = () => void;

/** Replaces the reserved tokens by those that were used. */
export type Settle = (tokens: number) => void;

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 24 * 60 * 60;
const RETRY_STREAM_SECONDS = 2;

/** The counts of this process. */
export class RateLimits implements Disposable {
  readonly #options: RateLimitOptions;
  readonly #requests: RateLimiterMemory;
  readonly #streams = new Map<string, number>();
  readonly #budgets: { readonly caller: TokenBudget; readonly server: TokenBudget };

  constructor(options: RateLimitOptions) {
    this.#options = options;
    // The store only counts: a token may carry its own limit, so the comparison is made here.
    this.#requests = new MemoryStore({ points: Number.MAX_SAFE_INTEGER, duration: MINUTE_SECONDS });
    this.#budgets = {
      caller: new TokenBudget("tokens-per-day", options.tokensPerDay),
      server: new TokenBudget("server-tokens-per-day", options.serverTokensPerDay),
    };
  }

  /**
   * Counts a request and takes a place for its stream.
   * @returns a function that gives the place back
   * @throws {ChatError} `RateLimitExceeded`
   */
  async admit(caller: Caller): Promise<Release> {
    const scopes = this.#scopesOf(caller);
    for (const { key, requestsPerMinute } of scopes) {
      if (requestsPerMinute === 0) continue;
      const { consumedPoints, msBeforeNext } = await this.#requests.consume(key, 1);
      if (consumedPoints <= requestsPerMinute) continue;
      throw exceeded({ name: "requests", quota: requestsPerMinute, windowSeconds: MINUTE_SECONDS }, msBeforeNext);
    }
    const { streamsAtOnce } = this.#options;
    if (streamsAtOnce > 0 && scopes.some(({ key }) => (this.#streams.get(key) ?? 0) >= streamsAtOnce)) {
      const limit = { name: "streams", quota: streamsAtOnce, windowSeconds: RETRY_STREAM_SECONDS } as const;
      throw exceeded(limit, RETRY_STREAM_SECONDS * 1000);
    }
    for (const { key } of scopes) this.#streams.set(key, (this.#streams.get(key) ?? 0) + 1);
    return () => scopes.forEach(({ key }) => this.#leave(key));
  }

  /** Counts a request that reads or stops a run. @throws {ChatError} `RateLimitExceeded` */
  async admitRead(caller: Caller): Promise<void> {
    const { readsPerMinute } = this.#options;
    if (readsPerMinute === 0) return;
    for (const { key } of this.#scopesOf(caller)) {
      const { consumedPoints, msBeforeNext } = await this.#requests.consume(`read ${key}`, 1);
      if (consumedPoints <= readsPerMinute) continue;
      throw exceeded({ name: "reads", quota: readsPerMinute, windowSeconds: MINUTE_SECONDS }, msBeforeNext);
    }
  }

  /**
   * Reserves tokens of the day's budgets.
   * @param caller undefined for the server's budget alone
   * @param worstCase the most tokens that the request can use
   * @throws {ChatError} `RateLimitExceeded` where a budget has fewer left
   */
  async reserve(caller: Caller | undefined, worstCase: number): Promise<Settle> {
    const { caller: budget, server } = this.#budgets;
    const wanted = [...this.#scopesOf(caller).map(({ key }) => [budget, key] as const), [server, "server"] as const];
    const settlements: Settle[] = [];
    try {
      for (const [budget, key] of wanted) settlements.push(await budget.reserve(key, worstCase));
    } catch (error) {
      for (const settle of settlements) settle(0);
      throw error;
    }
    return (tokens) => settlements.forEach((settle) => settle(tokens));
  }

  /** True where a budget applies to this caller or to the server. */
  hasBudgetFor(caller: Caller | undefined): boolean {
    const { tokensPerDay, serverTokensPerDay } = this.#options;
    return serverTokensPerDay > 0 || (tokensPerDay > 0 && this.#scopesOf(caller).length > 0);
  }

  /** Deletes all counts and their timers. */
  [Symbol.dispose](): void {
    forget(this.#requests);
    for (const budget of Object.values(this.#budgets)) budget[Symbol.dispose]();
  }

  /** The keys that a caller is counted by. */
  #scopesOf(caller: Caller | undefined): Scope[] {
    if (caller === undefined) return [];
    const { address, token } = caller;
    const { requestsPerMinute, limitLocal } = this.#options;
    const scopes: Scope[] = [];
    if (limitLocal || !address.isLocal) scopes.push({ key: `address ${address.network}`, requestsPerMinute });
    if (token !== undefined) {
      scopes.push({ requestsPerMinute, ...token, key: `token ${token.origin} ${token.subject}` });
    }
    return scopes;
  }

  #leave(key: string): void {
    const left = (this.#streams.get(key) ?? 1) - 1;
    if (left === 0) this.#streams.delete(key);
    else this.#streams.set(key, left);
  }
}

/** A key that a caller is counted by. */
interface Scope {
  readonly key: string;
  readonly requestsPerMinute: number;
}

/** The tokens of the day, by key. */
class TokenBudget implements Disposable {
  readonly #name: PassedLimit["name"];
  readonly #tokensPerDay: number;
  readonly #limiter: RateLimiterMemory;

  constructor(name: PassedLimit["name"], tokensPerDay: number) {
    this.#name = name;
    this.#tokensPerDay = tokensPerDay;
    this.#limiter = new MemoryStore({ points: tokensPerDay, duration: DAY_SECONDS });
  }

  async reserve(key: string, worstCase: number): Promise<Settle> {
    if (this.#tokensPerDay === 0) return () => {};
    // Every number above the limit is refused alike; one beyond the exact integers would corrupt the count.
    const tokens = Math.min(worstCase, this.#tokensPerDay + 1);
    try {
      const { msBeforeNext } = await this.#limiter.consume(key, tokens);
      const windowEndsAt = Date.now() + msBeforeNext;
      return (used) => void this.#settle(key, tokens, used, windowEndsAt);
    } catch (refusal) {
      if (refusal instanceof Error) throw refusal;
      // The store counts refused tokens too: one request that is too large would use up the day.
      await this.#limiter.reward(key, tokens);
      const limit = { name: this.#name, quota: this.#tokensPerDay, windowSeconds: DAY_SECONDS };
      throw exceeded(limit, (refusal as RateLimiterRes).msBeforeNext);
    }
  }

  [Symbol.dispose](): void {
    forget(this.#limiter);
  }

  async #settle(key: string, reserved: number, used: number, windowEndsAt: number): Promise<void> {
    // A reservation of yesterday expired with yesterday's count: do not give it back to today's.
    const isSameDay = Date.now() < windowEndsAt;
    await this.#limiter.penalty(key, isSameDay ? used - reserved : used);
  }
}

function forget(limiter: RateLimiterMemory): void {
  for (const { key } of limiter.dump().storage) void limiter.delete(key);
}

const SENTENCES = {
  requests: "There were too many requests.",
  reads: "The answer was requested too often.",
  streams: "There are too many answers under way.",
  "tokens-per-day": "The day's budget does not cover this request.",
  "server-tokens-per-day": "This server's budget for the day does not cover this request.",
} as const;

function exceeded(limit: PassedLimit, msBeforeNext: number): ChatError {
  return new ChatError("RateLimitExceeded", `${SENTENCES[limit.name]} Please try again later.`, {
    body: { limit },
    retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  });
}
