/** Tests that the server's budget applies in proxy mode, and that counting a response does not change it. @module */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { NO_RATE_LIMITS, RateLimits } from "../../routes/rate_limits.ts";
import { type Answer, answerOf, FakeOpenAI, sse } from "../fake_openai.ts";
import { Program } from "../program.ts";
import { PROVIDER_KEY, PROXY_KEY, ProxyServer } from "../proxy_server.ts";

const withUsage = [
  ...answerOf("Hello ü🦕").slice(0, -1),
  ...sse({ choices: [], usage: { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 } }, "[DONE]"),
];

function serverWith(serverTokensPerDay: number, answer: () => Answer): ProxyServer & { limits: RateLimits } {
  const rates = new RateLimits({ ...NO_RATE_LIMITS, serverTokensPerDay });
  return Object.assign(new ProxyServer(answer, { rates }), { limits: rates });
}

Deno.test("proxy counts the provider's usage for the server's budget, and does not change the bytes", async () => {
  await using server = serverWith(200, () => ({ body: withUsage }));
  using _ = server.limits;
  const post = () => server.post("chat/completions", { model: "m", max_tokens: 100 });
  for (let round = 0; round < 3; round++) {
    assertEquals(await (await post()).text(), withUsage.join(""));
    const { outcome, inputTokens, outputTokens, estimatedTokens } = await server.nextLogEntry();
    assertEquals([outcome, inputTokens, outputTokens, estimatedTokens], ["passed_on", 30, 12, undefined]);
  }
  const refused = await post();
  assertEquals([refused.status, (await refused.json()).error.code], [429, "rate_limit_exceeded"]);
  assert(refused.headers.has("retry-after") && refused.headers.has("ratelimit"));
  assertEquals(server.provider.requests.length, 3);
});

Deno.test("proxy counts an estimate when a response has no usage, and nothing when the provider refuses", async () => {
  await using server = serverWith(10_000, () => ({ body: answerOf("Hello") }));
  using _ = server.limits;
  await (await server.post("chat/completions")).text();
  assert((await server.nextLogEntry()).estimatedTokens! > 0);
  const headers = { "content-type": "application/json" };
  server.provider.script = () => ({ status: 429, headers, body: ['{"error":{"message":"Slow down"}}'] });
  await (await server.post("chat/completions")).text();
  assertEquals((await server.nextLogEntry()).estimatedTokens, undefined);
});

Deno.test("proxy counts the text of a response when its client leaves", async () => {
  await using server = serverWith(100_000, () => ({ body: answerOf("word ".repeat(1000)).slice(0, 1), end: "stall" }));
  using _ = server.limits;
  const client = new AbortController();
  const response = await server.post("chat/completions", {}, { signal: client.signal });
  await response.body!.getReader().read();
  client.abort();
  assert((await server.nextLogEntry()).estimatedTokens! >= 1000);
});

Deno.test("proxy cuts a response when the budget is used up", async () => {
  const long = answerOf(...Array.from({ length: 40 }, () => "word ".repeat(500)));
  await using server = serverWith(10_000, () => ({ body: long, end: "stall" }));
  using _ = server.limits;
  const response = await server.post("chat/completions");
  await assertRejects(() => response.text());
  await server.provider.until(({ openSockets }) => openSockets === 0);
  assertEquals((await server.nextLogEntry()).outcome, "RateLimitExceeded");
  const refused = await server.post("chat/completions");
  assertEquals([refused.status, (await refused.json()).error.code], [429, "rate_limit_exceeded"]);
});

Deno.test("proxy cancels and is cut off as usual when it counts tokens", async () => {
  await using server = serverWith(100_000, () => ({ body: answerOf("Hello"), end: "stall" }));
  using _ = server.limits;
  const client = new AbortController();
  const response = await server.post("chat/completions", {}, { signal: client.signal });
  await response.body!.getReader().read();
  client.abort();
  await server.provider.until(({ aborts, openSockets }) => aborts === 1 && openSockets === 0);
  assertEquals((await server.nextLogEntry()).outcome, "client_left");
  server.provider.script = () => ({ body: answerOf("Hello").slice(0, 1), end: "cut" });
  const cut = await server.post("chat/completions");
  await assertRejects(() => cut.text());
  assertEquals((await server.nextLogEntry()).outcome, "ProviderNetworkError");
});

Deno.test("the program logs one line for a counted response that breaks off, and prints no error", async () => {
  await using provider = new FakeOpenAI(() => ({ body: answerOf("Hello").slice(0, 1), end: "cut" }));
  await using program = await Program.start({
    OPENAI_API_KEY: PROVIDER_KEY,
    OPENAI_BASE_URL: provider.baseURL,
    PROXY_KEYS: `tests:${PROXY_KEY}`,
    RATE_LIMIT_SERVER_TOKENS_PER_DAY: "100000",
  });
  const response = await fetch(`${program.origin}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${PROXY_KEY}`, "content-type": "application/json" },
    body: "{}",
  });
  await assertRejects(() => response.text());
  await program.printed('"outcome":"ProviderNetworkError"');
  program.signal("SIGTERM");
  await program.status();
  assertEquals(await program.printedError(""), "");
});
