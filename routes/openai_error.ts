/**
 * Our errors in the format that OpenAI's clients read, for every path below /v1.
 * @see https://platform.openai.com/docs/guides/error-codes
 * @module
 */
import type { ChatError, ChatErrorType } from "../protocol/chat_error.ts";
import { MAX_CLIENT_WAIT_SECONDS } from "../upstream/relay.ts";

/** The body of an error response. */
export interface OpenAIErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

/** What sending the request again cannot mend. OpenAI's clients repeat every 429 and 5xx unless a header says not to. */
const PERMANENT: ReadonlySet<ChatErrorType> = new Set<ChatErrorType>(["InsufficientQuota", "InvalidProviderAPIKey"]);

/** False where a client should not send the request again. */
export function isWorthRetrying({ type, retryAfterSeconds = 0 }: ChatError): boolean {
  return !PERMANENT.has(type) && retryAfterSeconds <= MAX_CLIENT_WAIT_SECONDS;
}

/** The error as an OpenAI-compatible server sends it: `RateLimitExceeded` becomes `rate_limit_exceeded`. */
export function toOpenAIError({ type, status, message, body }: ChatError): OpenAIErrorBody {
  const code = type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  return {
    error: { message, type: status < 500 ? "invalid_request_error" : "server_error", param: body.path ?? null, code },
  };
}
