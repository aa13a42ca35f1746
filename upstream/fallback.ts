/**
 * Sends a request to another model where the first cannot answer. Only before the first byte: another model would not
 * continue an answer that the visitor has begun to read.
 * @module
 */
import { ChatError, type ChatErrorType } from "../protocol/chat_error.ts";
import type { OpenChat } from "./open_chat.ts";
import { ProviderTries } from "./chat_events/provider_tries.ts";
import type { Model } from "./models.ts";

/** Failures of a provider that another may not have. An invalid request is invalid everywhere. */
const RETRIABLE: ReadonlySet<ChatErrorType> = new Set<ChatErrorType>([
  "InsufficientQuota",
  "InvalidProviderAPIKey",
  "ModelNotFound",
  "ProviderBizError",
  "ProviderNetworkError",
  "ProviderTimeout",
  "RateLimitExceeded",
]);

/** The statuses by which a provider says that the request is invalid. */
const INVALID_REQUEST: ReadonlySet<unknown> = new Set([400, 413, 422]);

function isRetriable({ type, body }: ChatError): boolean {
  return RETRIABLE.has(type) && !INVALID_REQUEST.has(body.status);
}

/**
 * An {@linkcode OpenChat} that tries models in turn until one accepts.
 * @param models at least one
 * @param maxTries how many requests one question may have to pay for
 * @throws the error of the last model that was tried
 */
export function openFirstOf(models: readonly Model[], maxTries: number): OpenChat {
  return async function openChat(request, signal, tries = new ProviderTries()) {
    let failure: unknown;
    for (const { name, openChat } of models) {
      try {
        return await openChat({ ...request, model: name }, signal, tries);
      } catch (error) {
        if (!(error instanceof ChatError) || !isRetriable(error) || tries.paid >= maxTries) throw error;
        failure = error;
      }
    }
    throw failure;
  };
}
