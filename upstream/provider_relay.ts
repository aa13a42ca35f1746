/**
 * The relay to one provider with each API that it serves: OpenAI's, and Anthropic's Messages API at Anthropic.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { VERSION } from "./anthropic/anthropic.ts";
import type { ProviderAccess } from "./chat_events/provider_config.ts";
import { compatibleAccess } from "./provider_auth.ts";
import { createRelay, type Relay } from "./relay.ts";

/** Makes the relay. The parameters are those of {@linkcode createRelay}. */
export function createProviderRelay(
  provider: ProviderAccess,
  timeoutMs: number,
  fetch?: typeof globalThis.fetch,
): Relay {
  const compatible = createRelay(compatibleAccess(provider), timeoutMs, { fetch });
  const messages = provider.api === "anthropic"
    ? createRelay(provider, timeoutMs, { fetch, defaultHeaders: VERSION })
    : refuseMessages;
  return (request) => {
    if (/^messages(?:\/|$)/.test(request.path)) return messages(request);
    // Anthropic lists its models in its own format for its own clients.
    const isOwnClient = provider.api === "anthropic" && request.headers.has("anthropic-version");
    return isOwnClient && request.method === "GET" ? messages(request) : compatible(request);
  };
}

const refuseMessages: Relay = () => {
  throw new ChatError("NotFound", "The provider of this model has no Messages API.");
};
