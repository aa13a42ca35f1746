/**
 * Our errors in the format that OpenAI's clients read, for every path below /v1.
 * @see https://platform.openai.com/docs/guides/error-codes
 * @module
 */
import type { ChatError } from "../protocol/chat_error.ts";

/** The body of an error response. */
export interface OpenAIErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

/** The error as an OpenAI-compatible server sends it: `RateLimitExceeded` becomes `rate_limit_exceeded`. */
export function toOpenAIError({ type, status, message, body }: ChatError): OpenAIErrorBody {
  const code = type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
  return {
    error: { message, type: status < 500 ? "invalid_request_error" : "server_error", param: body.path ?? null, code },
  };
}
