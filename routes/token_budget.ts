/**
 * The tokens that a request may use and those that it used. The worst case is reserved before the provider gets the request,
 * and replaced by the provider's count at the end; by an estimate, marked as one, where there is no count.
 * @module
 */
import type { ChatErrorType } from "../protocol/chat_error.ts";
import type { ProviderRequest } from "../upstream/chat_completions/open_chat.ts";
import { asObject } from "../upstream/chat_events/untrusted_json.ts";
import type { Caller } from "./access.ts";
import type { RequestContext, RequestEnding } from "./request_context.ts";
import type { RateLimits } from "./rate_limits.ts";
import { countImages, textOfRequest } from "./conversation_limits.ts";

/** The output tokens that are reserved where a request has no limit. */
export const DEFAULT_OUTPUT_TOKENS = 4096;
/** The estimated tokens of an image: about those of a large one at OpenAI. */
export const TOKENS_PER_IMAGE = 1500;
/** The estimated speed of a model, hidden reasoning included, where the client left before the count. */
export const TOKENS_PER_SECOND = 100;
/** UTF-8 bytes of a token: more than three in English, about three in Chinese. */
const BYTES_PER_TOKEN = 3;

/** Reserves the worst case of a request until it has ended. @throws {ChatError} `RateLimitExceeded` */
export async function reserveTokens(
  request: ProviderRequest,
  caller: Caller,
  context: RequestContext,
  limits: RateLimits,
): Promise<void> {
  if (!limits.hasBudgetFor(caller)) return;
  const output = largest([request.max_tokens, request.max_completion_tokens]) ?? DEFAULT_OUTPUT_TOKENS;
  await hold({ input: estimateInputTokens(request), output }, caller, context, limits);
}

/**
 * Reserves the worst case of a request in proxy mode, which counts against the server's budget only.
 * @returns false where there is no such budget, so that the response need not be read
 * @throws {ChatError} `RateLimitExceeded`
 */
export async function reserveServerTokens(
  body: Uint8Array<ArrayBuffer>,
  context: RequestContext,
  limits: RateLimits,
): Promise<boolean> {
  if (!limits.hasBudgetFor(undefined)) return false;
  const input = Math.ceil(body.byteLength / BYTES_PER_TOKEN);
  await hold({ input, output: readOutputLimit(body) }, undefined, context, limits);
  return true;
}

async function hold(
  { input, output }: { readonly input: number; readonly output: number },
  caller: Caller | undefined,
  context: RequestContext,
  limits: RateLimits,
): Promise<void> {
  const settle = await limits.reserve(caller, input + output);
  context.onEnd((ending) => {
    const { tokens, isEstimate } = tokensUsed(ending, input, input + output);
    if (isEstimate) context.estimatedTokens = tokens;
    settle(tokens);
  });
}

/** The most output tokens of a request, by the names that the different APIs have for it. */
function readOutputLimit(body: Uint8Array<ArrayBuffer>): number {
  try {
    const json = asObject<Record<string, unknown>>(JSON.parse(new TextDecoder().decode(body))) ?? {};
    const limit = largest([json.max_completion_tokens, json.max_output_tokens, json.max_tokens]);
    return (limit ?? DEFAULT_OUTPUT_TOKENS) * (largest([json.n]) ?? 1);
  } catch {
    // The provider will refuse it.
    return DEFAULT_OUTPUT_TOKENS;
  }
}

/** The largest of the positive integers. Which of several fields a provider obeys is not known here. */
function largest(limits: readonly unknown[]): number | undefined {
  const numbers = limits.filter((limit): limit is number => Number.isSafeInteger(limit) && limit as number > 0);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** The estimated input tokens of a request, all fields included: rather too many than too few. */
export function estimateInputTokens(request: Omit<ProviderRequest, "model">): number {
  const images = request.messages.reduce((sum, message) => sum + countImages(message), 0);
  const bytes = new TextEncoder().encode(textOfRequest(request)).byteLength;
  return Math.ceil(bytes / BYTES_PER_TOKEN) + images * TOKENS_PER_IMAGE;
}

/** Errors of requests that the provider did not get or refused: no tokens were used. */
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
 * The tokens that a request used: the provider's count, else an estimate from the events sent and from the time that the
 * model had to write, so that leaving early is never cheaper.
 */
export function tokensUsed(
  { status, run, error, totalMs }: RequestEnding,
  input: number,
  worstCase: number,
): { readonly tokens: number; readonly isEstimate: boolean } {
  const { totalTokens, totalInputTokens = input, totalOutputTokens } = run?.usage ?? {};
  if (totalTokens !== undefined) return { tokens: totalTokens, isEstimate: false };
  if (totalOutputTokens !== undefined) return { tokens: totalInputTokens + totalOutputTokens, isEstimate: false };
  // A refusal without a stream: ours, or in proxy mode the provider's, which is not an error here.
  const isRefused = run?.events === undefined && status >= 400;
  if (isRefused && (error === undefined || FREE.has(error.type))) return { tokens: 0, isEstimate: false };
  const output = Math.max(run?.events ?? 0, Math.ceil(totalMs / 1000 * TOKENS_PER_SECOND));
  return { tokens: Math.min(worstCase, totalInputTokens + output), isEstimate: true };
}
