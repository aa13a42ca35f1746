/** Tests tokens, limits and budgets through the whole server, as a client sees them. @module */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import { mintEmbedToken } from "../../routes/embed_token.ts";
import { NO_RATE_LIMITS, type RateLimitRules, RateLimits } from "../../routes/rate_limits.ts";
import { answerOf, contentChunk, sse } from "../fake_openai.ts";
import { eventsOf, TestServer } from "../test_server.ts";

const SECRET = { secret: "a-secret-for-tests-0123456789abcdef" };
const HELLO = { messages: [{ role: "user", content: "Hi" }] };
const USAGE = { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42 };
const withUsage = [...answerOf("Hello").slice(0, -1), ...sse({ choices: [], usage: USAGE }, "[DONE]")];

function limitsOf(limits: Partial<RateLimitRules>): RateLimits {
  return new RateLimits({ ...NO_RATE_LIMITS, limitLocal: true, ...limits });
}

/** Headers with a token for the server's own origin. */
async function tokenFor(server: TestServer, claims: object = {}): Promise<Record<string, string>> {
  const token = { subject: "user-7", origin: server.origin, ...claims };
  return { origin: server.origin, authorization: `Bearer ${await mintEmbedToken(SECRET, token, 600)}` };
}

Deno.test("/api/chat requires a token when there is a secret, and pages can read the refusal", async () => {
  await using server = new TestServer({
    script: () => ({ body: answerOf("Hello") }),
    access: { embedSecrets: [SECRET] },
  });
  const refused = await server.chat(HELLO, { headers: { origin: server.origin } });
  assertEquals([refused.status, refused.headers.get("www-authenticate")], [401, "Bearer"]);
  assertEquals(refused.headers.get("access-control-allow-origin"), server.origin);
  assertEquals((await refused.json()).body.code, "token_missing");
  const accepted = await server.chat(HELLO, { headers: await tokenFor(server) });
  assertEquals((await eventsOf(accepted)).at(-1), { type: "stop", data: "stop" });
  assertEquals(server.provider.requests.length, 1);
});

Deno.test("/api/chat refuses a token of another site with 403", async () => {
  await using server = new TestServer({ access: { embedSecrets: [SECRET] } });
  const headers = { ...await tokenFor(server, { origin: "https://shop.example" }) };
  const refused = await server.chat(HELLO, { headers });
  assertEquals([refused.status, (await refused.json()).errorType], [403, "OriginNotAllowed"]);
});

Deno.test("/api/chat applies a token's models and output limit", async () => {
  await using server = new TestServer({
    script: () => ({ body: answerOf("Hello") }),
    access: { embedSecrets: [SECRET] },
  });
  const headers = await tokenFor(server, { models: ["small"], maxOutputTokens: 50 });
  const refused = await server.chat({ ...HELLO, model: "large" }, { headers });
  assertEquals([refused.status, (await refused.json()).errorType], [404, "ModelNotFound"]);
  await eventsOf(await server.chat({ ...HELLO, model: "small", max_tokens: 900 }, { headers }));
  assertEquals(server.provider.requests[0]?.body.max_tokens, 50);
});

Deno.test("/api/chat responds 429 with Retry-After and RateLimit headers when a minute's requests are used up", async () => {
  using rates = limitsOf({ requestsPerMinute: 1 });
  await using server = new TestServer({ script: () => ({ body: answerOf("Hello") }), limits: { rates } });
  await eventsOf(await server.chat());
  const refused = await server.chat(HELLO, { headers: { origin: server.origin } });
  assertEquals(refused.status, 429);
  assertMatch(refused.headers.get("retry-after") ?? "", /^([1-9]|[1-5]\d|60)$/);
  assertEquals(refused.headers.get("ratelimit-policy"), '"requests";q=1;w=60');
  assertMatch(refused.headers.get("ratelimit") ?? "", /^"requests";r=0;t=\d+$/);
  assertMatch(refused.headers.get("access-control-expose-headers") ?? "", /retry-after, ratelimit, ratelimit-policy/);
  assertEquals((await refused.json()).errorType, "RateLimitExceeded");
  assertEquals(server.provider.requests.length, 1);
});

Deno.test("/api/chat counts callers by the address that a trusted proxy names", async () => {
  using rates = limitsOf({ requestsPerMinute: 1 });
  await using server = new TestServer({
    script: () => ({ body: answerOf("Hello") }),
    limits: { rates },
    access: { trustedProxies: 1 },
  });
  const from = async (forwarded: string) => {
    const response = await server.chat(HELLO, { headers: { "x-forwarded-for": forwarded } });
    await response.text();
    return response.status;
  };
  assertEquals(await from("203.0.113.1"), 200);
  assertEquals(await from("203.0.113.2"), 200);
  assertEquals(await from("1.1.1.1, 203.0.113.2"), 429);
  assertEquals(await from("2001:db8:1:2::1"), 200);
  assertEquals(await from("2001:db8:1:2:ffff::9"), 429);
});

Deno.test("/api/chat releases a stream's place when it fails or its client leaves", async () => {
  using rates = limitsOf({ streamsAtOnce: 1 });
  await using server = new TestServer({
    script: () => ({ body: sse(contentChunk("Hel")), end: "stall" }),
    limits: { rates },
  });
  for (let round = 0; round < 3; round++) {
    const client = new AbortController();
    const response = await server.chat(HELLO, { signal: client.signal });
    assertEquals(response.status, 200);
    const refused = await server.chat();
    assertEquals([refused.status, (await refused.json()).body.limit.name], [429, "streams"]);
    assertEquals((await server.nextLogEntry()).outcome, "RateLimitExceeded");
    client.abort();
    await response.body?.cancel().catch(() => {});
    assertEquals((await server.nextLogEntry()).outcome, "client_left");
  }
  server.provider.script = () => ({ status: 400 });
  for (let round = 0; round < 3; round++) {
    assertEquals((await (await server.chat()).json()).errorType, "ProviderBizError");
  }
});

Deno.test("/api/chat settles a day's budget with the provider's count", async () => {
  using rates = limitsOf({ tokensPerDay: 215 });
  await using server = new TestServer({ script: () => ({ body: withUsage }), limits: { rates } });
  const body = { ...HELLO, max_tokens: 100 };
  let answers = 0;
  while ((await server.chat(body).then(async (response) => [response.status, await response.text()]))[0] === 200) {
    answers++;
  }
  // Each answer reserves about 130 tokens and counts 42 when it has ended: at 0, 42 and 84, another one fits.
  assertEquals(answers, 3);
  const entry = await server.nextLogEntry();
  assertEquals([entry.inputTokens, entry.outputTokens, entry.estimatedTokens], [30, 12, undefined]);
});

Deno.test("/api/chat counts no tokens when the provider refuses a request", async () => {
  using rates = limitsOf({ tokensPerDay: 150 });
  await using server = new TestServer({ script: () => ({ status: 400 }), limits: { rates } });
  for (let round = 0; round < 5; round++) {
    const refused = await server.chat({ ...HELLO, max_tokens: 100 });
    assertEquals((await refused.json()).errorType, "ProviderBizError");
  }
});

Deno.test("/api/chat counts an estimate, marked as one, when the client leaves early", async () => {
  using rates = limitsOf({ tokensPerDay: 10_000 });
  await using server = new TestServer({
    script: () => ({ body: sse(contentChunk("Hel")), end: "stall" }),
    limits: { rates },
  });
  const client = new AbortController();
  const response = await server.chat({ ...HELLO, max_tokens: 5000 }, { signal: client.signal });
  await response.body!.getReader().read();
  client.abort();
  const { outcome, estimatedTokens = 0, inputTokens } = await server.nextLogEntry();
  assertEquals([outcome, inputTokens], ["client_left", undefined]);
  assert(estimatedTokens > 10 && estimatedTokens < 5000, `${estimatedTokens}`);
});

for (
  const [name, messages, what] of [
    ["messages", Array.from({ length: 4 }, () => ({ role: "user", content: "Hi" })), "4 messages"],
    ["characters", [{ role: "user", content: [{ type: "text", text: "x".repeat(101) }] }], "101 characters"],
    [
      "images",
      [{ role: "user", content: Array(2).fill({ type: "image_url", image_url: { url: "data:image/png;base64,AA" } }) }],
      "2 images",
    ],
  ] as const
) {
  Deno.test(`/api/chat refuses a conversation with too many ${name}`, async () => {
    await using server = new TestServer({
      limits: { conversation: { maxMessages: 3, maxInputChars: 100, maxImages: 1 } },
    });
    const refused = await server.chat({ messages });
    assertEquals(refused.status, 413);
    assertMatch((await refused.json()).body.message, new RegExp(what));
    assertEquals(server.provider.requests.length, 0);
  });
}

Deno.test("/api/chat accepts a conversation of exactly the limits, and does not count images as text", async () => {
  const conversation = { maxMessages: 1, maxInputChars: 5, maxImages: 1 };
  await using server = new TestServer({ script: () => ({ body: answerOf("Hello") }), limits: { conversation } });
  const image = { type: "image_url", image_url: { url: `data:image/png;base64,${"A".repeat(1000)}` } };
  const content = [{ type: "text", text: "12345" }, image];
  assertEquals((await eventsOf(await server.chat({ messages: [{ role: "user", content }] }))).at(-1)?.type, "stop");
});

/** A text above the limits of the next tests, which put it into fields other than messages. */
const LONG = "x ".repeat(100);
for (
  const [name, field] of [
    ["a response schema", {
      response_format: { type: "json_schema", json_schema: { name: "a", schema: { description: LONG } } },
    }],
    ["a tool whose schema has a field image_url", {
      tools: [{
        type: "function",
        function: { name: "f", parameters: { properties: { image_url: { description: LONG } } } },
      }],
    }],
    ["a stop sequence", { stop: LONG }],
  ] as const
) {
  Deno.test(`/api/chat counts ${name} as text and as tokens`, async () => {
    const conversation = { maxMessages: 3, maxInputChars: 150, maxImages: 1 };
    await using limited = new TestServer({ limits: { conversation } });
    assertEquals(
      (await limited.chat({ ...HELLO, ...field }).then((response) => response.json())).errorType,
      "PayloadTooLarge",
    );
    using rates = limitsOf({ tokensPerDay: 60 });
    await using server = new TestServer({ script: () => ({ body: answerOf("Hi") }), limits: { rates } });
    assertEquals((await eventsOf(await server.chat({ ...HELLO, max_tokens: 1 }))).at(-1)?.type, "stop");
    const refused = await server.chat({ ...HELLO, ...field, max_tokens: 1 });
    assertEquals((await refused.json()).errorType, "RateLimitExceeded");
  });
}

Deno.test("RateLimits keeps its count when a request reserves more tokens than a number can count", async () => {
  using rates = limitsOf({ serverTokensPerDay: 1000 });
  await (await rates.reserve(undefined, 900)).settle(900);
  for (const tokens of [101, 1e9, 1e21, 1e30, Infinity]) {
    await assertRejects(() => rates.reserve(undefined, tokens), ChatError);
  }
  await (await rates.reserve(undefined, 100)).settle(100);
  await assertRejects(() => rates.reserve(undefined, 1), ChatError);
});
