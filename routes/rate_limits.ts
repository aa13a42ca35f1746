/**
 * How much one visitor and all together may use: requests a minute, streams at once, tokens a day. A day's tokens are
 * taken before the provider is asked, at their worst, and set right afterwards, so that many requests at once cannot
 * pass one budget. All counts are this process's own; the store can be exchanged for a shared one.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ for the headers of a refusal
 * @module
 */
import type { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
// Not from the package's entry, which loads thirty stores for the one that is used: 2 MB and 30 ms more.
import MemoryStore from "rate-limiter-flexible/lib/RateLimiterMemory.js";
import { ChatError } from "../protocol/chat_error.ts";
import type { Visitor } from "./visitor.ts";

/** The limits; 0 is none. */
export interface RateLimitOptions {
  /** Chat requests a minute, for each address; a token may carry a number of its own. */
  readonly requestsPerMinute: number;
  /** Streams at once, for each address and each token. */
  readonly streamsAtOnce: number;
  /** Input and output tokens a day, for each address and each token. */
  readonly tokensPerDay: number;
  /** Input and output tokens a day, for the whole server. */
  readonly serverTokensPerDay: number;
  /** Whether visitors on this very machine are counted like all others. */
  readonly limitLocal: boolean;
}

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

/** Gives back what was taken. */
export type Release = () => void;

/** Puts what was really used in the place of what was reserved. */
export type Settle = (tokens: number) => void;

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 24 * 60 * 60;
const RETRY_STREAM_SECONDS = 2;

/** The counts of one server. */
export class RateLimits implements Disposable {
  readonly #options: RateLimitOptions;
  readonly #requests: RateLimiterMemory;
  readonly #streams = new Map<string, number>();
  readonly #budgets: { readonly visitor: TokenBudget; readonly server: TokenBudget };

  constructor(options: RateLimitOptions) {
    this.#options = options;
    // The points are compared here, as a token may carry its own: the store only counts.
    this.#requests = new MemoryStore({ points: Number.MAX_SAFE_INTEGER, duration: MINUTE_SECONDS });
    this.#budgets = {
      visitor: new TokenBudget("tokens-per-day", options.tokensPerDay),
      server: new TokenBudget("server-tokens-per-day", options.serverTokensPerDay),
    };
  }

  /**
   * Counts a request and takes a place for its stream.
   * @returns gives the place back
   * @throws {ChatError} `RateLimitExceeded`
   */
  async admit(visitor: Visitor): Promise<Release> {
    const scopes = this.#scopesOf(visitor);
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

  /**
   * Takes tokens from the day's budgets.
   * @param visitor absent: the server's budget alone
   * @param worstCase the most that the request can cost
   * @throws {ChatError} `RateLimitExceeded` where a budget does not hold them
   */
  async reserve(visitor: Visitor | undefined, worstCase: number): Promise<Settle> {
    const { visitor: budget, server } = this.#budgets;
    const wanted = [...this.#scopesOf(visitor).map(({ key }) => [budget, key] as const), [server, "server"] as const];
    const settlements: Settle[] = [];
    try {
      for (const [budget, key] of wanted) settlements.push(await budget.reserve(key, worstCase));
    } catch (error) {
      for (const settle of settlements) settle(0);
      throw error;
    }
    return (tokens) => settlements.forEach((settle) => settle(tokens));
  }

  /** True where tokens are counted for this visitor, or for the server: only then is there something to reserve. */
  hasBudgetFor(visitor: Visitor | undefined): boolean {
    const { tokensPerDay, serverTokensPerDay } = this.#options;
    return serverTokensPerDay > 0 || (tokensPerDay > 0 && this.#scopesOf(visitor).length > 0);
  }

  /** Forgets all counts, and the timers that would have. */
  [Symbol.dispose](): void {
    forget(this.#requests);
    for (const budget of Object.values(this.#budgets)) budget[Symbol.dispose]();
  }

  /** All that a visitor is counted by. */
  #scopesOf(visitor: Visitor | undefined): Scope[] {
    if (visitor === undefined) return [];
    const { address, token } = visitor;
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

/** One of the things that a visitor is counted by. */
interface Scope {
  readonly key: string;
  readonly requestsPerMinute: number;
}

/** The tokens of a day, by key. */
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
    // Beyond the limit all numbers are alike, and those beyond what is exact would ruin the count.
    const tokens = Math.min(worstCase, this.#tokensPerDay + 1);
    try {
      const { msBeforeNext } = await this.#limiter.consume(key, tokens);
      const windowEndsAt = Date.now() + msBeforeNext;
      return (used) => void this.#settle(key, tokens, used, windowEndsAt);
    } catch (refusal) {
      if (refusal instanceof Error) throw refusal;
      // What is refused is counted too: without this, one request too large would use up the day.
      await this.#limiter.reward(key, tokens);
      const limit = { name: this.#name, quota: this.#tokensPerDay, windowSeconds: DAY_SECONDS };
      throw exceeded(limit, (refusal as RateLimiterRes).msBeforeNext);
    }
  }

  [Symbol.dispose](): void {
    forget(this.#limiter);
  }

  async #settle(key: string, reserved: number, used: number, windowEndsAt: number): Promise<void> {
    // What was reserved yesterday is gone with yesterday's count, and not given back to today's.
    const isSameDay = Date.now() < windowEndsAt;
    await this.#limiter.penalty(key, isSameDay ? used - reserved : used);
  }
}

function forget(limiter: RateLimiterMemory): void {
  for (const { key } of limiter.dump().storage) void limiter.delete(key);
}

const SENTENCES = {
  requests: "There were too many requests.",
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
