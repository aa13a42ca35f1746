/**
 * Translates a provider's failures into {@linkcode ChatError}s: an HTTP status with a body, or an error inside a 200
 * response. Clients get one redacted sentence and a short code, never an error page, headers or anything like a key.
 * @module
 */
import { ChatError, type ChatErrorType } from "../../protocol/chat_error.ts";
import { asList, asObject, asText } from "./untrusted_json.ts";
import { redact } from "./redact.ts";

/** The `Retry-After` for a rate limit of a provider that sends none, in seconds. */
export const DEFAULT_RETRY_AFTER_SECONDS = 5;
/** The longest `Retry-After` that is forwarded, in seconds: one day. Longer ones are ignored. */
export const MAX_RETRY_AFTER_SECONDS = 86_400;

/** A failure as a provider describes it. Every field may be missing. */
interface ProviderFailure {
  readonly status: number | undefined;
  readonly code: string | number | undefined;
  readonly message: string | undefined;
}

/**
 * The error for a response with an error status.
 * @param body the response's body as parsed JSON; undefined for a page or plain text, which is never forwarded
 * @param headers the response's headers; only `Retry-After` is read
 */
export function providerHttpError(status: number, body: unknown, headers: Headers): ChatError {
  const failure = { ...readFailure(body), status };
  const retryAfterSeconds = readRetryAfter(headers) ?? readRetryDelay(body) ?? DEFAULT_RETRY_AFTER_SECONDS;
  return toChatError(failure, status === 429 ? retryAfterSeconds : undefined);
}

/**
 * The error for a failure inside a stream or a 200 response.
 * @param value an `error` object, its text, or the object around it
 */
export function providerStreamError(value: unknown): ChatError {
  const failure = readFailure(value);
  return toChatError(failure, undefined);
}

function toChatError(failure: ProviderFailure, retryAfterSeconds: number | undefined): ChatError {
  const type = classify(failure);
  const { code, status } = failure;
  return new ChatError(type, messageFor(type, failure), {
    body: { ...(code === undefined ? {} : { code }), ...(status === undefined ? {} : { status }) },
    retryAfterSeconds,
  });
}

const CODES: Readonly<Record<string, ChatErrorType>> = {
  context_length_exceeded: "ExceededContextWindow",
  string_above_max_length: "ExceededContextWindow",
  insufficient_quota: "InsufficientQuota",
  insufficient_balance: "InsufficientQuota",
  billing_hard_limit_reached: "InsufficientQuota",
  invalid_api_key: "InvalidProviderAPIKey",
  model_not_found: "ModelNotFound",
  rate_limit_exceeded: "RateLimitExceeded",
  content_filter: "ProviderContentPolicyViolation",
  content_policy_violation: "ProviderContentPolicyViolation",
  // Anthropic. https://docs.anthropic.com/en/api/errors
  authentication_error: "InvalidProviderAPIKey",
  permission_error: "InvalidProviderAPIKey",
  billing_error: "InsufficientQuota",
  rate_limit_error: "RateLimitExceeded",
  timeout_error: "ProviderTimeout",
  // Google's APIs name errors as gRPC does. https://ai.google.dev/gemini-api/docs/troubleshooting
  API_KEY_INVALID: "InvalidProviderAPIKey",
  UNAUTHENTICATED: "InvalidProviderAPIKey",
  PERMISSION_DENIED: "InvalidProviderAPIKey",
  RESOURCE_EXHAUSTED: "RateLimitExceeded",
  DEADLINE_EXCEEDED: "ProviderTimeout",
  // MiniMax uses numbers. https://platform.minimax.io/docs/api-reference/errorcode
  "1004": "InvalidProviderAPIKey",
  "2049": "InvalidProviderAPIKey",
  "1008": "InsufficientQuota",
  "1002": "RateLimitExceeded",
  "1041": "RateLimitExceeded",
  "2045": "RateLimitExceeded",
  "1039": "ExceededContextWindow",
};

/** DeepSeek, Ollama, vLLM and others have no code for a conversation that is too long, only a message. */
const TOO_LONG =
  /context[ _]?(?:length|window|size)|maximum context|prompt (?:is )?too long|too many (?:input )?tokens|exceeds the maximum number of tokens/i;

/** Anthropic, xAI and Google say these with a 400, and have no code of their own for it. */
const NO_CREDIT = /credit balance is too low/i;
const WRONG_KEY = /(?:incorrect|invalid) api key|api key not valid/i;

function classify({ status, code, message = "" }: ProviderFailure): ChatErrorType {
  const known = code === undefined || !Object.hasOwn(CODES, code) ? undefined : CODES[code];
  if (known !== undefined) return known;
  // OpenRouter sends the status as the code, Azure as a string.
  const http = status ?? Number(code);
  if (http === 401) return "InvalidProviderAPIKey";
  if (http === 402) return "InsufficientQuota";
  if ((http === 404 || code === "not_found_error" || code === "NOT_FOUND") && /\bmodels?\b/i.test(message)) {
    return "ModelNotFound";
  }
  if (http === 400 && NO_CREDIT.test(message)) return "InsufficientQuota";
  if (http === 400 && WRONG_KEY.test(message)) return "InvalidProviderAPIKey";
  if ((http === 400 || http === 413 || http === 422) && TOO_LONG.test(message)) return "ExceededContextWindow";
  if (http === 429) return "RateLimitExceeded";
  return "ProviderBizError";
}

/** Our own message where the provider's may contain a key or does not help a visitor; otherwise the provider's. */
function messageFor(type: ChatErrorType, { message, status }: ProviderFailure): string {
  const details = message === undefined ? "" : redact(message);
  switch (type) {
    case "InvalidProviderAPIKey":
      return "The model provider refused this server's API key.";
    case "InsufficientQuota":
      return "The account at the model provider has no quota left.";
    case "RateLimitExceeded":
      return "The model provider is receiving too many requests. Please try again later.";
    default:
      if (details !== "") return details;
      return status === undefined
        ? "The model provider reported an error."
        : `The model provider answered with status ${status}.`;
  }
}

/** Reads OpenAI's `{error: {message, code}}` and the shapes of other providers. Gemini wraps it in an array. */
function readFailure(value: unknown): ProviderFailure {
  if (Array.isArray(value)) return readFailure(value.find((item) => asObject(item) !== undefined));
  if (typeof value === "string") return { status: undefined, code: undefined, message: readSentence(value) };
  const outer = asObject<{ error: unknown; detail: unknown; message: unknown; code: unknown; status_code: unknown }>(
    value,
  );
  if (outer === undefined) return { status: undefined, code: undefined, message: undefined };
  const inner = asObject<
    { message: unknown; code: unknown; type: unknown; status: unknown; status_code: unknown; details: unknown }
  >(outer.error);
  return {
    status: readStatus(inner?.status_code) ?? readStatus(outer.status_code),
    code: readReason(inner?.details) ?? readGrpcStatus(inner?.status) ?? readCode(inner?.code) ??
      readCode(outer.code) ??
      readCode(inner?.type),
    message: [inner?.message, outer.error, outer.message, readDetail(outer.detail)].map(readSentence)
      .find((text) => text !== undefined),
  };
}

/** Google's name of an error, such as `RESOURCE_EXHAUSTED`. */
function readGrpcStatus(value: unknown): string | undefined {
  return typeof value === "string" && /^[A-Z_]{2,32}$/.test(value) ? value : undefined;
}

/** Google's reason where it says more than the name: a wrong key is an `INVALID_ARGUMENT`. */
function readReason(details: unknown): string | undefined {
  const reasons = asList(details).map((detail) => asObject<{ reason: unknown }>(detail)?.reason);
  return reasons.includes("API_KEY_INVALID") ? "API_KEY_INVALID" : undefined;
}

/** How many faults of a request are repeated in a message. */
const MAX_DETAILS = 3;

/** FastAPI's `detail`: a text, an object with one, or a list of faults with their places. */
function readDetail(detail: unknown): string | undefined {
  if (!Array.isArray(detail)) return asText(detail) ?? asText(asObject<{ message: unknown }>(detail)?.message);
  const faults = detail.slice(0, MAX_DETAILS).map((value) => {
    const fault = asObject<{ loc: unknown; msg: unknown }>(value);
    const place = asList(fault?.loc).filter((step) => typeof step === "string" || typeof step === "number").join(".");
    return [place, asText(fault?.msg) ?? asText(value)].filter((part) => part).join(": ");
  });
  return faults.filter((fault) => fault !== "").join("; ");
}

function readStatus(value: unknown): number | undefined {
  return typeof value === "number" && value >= 400 && value <= 599 ? value : undefined;
}

/** A code is a number or a short identifier. Sentences are ignored. */
function readCode(value: unknown): string | number | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  return typeof value === "string" && /^[A-Za-z0-9_.-]{1,64}$/.test(value) && redact(value) === value
    ? value
    : undefined;
}

/** Plain text. HTML pages, and messages that quote one, are ignored. */
function readSentence(value: unknown): string | undefined {
  const text = asText(value);
  return text === undefined || text.trim() === "" || /^\s*<|<(?:!doctype|html|head|title|body)\b/i.test(text)
    ? undefined
    : text;
}

/** The wait in the body of a Google API: `{error: {details: [{retryDelay: "48.9s"}]}}`, in whole seconds. */
export function readRetryDelay(body: unknown): number | undefined {
  const error = asObject<{ error: unknown }>(Array.isArray(body) ? body[0] : body)?.error;
  for (const detail of asList(asObject<{ details: unknown }>(error)?.details)) {
    const delay = asText(asObject<{ retryDelay: unknown }>(detail)?.retryDelay) ?? "";
    if (/^\d+(\.\d+)?s$/.test(delay)) return toSeconds(Number.parseFloat(delay));
  }
  return undefined;
}

/** The wait in `Retry-After` or `Retry-After-Ms`, in whole seconds from now; undefined where there is no valid one. */
export function readRetryAfter(headers: Headers, now: number = Date.now()): number | undefined {
  const milliseconds = headers.get("retry-after-ms");
  if (milliseconds !== null && /^\d+(\.\d+)?$/.test(milliseconds)) return toSeconds(Number(milliseconds) / 1000);
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(value)) return toSeconds(Number(value));
  // RFC 9110, section 10.2.3. `Date.parse` alone accepts many other formats.
  const date = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} /.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(date) ? undefined : toSeconds((date - now) / 1000);
}

function toSeconds(seconds: number): number | undefined {
  const whole = Math.ceil(seconds);
  return whole > 0 && whole <= MAX_RETRY_AFTER_SECONDS ? whole : undefined;
}
