/** How a provider's key is sent. */
import { assertEquals } from "@std/assert";
import type { ProviderQuirks } from "../../upstream/chat_events/provider_config.ts";
import { compatibleAccess, providerHeaders } from "../../upstream/provider_auth.ts";

const ACCESS = { baseURL: "https://example.com/v1", apiKey: "k" };

const HEADERS: readonly [quirks: ProviderQuirks, headers: Readonly<Record<string, string>>][] = [
  [{}, { authorization: "Bearer k" }],
  [{ api: "responses" }, { authorization: "Bearer k" }],
  [{ api: "anthropic" }, { "x-api-key": "k" }],
  [{ api: "gemini" }, { "x-goog-api-key": "k" }],
  [{ api: "anthropic", auth: "bearer" }, { authorization: "Bearer k" }],
  [{ auth: "api-key", headers: { "X-Title": "t" } }, { "api-key": "k", "x-title": "t" }],
  [{ auth: "none" }, {}],
];
for (const [quirks, headers] of HEADERS) {
  Deno.test(`providerHeaders sends ${JSON.stringify(headers)} for ${JSON.stringify(quirks)}`, () => {
    assertEquals(providerHeaders({ ...ACCESS, ...quirks }), headers);
  });
}

Deno.test("providerHeaders sends no key when there is none", () => {
  assertEquals(providerHeaders({ baseURL: ACCESS.baseURL, api: "anthropic" }), {});
});

Deno.test("compatibleAccess gives the address and the header for OpenAI's clients", () => {
  const access = (quirks: ProviderQuirks) => {
    const { baseURL, auth } = compatibleAccess({ ...ACCESS, ...quirks });
    return [baseURL, auth];
  };
  assertEquals(access({}), ["https://example.com/v1", undefined]);
  assertEquals(access({ api: "anthropic" }), ["https://example.com/v1", "bearer"]);
  assertEquals(access({ api: "gemini" }), ["https://example.com/v1/openai", "bearer"]);
  assertEquals(access({ api: "gemini", auth: "api-key" }), ["https://example.com/v1/openai", "api-key"]);
});
