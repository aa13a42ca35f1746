/**
 * The request that goes to a provider: the client's one with the server's instructions, model and limits.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { ChatRequest } from "../protocol/chat_request.ts";
import type { ProviderRequest } from "../upstream/chat_events/dialect.ts";
import type { Model } from "../upstream/models.ts";
import type { Caller } from "./access.ts";

/** What the server adds to a request. */
export interface RequestSettings {
  /** Put before every conversation. Clients may then send no instructions of their own. */
  readonly systemPrompt: string | undefined;
  /** The most output tokens of an answer; `Infinity` for no limit. */
  readonly maxOutputTokens: number;
}

/** @throws {ChatError} `InvalidRequestFormat` where the client sends instructions and may not */
export function toProviderRequest(
  request: ChatRequest,
  model: Model,
  { token }: Caller,
  { systemPrompt, maxOutputTokens }: RequestSettings,
): ProviderRequest {
  const limit = Math.min(maxOutputTokens, model.maxOutputTokens ?? Infinity, token?.maxOutputTokens ?? Infinity);
  return {
    ...withoutOurFields(request),
    ...clampOutput(request, limit),
    messages: withSystemPrompt(request, systemPrompt),
    model: model.name,
  };
}

/** The fields that are meant for a provider. */
function withoutOurFields({ stream: _, resumable: __, ...rest }: ChatRequest): Omit<ChatRequest, "stream"> {
  return rest;
}

/** The conversation with the server's instructions. */
function withSystemPrompt({ messages }: ChatRequest, systemPrompt: string | undefined): ChatRequest["messages"] {
  if (systemPrompt === undefined) return messages;
  const index = messages.findIndex(({ role }) => role === "system" || role === "developer");
  if (index !== -1) {
    const path = `messages[${index}].role`;
    throw new ChatError("InvalidRequestFormat", `${path} must not be "system" or "developer" on this server`, {
      body: { path },
    });
  }
  return [{ role: "system", content: systemPrompt }, ...messages];
}

/** Clamps the limits that the client sent; sets the server's where it sent none. */
function clampOutput({ max_tokens, max_completion_tokens }: ChatRequest, limit: number): Partial<ChatRequest> {
  if (limit === Infinity) return {};
  if (max_tokens === undefined) return { max_completion_tokens: Math.min(max_completion_tokens ?? Infinity, limit) };
  return {
    max_tokens: Math.min(max_tokens, limit),
    ...(max_completion_tokens !== undefined && { max_completion_tokens: Math.min(max_completion_tokens, limit) }),
  };
}
