/**
 * Our errors in the format that Anthropic's clients read, for `/v1/messages`.
 * @see https://docs.anthropic.com/en/api/errors
 * @module
 */
import type { ChatError } from "../protocol/chat_error.ts";

/** The body of an error response. */
export interface AnthropicErrorBody {
  readonly type: "error";
  readonly error: { readonly type: string; readonly message: string };
}

/** Anthropic's error types, by status. */
const TYPES: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
};

/** The error as Anthropic's API sends it. */
export function toAnthropicError({ status, message }: ChatError): AnthropicErrorBody {
  return { type: "error", error: { type: TYPES[status] ?? typeOf(status), message } };
}

function typeOf(status: number): string {
  return status < 500 ? "invalid_request_error" : "api_error";
}

/** True for the addresses of Anthropic's API below `/v1/`. */
export function isMessagesAddress(path: string): boolean {
  return /^\/v1\/messages(?:\/|$)/.test(path);
}
