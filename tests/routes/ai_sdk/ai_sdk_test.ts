/**
 * The routes of the AI SDK over real sockets: the stream, the running answer of a chat, and whose it is.
 */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { mintEmbedToken } from "../../../routes/embed_token.ts";
import { NO_RATE_LIMITS, RateLimits } from "../../../routes/rate_limits.ts";
import { DEFAULT_RESUME_LIMITS } from "../../../runs/resumable_runs.ts";
import { answerOf, contentChunk, sse } from "../../fake_openai.ts";
import { StepProvider } from "../../step_provider.ts";
import { assertNothingLeft, TestServer } from "../../test_server.ts";
import { WireReader } from "../../wire_reader.ts";
import { SECRET, serverWith } from "../resumable_server.ts";
import { messagesOf } from "../encoded.ts";

const CHAT = "chat-0123456789abcdef";
const MESSAGES = [{ id: "1", role: "user", parts: [{ type: "text", text: "Hi" }] }];

/** Sends what `DefaultChatTransport` sends. */
function ask(server: TestServer, body: object = {}, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.origin}/api/ai-sdk`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ id: CHAT, messages: MESSAGES, trigger: "submit-message", ...body }),
  });
}

function streamOf(server: TestServer, method = "GET", id = CHAT, headers: Record<string, string> = {}) {
  return fetch(`${server.origin}/api/ai-sdk/${encodeURIComponent(id)}/stream`, { method, headers });
}

async function assertNoContent(response: Response): Promise<void> {
  assertEquals([response.status, await response.text()], [204, ""]);
}

Deno.test("POST /api/ai-sdk responds with a UI message stream", async () => {
  await using server = new TestServer({ script: () => ({ body: answerOf("Hel", "lo") }) });
  const response = await ask(server);
  const { status, headers } = response;
  assertEquals([status, headers.get("x-vercel-ai-ui-message-stream")], [200, "v1"]);
  assertEquals(headers.get("content-type"), "text/event-stream; charset=utf-8");
  assertEquals(headers.get("content-location"), null);
  const wire = await response.text();
  assertEquals(messagesOf(wire).flatMap(({ delta }) => delta ?? []), ["Hel", "lo"]);
  assert(wire.endsWith('data: {"type":"finish","finishReason":"stop"}\n\ndata: [DONE]\n\n'));
  assertEquals(server.provider.requests[0]!.body.messages, [{ role: "user", content: "Hi" }]);
  await assertNothingLeft(server);
});

Deno.test("POST /api/ai-sdk takes the fields of POST /api/chat beside its own, and no others", async () => {
  await using server = new TestServer({ script: () => ({ body: answerOf("Hi") }) });
  const tools = [{ type: "function", function: { name: "now", parameters: { type: "object" } } }];
  await (await ask(server, { model: "m", temperature: 0.5, tools, stream: false, resumable: false, store: true }))
    .text();
  const { model, temperature, stream, store, id, trigger, tools: sent } = server.provider.requests[0]!.body;
  assertEquals({ model, temperature, stream, sent }, { model: "m", temperature: 0.5, stream: true, sent: tools });
  assertEquals([store, id, trigger], [undefined, undefined, undefined]);
});

/** The body, and the refusal. */
const REFUSED: readonly (readonly [body: object, status: number, path: string | undefined])[] = [
  [{ messages: [] }, 400, "messages"],
  [{ messages: [{ role: "user", content: "Hi" }] }, 400, "messages[0].parts"],
  [{ id: 1 }, 400, "id"],
  [{ id: "x".repeat(300) }, 400, "id"],
  [{ temperature: "hot" }, 400, "temperature"],
  [{ messages: [{ role: "user", parts: [{ type: "text", text: "x".repeat(1001) }] }] }, 413, "messages"],
];

for (const [body, status, path] of REFUSED) {
  Deno.test(`POST /api/ai-sdk responds ${status} to a wrong ${path}, and asks no provider`, async () => {
    await using server = new TestServer({
      limits: { conversation: { maxMessages: 10, maxInputChars: 1000, maxImages: 1 } },
    });
    const response = await ask(server, body);
    assertEquals([response.status, (await response.json()).body.path], [status, path]);
    assertEquals(server.provider.requests.length, 0);
    assertEquals(server.runs.size, 0);
  });
}

Deno.test("POST /api/ai-sdk and /api/ag-ui refuse a body that is too large, no JSON, or of another type", async () => {
  await using server = new TestServer();
  for (const path of ["/api/ai-sdk", "/api/ag-ui"]) {
    const post = async (body: string, type = "application/json") => {
      const response = await fetch(server.origin + path, { method: "POST", headers: { "content-type": type }, body });
      return [response.status, (await response.json()).errorType];
    };
    assertEquals(await post("x".repeat(1024 * 1024 + 1)), [413, "PayloadTooLarge"]);
    assertEquals(await post("{"), [400, "InvalidRequestFormat"]);
    assertEquals(await post("[".repeat(100_000)), [400, "InvalidRequestFormat"]);
    assertEquals(await post("null"), [400, "InvalidRequestFormat"]);
    assertEquals(await post('{"__proto__":{"messages":[]}}'), [400, "InvalidRequestFormat"]);
    assertEquals(await post("{}", "text/plain"), [415, "UnsupportedMediaType"]);
  }
  assertEquals(server.provider.requests.length, 0);
});

Deno.test("POST /api/ai-sdk shares the rate limits of POST /api/chat", async () => {
  using rates = new RateLimits({ ...NO_RATE_LIMITS, requestsPerMinute: 1, limitLocal: true });
  await using server = new TestServer({ limits: { rates }, script: () => ({ body: answerOf("Hi") }) });
  await (await server.chat()).text();
  const refused = await ask(server);
  assertEquals([refused.status, (await refused.json()).errorType], [429, "RateLimitExceeded"]);
  assertEquals(refused.headers.has("retry-after"), true);
});

Deno.test("POST /api/ai-sdk responds with a status when the provider refuses, and with an error chunk when it breaks", async () => {
  await using server = new TestServer({
    script: (_, count) => count === 0 ? { status: 401 } : { body: sse(contentChunk("a")), end: "cut" },
  });
  const refused = await ask(server);
  assertEquals([refused.status, (await refused.json()).errorType], [502, "InvalidProviderAPIKey"]);
  const chunks = messagesOf(await (await ask(server)).text());
  assertEquals(chunks.slice(-2).map(({ type }) => type), ["error", "finish"]);
  await assertNoContent(await streamOf(server));
});

Deno.test("GET /api/ai-sdk/<chat>/stream sends the running answer from its beginning, with the same bytes", async () => {
  const provider = new StepProvider("Grüße ", "👩‍👩‍👧 ", "€");
  await using server = serverWith({}, { script: provider.script });
  const asking = ask(server);
  provider.send(2);
  const first = new WireReader(await asking);
  await first.events(4);
  const resumed = await streamOf(server);
  assertEquals(resumed.headers.get("x-vercel-ai-ui-message-stream"), "v1");
  provider.send(provider.all);
  assertEquals(await resumed.text(), await first.all());
  await assertNoContent(await streamOf(server));
  assertEquals(server.provider.requests.length, 1);
});

Deno.test("POST /api/ai-sdk goes on without its client, also before the first byte", async () => {
  const provider = new StepProvider("a", "b");
  await using server = serverWith({}, { script: provider.script });
  const leaving = new AbortController();
  const asking = fetch(`${server.origin}/api/ai-sdk`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id: CHAT, messages: MESSAGES }),
    signal: leaving.signal,
  }).catch(() => {});
  await server.provider.until(({ requests }) => requests.length === 1);
  leaving.abort();
  await asking;
  const resuming = streamOf(server);
  provider.send(1);
  const resumed = await resuming;
  provider.send(provider.all);
  assertEquals(messagesOf(await resumed.text()).flatMap(({ delta }) => delta ?? []), ["a", "b"]);
  assertEquals(server.provider.aborts, 0);
});

Deno.test("DELETE /api/ai-sdk/<chat>/stream stops the running answer with an abort, and is idempotent", async () => {
  await using server = serverWith({}, { script: () => ({ body: sse(contentChunk("a")), end: "stall" }) });
  const reader = new WireReader(await ask(server));
  await reader.events(4);
  await assertNoContent(await streamOf(server, "DELETE"));
  await assertNoContent(await streamOf(server, "DELETE"));
  assertEquals(messagesOf(await reader.all()).at(-1), { type: "abort", reason: "cancelled" });
  await server.provider.until(({ aborts }) => aborts === 1);
  await assertNoContent(await streamOf(server));
});

Deno.test("POST /api/ai-sdk makes its answer the latest of the chat, and lets the earlier one go on", async () => {
  await using server = serverWith({}, {
    script: (_, count) => ({ body: sse(contentChunk(`answer ${count}`)), end: "stall" }),
  });
  const first = new WireReader(await ask(server));
  const second = new WireReader(await ask(server));
  const resumed = new WireReader(await streamOf(server));
  assertMatch(await first.events(4), /answer 0/);
  assertMatch(await resumed.events(4), /answer 1/);
  await assertNoContent(await streamOf(server, "DELETE"));
  assertMatch(await resumed.all(), /"abort"/);
  assertMatch(await second.all(), /"abort"/);
  assertEquals(server.runs.size, 1);
  await first.cancel();
});

Deno.test("POST /api/ai-sdk that fails leaves the chat to the answer before it, for GET and DELETE", async () => {
  await using server = serverWith({}, {
    script: (_, count) => count === 0 ? { body: sse(contentChunk("a")), end: "stall" } : { status: 400 },
  });
  const running = new WireReader(await ask(server));
  await running.events(4);
  for (const _ of [1, 2]) {
    const failed = await ask(server);
    assertEquals((await failed.json()).errorType, "ProviderBizError");
  }
  const resumed = new WireReader(await streamOf(server));
  assertMatch(await resumed.events(4), /"a"/);
  await assertNoContent(await streamOf(server, "DELETE"));
  assertMatch(await running.all(), /"abort"/);
  assertMatch(await resumed.all(), /"abort"/);
});

Deno.test("POST /api/ai-sdk names each new answer, and by its own name a message that it continues", async () => {
  await using server = new TestServer({ script: () => ({ body: answerOf("Hi") }) });
  const startOf = async (body?: object) => messagesOf(await (await ask(server, body)).text())[0]!;
  const [first, second] = [await startOf(), await startOf()];
  assertMatch(String(first.messageId), /^[0-9a-f]{32}$/);
  assertNotEquals(first.messageId, second.messageId);
  const result = { type: "tool-now", toolCallId: "a", state: "output-available", input: {}, output: 1 };
  const messages = [...MESSAGES, { id: "2", role: "assistant", parts: [result] }];
  assertEquals(await startOf({ messages }), { type: "start", messageId: "2" });
});

Deno.test("GET /api/ai-sdk/<chat>/stream sends the parts before the answer that it continues, which count as memory", async () => {
  await using server = serverWith({}, { script: () => ({ body: sse(contentChunk("a")), end: "stall" }) });
  const partsOf = (chars: number) => [{ type: "text", text: "x".repeat(chars) }];
  const startsOf = async (chars: number) => {
    const messages = [...MESSAGES, { id: "2", role: "assistant", parts: partsOf(chars) }];
    const reader = new WireReader(await ask(server, { messages }));
    await reader.events(4);
    const resumed = new WireReader(await streamOf(server));
    const wire = await resumed.events(3);
    const starts = messagesOf(wire.slice(0, wire.lastIndexOf("\n\n")));
    await Promise.all([resumed.cancel(), reader.cancel()]);
    return starts;
  };
  const before = server.runs.resumable.memory;
  const [start, , text] = await startsOf(30_000);
  assertEquals([start!.messageId, String(text!.delta).length], ["2", 30_000]);
  const added = server.runs.resumable.memory - before;
  assert(added > 30_000 && added < 40_000, `${added} bytes`);
  // Such a message is not kept.
  const [own] = await startsOf(70_000);
  assertMatch(String(own!.messageId), /^[0-9a-f]{32}$/);
  await server.runs.resumable.clear();
  assertEquals(server.runs.resumable.memory, 0);
});

Deno.test("GET /api/ai-sdk/<chat>/stream finds no answer by an id that can be guessed, or is none", async () => {
  await using server = serverWith({}, { script: () => ({ body: sse(contentChunk("a")), end: "stall" }) });
  const short = "fifteen-letters";
  const reader = new WireReader(await ask(server, { id: short }));
  await reader.events(4);
  for (const id of [short, "unknown-chat-0123456789", "__proto__"]) {
    await assertNoContent(await streamOf(server, "GET", id));
  }
  await assertNoContent(await fetch(`${server.origin}/api/ai-sdk/%E0%A4%A/stream`));
  await assertNoContent(await streamOf(server, "DELETE", short));
  assertEquals(server.runs.size, 1);
  // Such an answer ends with its connection.
  await reader.cancel();
  await server.provider.until(({ aborts }) => aborts === 1);
});

Deno.test("GET and DELETE /api/ai-sdk/<chat>/stream find a chat only with a token of its visitor", async () => {
  await using server = serverWith({}, {
    access: { embedSecrets: [SECRET] },
    script: () => ({ body: sse(contentChunk("a")), end: "stall" }),
  });
  const headersFor = async (subject: string) => ({
    origin: server.origin,
    authorization: `Bearer ${await mintEmbedToken(SECRET, { subject, origin: server.origin }, 600)}`,
  });
  const [ann, bob] = [await headersFor("ann"), await headersFor("bob")];
  // With a token any id will do.
  const reader = new WireReader(await ask(server, { id: "1" }, ann));
  await reader.events(4);
  await assertNoContent(await streamOf(server, "GET", "1", bob));
  await assertNoContent(await streamOf(server, "DELETE", "1", bob));
  const without = await streamOf(server, "GET", "1");
  assertEquals(without.status, 401);
  await without.body?.cancel();
  const resumed = new WireReader(await streamOf(server, "GET", "1", ann));
  await assertNoContent(await streamOf(server, "DELETE", "1", ann));
  assertEquals(await resumed.all(), await reader.all());
});

Deno.test("POST /api/ai-sdk with an Idempotency-Key attaches a repeated request to its answer", async () => {
  await using server = serverWith({}, { script: () => ({ body: answerOf("Hi") }) });
  const key = { "idempotency-key": "k-0123456789" };
  const wire = await (await ask(server, {}, key)).text();
  assertEquals(await (await ask(server, {}, key)).text(), wire);
  const other = await ask(server, { temperature: 1 }, key);
  assertEquals([other.status, (await other.json()).errorType], [422, "IdempotencyKeyReused"]);
  assertEquals(server.provider.requests.length, 1);
});

Deno.test("POST /api/ai-sdk streams without a log when there is no room for one", async () => {
  const resume = { ...DEFAULT_RESUME_LIMITS, maxLogBytes: 0 };
  await using server = new TestServer({ resume, script: () => ({ body: sse(contentChunk("a")), end: "stall" }) });
  const reader = new WireReader(await ask(server));
  await reader.events(4);
  await assertNoContent(await streamOf(server));
  await reader.cancel();
  await assertNothingLeft(server);
});

Deno.test("POST /api/ai-sdk sends heartbeats in silence", async () => {
  await using server = new TestServer({
    timeouts: { heartbeatMs: 1 },
    script: () => ({ body: sse(contentChunk("a")), end: "stall" }),
  });
  for (const id of [CHAT, "short"]) {
    const reader = (await ask(server, { id })).body!.pipeThrough(new TextDecoderStream()).getReader();
    let wire = "";
    while (!wire.includes(": ping\n")) wire += (await reader.read()).value;
    await reader.cancel();
  }
});

Deno.test("the log of /api/ai-sdk has no id of a chat, and pages of allowed origins may read its headers", async () => {
  const origin = "https://shop.example";
  await using server = new TestServer({
    access: { allowedOrigins: { exact: new Set([origin]), any: false, loopback: false } },
  });
  const preflight = await streamOf(server, "OPTIONS", CHAT, { origin });
  assertEquals(preflight.headers.get("access-control-allow-methods"), "GET, POST, DELETE");
  const { headers } = await streamOf(server, "GET", CHAT, { origin });
  assertEquals(headers.get("access-control-allow-origin"), origin);
  assertMatch(headers.get("access-control-expose-headers")!, /x-vercel-ai-ui-message-stream/);
  const stranger = await streamOf(server, "GET", CHAT, { origin: "https://other.example" });
  assertEquals([stranger.status, (await stranger.json()).errorType], [403, "OriginNotAllowed"]);
  const head = await streamOf(server, "HEAD");
  assertEquals(head.status, 405);
  for (let left = 4; left > 0; left--) assertEquals((await server.nextLogEntry()).path, "/api/ai-sdk/*/stream");
});
