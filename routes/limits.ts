/**
 * The limits of requests, in one object. {@linkcode NO_LIMITS} limits nothing.
 * @module
 */
import { BodyPool } from "./body_pool.ts";
import { NO_RATE_LIMITS, RateLimits } from "./rate_limits.ts";
import type { BodyLimits } from "./read_json.ts";
import type { ConversationLimits } from "./conversation_limits.ts";

/** The limits of the routes that use a provider. */
export interface Limits {
  readonly body: BodyLimits;
  readonly conversation: ConversationLimits;
  /** The most tokens of one answer; `Infinity` for none. */
  readonly maxOutputTokens: number;
  readonly rates: RateLimits;
}

/** No limits, for tests. */
export const NO_LIMITS: Limits = {
  body: { maxBodyBytes: Infinity, bodyDeadlineMs: 24 * 60 * 60_000, pool: new BodyPool(Infinity) },
  conversation: { maxMessages: Infinity, maxInputChars: Infinity, maxImages: Infinity },
  maxOutputTokens: Infinity,
  rates: new RateLimits(NO_RATE_LIMITS),
};
