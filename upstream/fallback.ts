/**
 * Asks another model where the first cannot answer. Only before the first byte: once a visitor has seen a word of an
 * answer, another model's would not continue it.
 * @module
 */
import { ChatError, type ChatErrorType } from "../protocol/chat_error.ts";
import type { Model } from "./models.ts";
import type { OpenChat } from "./chat_completions/openai.ts";

/** Failures of a provider, which another may not have. What is wrong with the request is wrong everywhere. */
const WORTH_ANOTHER: ReadonlySet<ChatErrorType> = new Set<ChatErrorType>([
  "InsufficientQuota",
  "InvalidProviderAPIKey",
  "ModelNotFound",
  "ProviderBizError",
  "ProviderNetworkError",
  "ProviderTimeout",
  "RateLimitExceeded",
]);

/** The statuses by which a provider says that the request is wrong. */
const WRONG_REQUEST: ReadonlySet<unknown> = new Set([400, 413, 422]);

function isWorthAnother({ type, body }: ChatError): boolean {
  return WORTH_ANOTHER.has(type) && !WRONG_REQUEST.has(body.status);
}

/**
 * An {@linkcode OpenChat} that asks the models in turn until one accepts.
 * @param models at least one
 * @throws what the last one asked has thrown
 */
export function openFirstOf(models: readonly Model[]): OpenChat {
  return async function openChat(request, signal) {
    let failure: unknown;
    for (const { name, openChat } of models) {
      try {
        return await openChat({ ...request, model: name }, signal);
      } catch (error) {
        if (!(error instanceof ChatError) || !isWorthAnother(error)) throw error;
        failure = error;
      }
    }
    throw failure;
  };
}
