/** Anthropic's Messages API in proxy mode: headers, errors, budgets, and what stays closed. */
import { assert, assertEquals } from "@std/assert";
import { NO_RATE_LIMITS, RateLimits } from "../../routes/rate_limits.ts";
import { jsonAnswer } from "../clients/json_answer.ts";
import type { Script } from "../fake_openai.ts";
import { PROVIDER_KEY, PROXY_KEY, ProxyServer, type ProxyServerOptions } from "../proxy_server.ts";

function serverOf(script: Script, options: ProxyServerOptions = {}): ProxyServer {
  return new ProxyServer(script, { api: "anthropic", ...options });
}

const MESSAGE = jsonAnswer({ type: "message", usage: { input_tokens: 3, output_tokens: 4 } });

for (
  const [name, auth] of [
    ["x-api-key", { authorization: "", "x-api-key": PROXY_KEY }],
    ["a bearer token", { authorization: `Bearer ${PROXY_KEY}` }],
    ["a bearer token and another x-api-key", { authorization: `Bearer ${PROXY_KEY}`, "x-api-key": "other" }],
  ] as const
) {
  Deno.test(`proxy takes its key for messages as ${name}, and never sends it on`, async () => {
    await using server = serverOf(() => MESSAGE);
    const response = await server.post("messages", { model: "m" }, { headers: auth });
    assertEquals(response.status, 200);
    await response.body?.cancel();
    const { headers } = server.provider.requests[0]!;
    assertEquals([headers.get("x-api-key"), headers.get("authorization")], [PROVIDER_KEY, null]);
  });
}

Deno.test("proxy sends a version to Anthropic where the client sends none, and the client's own otherwise", async () => {
  await using server = serverOf(() => MESSAGE);
  await (await server.post("messages")).body?.cancel();
  const headers = { "anthropic-version": "2030-01-01", "anthropic-beta": "a,b" };
  await (await server.post("messages", {}, { headers })).body?.cancel();
  assertEquals(
    server.provider.requests.map(({ headers }) => [headers.get("anthropic-version"), headers.get("anthropic-beta")]),
    [["2023-06-01", null], ["2030-01-01", "a,b"]],
  );
});

Deno.test("proxy serves OpenAI's API beside messages, at Anthropic's compatible address", async () => {
  await using server = serverOf(() => MESSAGE);
  await (await server.post("chat/completions")).body?.cancel();
  const [seen] = server.provider.requests;
  assertEquals([seen?.path, seen?.headers.get("authorization")], [
    "/v1/chat/completions",
    `Bearer ${PROVIDER_KEY}`,
  ]);
});

for (
  const [method, path] of [
    ["GET", "messages"],
    ["POST", "messages/batches"],
    ["GET", "messages/batches"],
    ["POST", "messages/"],
    ["POST", "messages/count_tokens/x"],
    ["POST", "files"],
    ["GET", "organizations/api_keys"],
  ] as const
) {
  Deno.test(`proxy in front of Anthropic refuses ${method} ${path}`, async () => {
    await using server = serverOf(() => MESSAGE);
    const response = await server.fetch(path, { method });
    assertEquals(response.status, 404);
    const body = await response.json();
    const expected = path.startsWith("messages") ? "not_found_error" : "invalid_request_error";
    assertEquals(body.error.type, expected);
    assertEquals(server.provider.requests.length, 0);
  });
}

for (
  const [name, fault, status, type, shouldRetry] of [
    ["our key is refused", { ...jsonAnswer({ error: PROVIDER_KEY }), status: 401 }, 502, "api_error", "false"],
    ["the provider is gone", { end: "refuse" }, 502, "api_error", null],
  ] as const
) {
  Deno.test(`proxy sends an error in Anthropic's format when ${name}`, async () => {
    await using server = serverOf(() => fault);
    const response = await server.post("messages");
    const body = await response.json();
    assertEquals([response.status, body.type, body.error.type], [status, "error", type]);
    assertEquals(response.headers.get("x-should-retry"), shouldRetry);
    assert(!JSON.stringify(body).includes(PROVIDER_KEY));
  });
}

Deno.test("proxy counts the tokens of messages against the server's budget, whole and streamed", async () => {
  using rates = new RateLimits({ ...NO_RATE_LIMITS, serverTokensPerDay: 10_000 });
  await using server = serverOf(() => MESSAGE, { rates });
  await (await server.post("messages", { model: "m", max_tokens: 100 })).text();
  const whole = await server.nextLogEntry();
  assertEquals([whole.inputTokens, whole.outputTokens], [3, 4]);
  const events = [
    '{"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":20,"output_tokens":1}}}',
    '{"type":"message_delta","usage":{"output_tokens":9}}',
  ];
  server.provider.script = () => ({ body: events.map((json) => `data: ${json}\n\n`) });
  await (await server.post("messages", { model: "m", max_tokens: 100, stream: true })).text();
  const streamed = await server.nextLogEntry();
  assertEquals([streamed.inputTokens, streamed.outputTokens], [25, 9]);
});

Deno.test("proxy refuses messages in Anthropic's format when the budget is used up, and counts no tokens for counting", async () => {
  using rates = new RateLimits({ ...NO_RATE_LIMITS, serverTokensPerDay: 1000 });
  await using server = serverOf(() => jsonAnswer({ input_tokens: 7 }), { rates });
  const refused = await server.post("messages", { model: "m", max_tokens: 5000 });
  assertEquals([refused.status, (await refused.json()).error.type], [429, "rate_limit_error"]);
  const counted = await server.post("messages/count_tokens", { model: "m" });
  assertEquals([counted.status, await counted.json()], [200, { input_tokens: 7 }]);
});
