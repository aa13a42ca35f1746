/**
 * The tokens that a request may use and those that it used. The worst case is reserved before the request is sent to the
 * provider. At the end the provider's count replaces it, or, without a count, an estimate that is marked as one.
 * @module
 */
import type { ChatErrorType } from "../protocol/chat_error.ts";
import type { ProviderRequest } from "../upstream/chat_events/dialect.ts";
import { asObject } from "../upstream/chat_events/untrusted_json.ts";
import type { OutputAllowance, OutputAmount } from "../upstream/chat_events/output_allowance.ts";
import type { Caller } from "./access.ts";
import type { RequestContext, RequestEnding } from "./request_context.ts";
import type { RateLimits, TokenReservation } from "./rate_limits.ts";
import { countImages, fileLengths, textOfRequest } from "./conversation_limits.ts";

/** The output limit where a budget applies and a request has none. Models with small limits allow it too. */
export const DEFAULT_OUTPUT_TOKENS = 4096;
/** The estimated tokens of an image: about those of a large one at OpenAI. */
export const TOKENS_PER_IMAGE = 1500;
/** The least estimated tokens of a file: a page of a PDF is read as text and as an image. */
export const TOKENS_PER_FILE = 3000;
/** The base64 of a file that is counted as one token: a page of a PDF has about 50 KB and 2,000 tokens. */
export const FILE_CHARS_PER_TOKEN = 32;
/** The estimated speed of a model, hidden reasoning included, for an answer without a count. */
export const TOKENS_PER_SECOND = 100;
/** Bytes of an audio token: ten tokens a second, and the least that speech is compressed to, 6 kbit/s. */
const BYTES_PER_AUDIO_TOKEN = 75;
/** UTF-8 bytes of a token: more than three in English, about three in Chinese. */
const BYTES_PER_TOKEN = 3;
/**
 * UTF-8 bytes of a token in the estimate of an abandoned answer. No tokenizer makes more tokens than there are bytes, so
 * the text that was sent cost at most twice the estimate.
 */
const BYTES_PER_ABANDONED_TOKEN = 2;
/** The least number of tokens by which a reservation grows. */
const GROWTH_TOKENS = 256;

/**
 * Reserves the worst case of a request until it has ended.
 * @returns undefined where no budget applies
 * @throws {ChatError} `RateLimitExceeded`
 */
export async function reserveTokens(
  request: ProviderRequest,
  caller: Caller,
  context: RequestContext,
  limits: RateLimits,
): Promise<AnswerReservation | undefined> {
  if (!limits.hasBudgetFor(caller)) return undefined;
  const output = largest([request.max_tokens, request.max_completion_tokens]);
  return await hold({ input: estimateInputTokens(request), output }, caller, context, limits);
}

/**
 * Reserves the worst case of a request in proxy mode, which counts against the server's budget only.
 * @returns undefined where there is no such budget, so that the response need not be read
 * @throws {ChatError} `RateLimitExceeded`
 */
export async function reserveServerTokens(
  body: Uint8Array<ArrayBuffer>,
  context: RequestContext,
  limits: RateLimits,
): Promise<AnswerReservation | undefined> {
  if (!limits.hasBudgetFor(undefined)) return undefined;
  const input = Math.ceil(body.byteLength / BYTES_PER_TOKEN);
  return await hold({ input, output: readOutputLimit(body) }, undefined, context, limits);
}

/**
 * The same for a file of audio, before it has been read.
 * @param bytes the size of the upload
 */
export async function reserveUploadTokens(
  bytes: number,
  context: RequestContext,
  limits: RateLimits,
): Promise<AnswerReservation | undefined> {
  if (!limits.hasBudgetFor(undefined)) return undefined;
  const input = Math.ceil(bytes / BYTES_PER_AUDIO_TOKEN);
  return await hold({ input, output: undefined }, undefined, context, limits);
}

async function hold(
  { input, output }: { readonly input: number; readonly output: number | undefined },
  caller: Caller | undefined,
  context: RequestContext,
  limits: RateLimits,
): Promise<AnswerReservation> {
  const tokens = await limits.reserve(caller, input + (output ?? DEFAULT_OUTPUT_TOKENS));
  const reservation = new AnswerReservation(tokens, input, output);
  context.onEnd((ending) => {
    // A relayed request is sent once, and counts no tries.
    const { tokens, isEstimate } = reservation.settle(ending, caller === undefined ? undefined : context.tries.paid);
    if (isEstimate) context.estimatedTokens = tokens;
  });
  return reservation;
}

/** The tokens that are reserved for one request. They grow with its output while the budgets last. */
export class AnswerReservation implements OutputAllowance {
  /** What a request without an output limit must send to the provider: its answer then ends within the reservation. */
  readonly outputLimit: Pick<ProviderRequest, "max_completion_tokens">;
  readonly #tokens: TokenReservation;
  readonly #input: number;
  #output: number;

  /** @param output the output limit of the request, if it has one */
  constructor(tokens: TokenReservation, input: number, output: number | undefined) {
    this.outputLimit = output === undefined ? { max_completion_tokens: DEFAULT_OUTPUT_TOKENS } : {};
    this.#tokens = tokens;
    this.#input = input;
    this.#output = output ?? DEFAULT_OUTPUT_TOKENS;
  }

  covers({ events, contentBytes }: OutputAmount): boolean {
    return events <= this.#output && contentBytes <= this.#output * BYTES_PER_TOKEN;
  }

  /** Reserves tokens for output beyond the limit. @throws {ChatError} `RateLimitExceeded` */
  async growToCover(output: OutputAmount): Promise<void> {
    const missing = writtenTokens(output) - this.#output;
    const tokens = Math.max(missing, GROWTH_TOKENS);
    await this.#tokens.extend(tokens);
    this.#output += tokens;
  }

  /** Replaces the reserved tokens by those that were used. @param paidTries as in {@linkcode tokensUsed} */
  settle(ending: RequestEnding, paidTries?: number): TokensUsed {
    const used = tokensUsed(ending, this.#input, this.#input + this.#output, paidTries);
    this.#tokens.settle(used.tokens).catch((error) => console.error(error));
    return used;
  }
}

/** The output limit of a request, by the field names of the different APIs. */
function readOutputLimit(body: Uint8Array<ArrayBuffer>): number | undefined {
  try {
    const json = asObject<Record<string, unknown>>(JSON.parse(new TextDecoder().decode(body))) ?? {};
    const limit = largest([json.max_completion_tokens, json.max_output_tokens, json.max_tokens]);
    const answers = largest([json.n]);
    return limit === undefined && answers === undefined ? undefined : (limit ?? DEFAULT_OUTPUT_TOKENS) * (answers ?? 1);
  } catch {
    // The provider will refuse it.
    return undefined;
  }
}

/** The largest of the positive integers, because providers differ in which field they apply. */
function largest(limits: readonly unknown[]): number | undefined {
  const numbers = limits.filter((limit): limit is number => Number.isSafeInteger(limit) && limit as number > 0);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** The estimated input tokens of a request with all its fields: too many rather than too few. */
export function estimateInputTokens(request: Omit<ProviderRequest, "model">): number {
  const images = request.messages.reduce((sum, message) => sum + countImages(message), 0);
  const bytes = new TextEncoder().encode(textOfRequest(request)).byteLength;
  const files = request.messages.flatMap(fileLengths).reduce((sum, chars) => {
    return sum + Math.max(TOKENS_PER_FILE, Math.ceil(chars / FILE_CHARS_PER_TOKEN));
  }, 0);
  return Math.ceil(bytes / BYTES_PER_TOKEN) + images * TOKENS_PER_IMAGE + files;
}

/** Errors of requests that were not sent or that the provider refused: no tokens were used. */
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

/** The tokens of a request. */
export interface TokensUsed {
  readonly tokens: number;
  /** True where the provider sent no count. */
  readonly isEstimate: boolean;
}

/**
 * The tokens that a request used: the provider's count, else an estimate from the text that was sent and from the elapsed
 * time, so that leaving early is never cheaper.
 * @param input the estimated input tokens
 * @param worstCase the reserved tokens, which an answer within its limit cannot exceed
 * @param paidTries how many requests the provider may have charged for, where that is known. Each one costs the input.
 */
export function tokensUsed(ending: RequestEnding, input: number, worstCase: number, paidTries?: number): TokensUsed {
  const { tokens, isEstimate } = tokensOfLastTry(ending, input, worstCase, paidTries ?? 0);
  return { tokens: tokens + Math.max(0, (paidTries ?? 1) - 1) * input, isEstimate };
}

function tokensOfLastTry(
  { status, run, error, totalMs }: RequestEnding,
  input: number,
  worstCase: number,
  paidTries: number,
): TokensUsed {
  const { totalTokens, totalInputTokens = input, totalOutputTokens } = run?.usage ?? {};
  if (totalTokens !== undefined) return { tokens: totalTokens, isEstimate: false };
  if (totalOutputTokens !== undefined) return { tokens: totalInputTokens + totalOutputTokens, isEstimate: false };
  // A refusal without a stream: ours, or in proxy mode the provider's, which is not an error here.
  const isRefused = run?.events === undefined && status >= 400;
  const isFree = error === undefined || (FREE.has(error.type) && paidTries === 0);
  if (isRefused && isFree) return { tokens: 0, isEstimate: false };
  const { events = 0, contentBytes = 0 } = run ?? {};
  const output = Math.max(
    events,
    Math.ceil(contentBytes / BYTES_PER_ABANDONED_TOKEN),
    Math.ceil(totalMs / 1000 * TOKENS_PER_SECOND),
  );
  const most = Math.max(worstCase, totalInputTokens + writtenTokens({ events, contentBytes }));
  return { tokens: Math.min(most, totalInputTokens + output), isEstimate: true };
}

/** The least number of tokens to expect of this output. */
function writtenTokens({ events, contentBytes }: OutputAmount): number {
  return Math.max(events, Math.ceil(contentBytes / BYTES_PER_TOKEN));
}
