/**
 * How a provider's key is sent, and the headers of its requests.
 * @module
 */
import type { ProviderAccess, ProviderApi, ProviderAuth } from "./chat_events/provider_config.ts";

/** What the documentation of each API says. */
const AUTH_OF_API: Readonly<Record<ProviderApi, ProviderAuth>> = {
  "chat-completions": "bearer",
  "responses": "bearer",
  "anthropic": "x-api-key",
  "gemini": "x-goog-api-key",
};

/** The headers of each request to a provider: the operator's, and the key. Names are in lower case. */
export function providerHeaders(
  { api = "chat-completions", auth, apiKey, headers = {} }: ProviderAccess,
): Record<string, string> {
  const all = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  if (apiKey === undefined) return all;
  const way = auth ?? AUTH_OF_API[api];
  switch (way) {
    case "none":
      return all;
    case "bearer":
      return { ...all, authorization: `Bearer ${apiKey}` };
    case "api-key":
    case "x-api-key":
    case "x-goog-api-key":
      return { ...all, [way]: apiKey };
    default:
      return way satisfies never;
  }
}
