/**
 * Access rules and limits from the environment. Error messages must not contain a secret.
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Config, readConfig } from "../../config/config.ts";
import { ConfigError } from "../../config/config_values.ts";
import { digestProxyKey } from "../../routes/proxy_keys.ts";

function access(env: Record<string, string>): Config {
  // Proxy mode needs a provider.
  return readConfig((name) => ({ OPENAI_API_KEY: "sk-test", ...env })[name], () => {
    throw new Deno.errors.NotFound();
  });
}

Deno.test("readConfig returns limits for a small site when nothing is set, and does not limit this machine", () => {
  const { access: { trustedProxies, embedSecrets }, rates, conversation, proxyKeys, shortSecrets } = access({});
  assertEquals([trustedProxies, embedSecrets, proxyKeys, shortSecrets], [0, [], undefined, []]);
  assertEquals(rates, {
    requestsPerMinute: 30,
    readsPerMinute: 120,
    streamsAtOnce: 10,
    tokensPerDay: 500_000,
    serverTokensPerDay: 0,
    limitLocal: false,
  });
  assertEquals(conversation, { maxMessages: 200, maxInputChars: 200_000, maxImages: 10 });
});

for (
  const [env, limitLocal] of [
    [{ RATE_LIMIT_REQUESTS_PER_MINUTE: "5" }, true],
    [{ RATE_LIMIT_SERVER_TOKENS_PER_DAY: "5" }, true],
    [{ TRUSTED_PROXIES: "1" }, true],
    [{ RATE_LIMIT_REQUESTS_PER_MINUTE: "0", TRUSTED_PROXIES: "0" }, false],
  ] as const
) {
  Deno.test(`readConfig ${limitLocal ? "limits" : "does not limit"} this machine when ${JSON.stringify(env)} is set`, () => {
    assertEquals(access(env).rates.limitLocal, limitLocal);
  });
}

Deno.test("readConfig returns digests of the proxy keys, and no key", () => {
  const { proxyKeys } = access({ PROXY_KEYS: "shop:key-0123456789abcdef, blog:other:with:colons" });
  assertEquals(
    [...proxyKeys ?? []],
    [["shop", digestProxyKey("key-0123456789abcdef")], ["blog", digestProxyKey("other:with:colons")]],
  );
});

Deno.test("readConfig accepts one secret without a name, or several with names", () => {
  assertEquals(access({ EMBED_SECRET: "0123456789abcdef=" }).access.embedSecrets, [{ secret: "0123456789abcdef=" }]);
  assertEquals(access({ EMBED_SECRET: "a:0123456789abcdef,b:0123456789abcdeg" }).access.embedSecrets, [
    { id: "a", secret: "0123456789abcdef" },
    { id: "b", secret: "0123456789abcdeg" },
  ]);
});

Deno.test("readConfig lists the variables with short secrets", () => {
  assertEquals(access({ PROXY_KEYS: "a:secret", EMBED_SECRET: "x" }).shortSecrets, ["PROXY_KEYS", "EMBED_SECRET"]);
});

for (
  const [env, message] of [
    [{ PROXY_KEYS: "nameless-secret" }, "PROXY_KEYS has an entry without a name, number 1"],
    [{ PROXY_KEYS: "a:b,a:c" }, "PROXY_KEYS has two entries of the same name"],
    [{ PROXY_KEYS: "a:b,c:se cret" }, "PROXY_KEYS has a wrong entry, number 2"],
    [{ EMBED_SECRET: "secret,secret2" }, "EMBED_SECRET has two entries of the same name"],
    [{ EMBED_SECRET: "sécret" }, "EMBED_SECRET has a wrong entry, number 1"],
    [{ TRUSTED_PROXIES: "all" }, 'TRUSTED_PROXIES is "all", wanted a whole number from 0 to 10'],
    [{ RATE_LIMIT_REQUESTS_PER_MINUTE: "-1" }, "RATE_LIMIT_REQUESTS_PER_MINUTE"],
    [{ RATE_LIMIT_TOKENS_PER_DAY: "1e6" }, "RATE_LIMIT_TOKENS_PER_DAY"],
    [{ MAX_MESSAGES: "201" }, "MAX_MESSAGES"],
    [{ MAX_INPUT_CHARS: "0" }, "MAX_INPUT_CHARS"],
  ] as const
) {
  Deno.test(`readConfig throws without showing a secret when ${JSON.stringify(env)} is set`, () => {
    const error = assertThrows(() => access(env), ConfigError, message);
    assert(!/secret|sécret/.test(error.message.replace(/EMBED_SECRET|one secret|name:secret/g, "")), error.message);
  });
}
