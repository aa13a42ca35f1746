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

/**
 * The same provider as OpenAI's clients reach it: Anthropic and Google serve their API too, with the same key as a bearer
 * token. What the operator has written about the key stays.
 * @see https://docs.anthropic.com/en/api/openai-sdk
 * @see https://ai.google.dev/gemini-api/docs/openai
 */
export function compatibleAccess(provider: ProviderAccess): ProviderAccess {
  const { api, baseURL } = provider;
  if (api !== "anthropic" && api !== "gemini") return provider;
  const path = api === "gemini" ? "/openai" : "";
  return { auth: "bearer", ...provider, baseURL: baseURL.replace(/\/$/, "") + path };
}

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
