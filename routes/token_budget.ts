/**
 * What a request may cost and what it did cost, in tokens: the worst case is reserved before the provider is asked, and
 * replaced by the provider's own count at the end. Where there is none, as after a visitor has left, by an estimate
 * that is marked as one.
 * @module
 */
import type { ChatErrorType } from "../protocol/chat_error.ts";
import type { ProviderRequest } from "../upstream/chat_completions/openai.ts";
import { asObject } from "../upstream/chat_events/untrusted_json.ts";
import type { Exchange, ExchangeEnd } from "./exchange.ts";
import type { RateLimits } from "./rate_limits.ts";
import { countImages, textOfRequest } from "./request_limits.ts";
import type { Visitor } from "./visitor.ts";

/** What is reserved for an answer where nothing says how long it may get. */
export const DEFAULT_OUTPUT_TOKENS = 4096;
/** What an image is taken to cost: about a large one at OpenAI. */
export const TOKENS_PER_IMAGE = 1500;
/** How fast a model is taken to have written, unseen reasoning included, when a visitor left. */
export const TOKENS_PER_SECOND = 100;
/** UTF-8 bytes to a token: more than three in English, about three in Chinese. */
const BYTES_PER_TOKEN = 3;

/** Reserves a request's worst case until the exchange is over. @throws {ChatError} `RateLimitExceeded` */
export async function reserveTokens(
  request: ProviderRequest,
  visitor: Visitor,
  exchange: Exchange,
  limits: RateLimits,
): Promise<void> {
  if (!limits.hasBudgetFor(visitor)) return;
  const output = largest([request.max_tokens, request.max_completion_tokens]) ?? DEFAULT_OUTPUT_TOKENS;
  await hold({ input: estimateInputTokens(request), output }, visitor, exchange, limits);
}

/**
 * The same for a request of proxy mode, of which only the server's own budget is asked: it has no visitor.
 * @returns false where there is no such budget, and nobody needs to look at the answer
 * @throws {ChatError} `RateLimitExceeded`
 */
export async function reserveServerTokens(
  body: Uint8Array<ArrayBuffer>,
  exchange: Exchange,
  limits: RateLimits | undefined,
): Promise<boolean> {
  if (limits === undefined || !limits.hasBudgetFor(undefined)) return false;
  const input = Math.ceil(body.byteLength / BYTES_PER_TOKEN);
  await hold({ input, output: readOutputLimit(body) }, undefined, exchange, limits);
  return true;
}

async function hold(
  { input, output }: { readonly input: number; readonly output: number },
  visitor: Visitor | undefined,
  exchange: Exchange,
  limits: RateLimits,
): Promise<void> {
  const settle = await limits.reserve(visitor, input + output);
  exchange.atEnd((end) => {
    const { tokens, isEstimate } = tokensUsed(end, input, input + output);
    if (isEstimate) exchange.estimatedTokens = tokens;
    settle(tokens);
  });
}

/** The most tokens that all answers to a request may have, by whichever names its API has for that. */
function readOutputLimit(body: Uint8Array<ArrayBuffer>): number {
  try {
    const json = asObject<Record<string, unknown>>(JSON.parse(new TextDecoder().decode(body))) ?? {};
    const limit = largest([json.max_completion_tokens, json.max_output_tokens, json.max_tokens]);
    return (limit ?? DEFAULT_OUTPUT_TOKENS) * (largest([json.n]) ?? 1);
  } catch {
    // The provider will say what it thinks of it.
    return DEFAULT_OUTPUT_TOKENS;
  }
}

/** The largest of those that are whole numbers above 0. Which of several a provider goes by is not known here. */
function largest(limits: readonly unknown[]): number | undefined {
  const numbers = limits.filter((limit): limit is number => Number.isSafeInteger(limit) && limit as number > 0);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** About how many tokens a request is, all of its fields together: rather too many than too few. */
export function estimateInputTokens(request: Omit<ProviderRequest, "model">): number {
  const images = request.messages.reduce((sum, message) => sum + countImages(message), 0);
  const bytes = new TextEncoder().encode(textOfRequest(request)).byteLength;
  return Math.ceil(bytes / BYTES_PER_TOKEN) + images * TOKENS_PER_IMAGE;
}

/** Errors that say the provider was not asked, or refused: nothing was used. */
const FREE: ReadonlySet<ChatErrorType> = new Set<ChatErrorType>([
  "ExceededContextWindow",
  "InsufficientQuota",
  "InternalServerError",
  "InvalidProviderAPIKey",
  "InvalidRequestFormat",
  "ModelNotFound",
  "ProviderBizError",
  "ProviderContentPolicyViolation",
  "ProviderNetworkError",
  "RateLimitExceeded",
]);

/**
 * The tokens that an exchange used: the provider's count, or else an estimate by what was sent and by how long the
 * model had time to write, so that leaving early is never the cheaper way.
 */
export function tokensUsed(
  { status, summary, error, totalMs }: ExchangeEnd,
  input: number,
  worstCase: number,
): { readonly tokens: number; readonly isEstimate: boolean } {
  const { totalTokens, totalInputTokens = input, totalOutputTokens } = summary?.usage ?? {};
  if (totalTokens !== undefined) return { tokens: totalTokens, isEstimate: false };
  if (totalOutputTokens !== undefined) return { tokens: totalInputTokens + totalOutputTokens, isEstimate: false };
  // No stream of ours, and a refusal: ours, or in proxy mode the provider's own, which is no error of ours.
  const isRefused = summary?.events === undefined && status >= 400;
  if (isRefused && (error === undefined || FREE.has(error.type))) return { tokens: 0, isEstimate: false };
  const output = Math.max(summary?.events ?? 0, Math.ceil(totalMs / 1000 * TOKENS_PER_SECOND));
  return { tokens: Math.min(worstCase, totalInputTokens + output), isEstimate: true };
}
