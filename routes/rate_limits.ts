/**
 * Limits for each caller and for the server: requests a minute, streams at once, tokens a day. The worst case of a request
 * is reserved before it is sent to the provider and corrected afterwards, so that concurrent requests cannot exceed a budget
 * together.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ for the headers of a refusal
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { Caller } from "./access.ts";
import type { LimitStore, Release } from "./limit_store.ts";
import { MemoryLimitStore } from "./memory_limit_store.ts";

/** The limits. 0 means no limit. An IPv6 network larger than a /64 has a multiple of them. */
export interface RateLimitRules {
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
export const NO_RATE_LIMITS: RateLimitRules = {
  requestsPerMinute: 0,
  readsPerMinute: 0,
  streamsAtOnce: 0,
  tokensPerDay: 0,
  serverTokensPerDay: 0,
  limitLocal: false,
};

/** The limit that a request exceeded. The error names it in `body.limit`. */
export interface ExceededLimit {
  readonly name: keyof typeof SENTENCES;
  readonly quota: number;
  readonly windowSeconds: number;
}

/** True for the `body.limit` of one of our own refusals. */
export function isRateLimit(limit: unknown): limit is ExceededLimit {
  return typeof limit === "object" && limit !== null && "windowSeconds" in limit;
}

/** Tokens that are reserved for one request. */
export interface TokenReservation {
  /** Reserves more tokens. @throws {ChatError} `RateLimitExceeded` where a budget has fewer left */
  extend(tokens: number): Promise<void>;
  /** Replaces the reserved tokens by those that were used. Call it once, at the end. */
  settle(usedTokens: number): Promise<void>;
}

/** Where the counts are kept. */
export interface RateLimitParts {
  /** By default this process's memory. */
  readonly store?: LimitStore | undefined;
  /** The time in milliseconds, on a clock that never runs backwards. */
  readonly now?: () => number;
}

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 24 * 60 * 60;
const RETRY_STREAM_SECONDS = 2;

/** The limits, applied to callers. */
export class RateLimits implements Disposable {
  readonly #options: RateLimitRules;
  readonly #store: LimitStore;
  readonly #now: () => number;

  constructor(
    options: RateLimitRules,
    { now = () => performance.now(), store = new MemoryLimitStore({ now }) }: RateLimitParts = {},
  ) {
    this.#options = options;
    this.#store = store;
    this.#now = now;
  }

  /**
   * Counts a request and takes a place for its stream.
   * @returns a function that releases the place
   * @throws {ChatError} `RateLimitExceeded`
   */
  async admit(caller: Caller): Promise<Release> {
    const scopes = this.#scopesOf(caller);
    // Both at once: where the counts are on another machine, each would cost the way there and back.
    const [counted, taken] = await Promise.allSettled([
      this.#count("requests", scopes.map(({ key, requestsPerMinute }) => [key, requestsPerMinute])),
      this.#takePlaces(scopes),
    ]);
    if (counted.status === "fulfilled" && taken.status === "fulfilled") return taken.value;
    if (taken.status === "fulfilled") taken.value();
    throw counted.status === "rejected" ? counted.reason : (taken as PromiseRejectedResult).reason;
  }

  /** Takes a place for each key, or none. */
  async #takePlaces(scopes: readonly Scope[]): Promise<Release> {
    const limited = scopes.filter(({ streamsAtOnce }) => streamsAtOnce > 0);
    const places = await Promise.all(
      limited.map(({ key, streamsAtOnce }) => this.#store.takePlace(`streams ${key}`, streamsAtOnce)),
    );
    const release = () => places.forEach((place) => place?.());
    const full = places.indexOf(undefined);
    if (full === -1) return release;
    release();
    const limit = {
      name: "streams",
      quota: limited[full]!.streamsAtOnce,
      windowSeconds: RETRY_STREAM_SECONDS,
    } as const;
    throw exceeded(limit, RETRY_STREAM_SECONDS * 1000);
  }

  /** Counts a request that reads or stops a run. @throws {ChatError} `RateLimitExceeded` */
  async admitRead(caller: Caller): Promise<void> {
    await this.#count("reads", this.#scopesOf(caller).map(({ key, readsPerMinute }) => [key, readsPerMinute]));
  }

  /** Adds one to each key's count of this minute. */
  async #count(name: "requests" | "reads", quotas: readonly (readonly [key: string, quota: number])[]): Promise<void> {
    const limited = quotas.filter(([, quota]) => quota > 0);
    const add = (key: string, amount: number) => this.#store.add(`${name} ${key}`, amount, MINUTE_SECONDS);
    const counts = await Promise.all(limited.map(([key]) => add(key, 1)));
    const refused = counts.findIndex(({ total }, index) => total > limited[index]![1]);
    if (refused === -1) return;
    // The smallest network comes first: what it refuses does not count for the larger ones around it.
    await Promise.all(limited.slice(refused + 1).map(([key]) => add(key, -1)));
    throw exceeded({ name, quota: limited[refused]![1], windowSeconds: MINUTE_SECONDS }, counts[refused]!.msBeforeNext);
  }

  /**
   * Reserves tokens of the day's budgets.
   * @param caller undefined for the server's budget alone
   * @param worstCase the most tokens that the request can use
   * @throws {ChatError} `RateLimitExceeded` where a budget has fewer left
   */
  async reserve(caller: Caller | undefined, worstCase: number): Promise<TokenReservation> {
    const reservation = new BudgetReservation(this.#budgetsOf(caller), this.#store, this.#now);
    await reservation.extend(worstCase);
    return reservation;
  }

  /** True where a budget applies to this caller or to the server. */
  hasBudgetFor(caller: Caller | undefined): boolean {
    return this.#budgetsOf(caller).length > 0;
  }

  /** Deletes all counts and their timer. */
  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
  }

  #budgetsOf(caller: Caller | undefined): Budget[] {
    const { serverTokensPerDay } = this.#options;
    const budgets: Budget[] = [];
    for (const { key, tokensPerDay } of this.#scopesOf(caller)) {
      if (tokensPerDay > 0) budgets.push({ name: "tokens-per-day", key: `tokens ${key}`, quota: tokensPerDay });
    }
    if (serverTokensPerDay > 0) {
      budgets.push({ name: "server-tokens-per-day", key: "tokens server", quota: serverTokensPerDay });
    }
    return budgets;
  }

  /** The keys that a caller is counted by, and their limits. */
  #scopesOf(caller: Caller | undefined): Scope[] {
    if (caller === undefined) return [];
    const { address, token } = caller;
    const { requestsPerMinute, readsPerMinute, streamsAtOnce, tokensPerDay, limitLocal } = this.#options;
    const scopes: Scope[] = [];
    for (const { name, multiple } of limitLocal || !address.isLocal ? address.networks : []) {
      scopes.push({
        key: name,
        requestsPerMinute: requestsPerMinute * multiple,
        readsPerMinute: readsPerMinute * multiple,
        streamsAtOnce: streamsAtOnce * multiple,
        tokensPerDay: tokensPerDay * multiple,
      });
    }
    if (token !== undefined) {
      scopes.push({
        key: `token ${token.origin} ${token.subject}`,
        requestsPerMinute: token.requestsPerMinute ?? requestsPerMinute,
        readsPerMinute,
        streamsAtOnce,
        tokensPerDay,
      });
    }
    return scopes;
  }
}

/** A key that a caller is counted by. */
interface Scope extends Omit<RateLimitRules, "serverTokensPerDay" | "limitLocal"> {
  readonly key: string;
}

/** The tokens of the day of one key. */
interface Budget {
  readonly name: ExceededLimit["name"];
  readonly key: string;
  readonly quota: number;
}

/** What a reservation holds of one budget. */
interface Holding {
  readonly budget: Budget;
  tokens: number;
  windowEndsAt: number;
}

class BudgetReservation implements TokenReservation {
  readonly #holdings: readonly Holding[];
  readonly #store: LimitStore;
  readonly #now: () => number;
  #isSettled = false;

  constructor(budgets: readonly Budget[], store: LimitStore, now: () => number) {
    this.#holdings = budgets.map((budget) => ({ budget, tokens: 0, windowEndsAt: 0 }));
    this.#store = store;
    this.#now = now;
  }

  async extend(tokens: number): Promise<void> {
    const takings = this.#holdings.map(async (holding) => {
      // Every number above the quota is refused alike. One beyond the exact integers would corrupt the count.
      const amount = Math.min(tokens, holding.budget.quota + 1);
      await this.#take(holding, amount);
      return { holding, amount };
    });
    const outcomes = await Promise.allSettled(takings);
    const refusal = outcomes.find(({ status }) => status === "rejected") as PromiseRejectedResult | undefined;
    // The request may have ended in the meantime.
    if (refusal !== undefined || this.#isSettled) {
      await Promise.all(outcomes.map((outcome) => outcome.status === "fulfilled" && this.#giveBack(outcome.value)));
    }
    if (refusal !== undefined) throw refusal.reason;
  }

  async #giveBack({ holding, amount }: { readonly holding: Holding; readonly amount: number }): Promise<void> {
    holding.tokens -= amount;
    await this.#add(holding, -amount);
  }

  async settle(usedTokens: number): Promise<void> {
    this.#isSettled = true;
    // A reservation of an earlier window ended with that window. Do not subtract it from the next one.
    await Promise.all(this.#holdings.map((holding) => this.#add(holding, usedTokens - this.#heldIn(holding))));
  }

  async #take(holding: Holding, amount: number): Promise<void> {
    const { name, quota } = holding.budget;
    const { total, msBeforeNext } = await this.#add(holding, amount);
    if (total > quota) {
      await this.#add(holding, -amount);
      throw exceeded({ name, quota, windowSeconds: DAY_SECONDS }, msBeforeNext);
    }
    holding.tokens = this.#heldIn(holding) + amount;
    holding.windowEndsAt = this.#now() + msBeforeNext;
  }

  /** The tokens that a holding has in the current window. */
  #heldIn({ tokens, windowEndsAt }: Holding): number {
    return this.#now() < windowEndsAt ? tokens : 0;
  }

  #add({ budget }: Holding, amount: number) {
    return this.#store.add(budget.key, amount, DAY_SECONDS);
  }
}

const SENTENCES = {
  requests: "There were too many requests.",
  reads: "The answer was requested too often.",
  streams: "There are too many answers under way.",
  "tokens-per-day": "The day's budget does not cover this request.",
  "server-tokens-per-day": "This server's budget for the day does not cover this request.",
} as const;

function exceeded(limit: ExceededLimit, msBeforeNext: number): ChatError {
  return new ChatError("RateLimitExceeded", `${SENTENCES[limit.name]} Please try again later.`, {
    body: { limit },
    retryAfterSeconds: Math.max(1, Math.ceil(msBeforeNext / 1000)),
  });
}
