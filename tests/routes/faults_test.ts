/**
 * Tests the faults between a provider and a client, over real sockets. Each test carries the id of its fault in
 * docs/reliability.md and checks what the client received: a prefix of what was sent, exactly one terminal event, no `stop`
 * after a cut, and no socket or run left open.
 */
import { assert, assertEquals, assertNotMatch, assertStringIncludes } from "@std/assert";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { type Answer, answerOf, contentChunk, finishChunk, sse } from "../fake_openai.ts";
import { assertNothingLeft, eventsOf, LONG_TIMEOUTS, TestServer, textOf } from "../test_server.ts";

const WORDS = Array.from({ length: 40 }, (_, index) => `wörd${index} 👋 `);

/** Asserts what holds for every stream, whatever broke. */
function assertTruthful(events: readonly ChatEvent[], sent: string): void {
  const terminal = events.filter(({ type }) => type === "stop" || type === "error");
  assertEquals(terminal.length, 1, "exactly one terminal event");
  assertEquals(events.at(-1), terminal[0], "nothing after it");
  assert(sent.startsWith(textOf(events)), "a prefix of what was sent");
}

/** Faults that cut the body. The text before the cut is always `WORDS`. */
const CUTS: [id: string, name: string, answer: Answer][] = [
  ["F01", "the provider resets the connection", { body: sse(...WORDS.map(contentChunk)), end: "reset" }],
  ["F01", "the provider resets the connection inside a chunk", {
    body: [...sse(...WORDS.map(contentChunk)), 'data: {"cho'],
    end: "reset",
  }],
  ["F01", "the connection breaks off", { body: sse(...WORDS.map(contentChunk)), end: "cut" }],
  ["F02", "the provider ends without a finish reason and without [DONE]", { body: sse(...WORDS.map(contentChunk)) }],
];
for (const [id, name, answer] of CUTS) {
  Deno.test(`${id} chat delivers all text and one error when ${name}`, async () => {
    await using server = new TestServer({ script: () => answer });
    const events = await eventsOf(await server.chat());
    assertTruthful(events, WORDS.join(""));
    assertEquals(textOf(events), WORDS.join(""));
    const last = events.at(-1)!;
    assert(last.type === "error");
    assertEquals([last.data.type, last.data.body?.reason], ["StreamChunkError", "unexpected_end"]);
    await assertNothingLeft(server);
  });
}

Deno.test("F01 chat leaves no socket and no run when 200 streams are reset", async () => {
  await using server = new TestServer({ script: () => ({ body: sse(...WORDS.map(contentChunk)), end: "reset" }) });
  for (let round = 0; round < 20; round++) {
    const answers = await Promise.all(Array.from({ length: 10 }, () => server.chat().then(eventsOf)));
    for (const events of answers) assertTruthful(events, WORDS.join(""));
  }
  await assertNothingLeft(server);
});

Deno.test("F03 chat sends heartbeats and then one timeout error when the provider stalls after its headers", async () => {
  const timeouts = { ...LONG_TIMEOUTS, heartbeatMs: 20, idleTimeoutMs: 150 };
  await using server = new TestServer({ timeouts, script: () => ({ end: "stall" }) });
  const wire = await (await server.chat()).text();
  assert(wire.startsWith(": ping\n: ping\n"), "heartbeats without a blank line");
  assertStringIncludes(wire, '"reason":"idle_timeout"');
  assertEquals(wire.match(/^event: /gm)?.length, 1);
  await assertNothingLeft(server);
  assertEquals(server.provider.aborts, 1);
});

Deno.test("F04 chat continues when the provider pauses for less than the limit", async () => {
  const timeouts = { ...LONG_TIMEOUTS, heartbeatMs: 10 };
  const { promise: resumed, resolve: resume } = Promise.withResolvers<void>();
  async function* body() {
    yield* sse(contentChunk("before "));
    await resumed;
    yield* sse(contentChunk("after"), finishChunk(), "[DONE]");
  }
  await using server = new TestServer({ timeouts, script: () => ({ body: body() }) });
  const response = await server.chat();
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let wire = "";
  while (!wire.includes(": ping")) wire += (await reader.read()).value ?? "";
  resume();
  for (let read = await reader.read(); !read.done; read = await reader.read()) wire += read.value;
  assertStringIncludes(wire, 'data: "before "');
  assertStringIncludes(wire, 'data: "after"');
  assertStringIncludes(wire, 'event: stop\ndata: "stop"');
});

Deno.test("F05 chat responds 504 when the provider accepts the connection and never responds", async () => {
  await using server = new TestServer({ firstByteTimeoutMs: 60, script: () => ({ end: "silent" }) });
  const response = await server.chat();
  assertEquals(response.status, 504);
  const { errorType, body } = await response.json();
  assertEquals([errorType, body.reason], ["ProviderTimeout", "first_byte_timeout"]);
  await assertNothingLeft(server);
  assertEquals(server.provider.aborts, 1);
});

Deno.test("F05 chat releases the run's place when the provider never responds", async () => {
  await using server = new TestServer({ maxRuns: 1, firstByteTimeoutMs: 30, script: () => ({ end: "silent" }) });
  assertEquals((await server.chat().then((response) => response.json())).errorType, "ProviderTimeout");
  server.provider.script = () => ({ body: answerOf("free") });
  assertEquals(textOf(await eventsOf(await server.chat())), "free");
});

const TEXT = answerOf("Grüße 👩‍👩‍👧 €", "日本語");
Deno.test("F06 F07 chat sends the same text when the provider sends one byte at a time", async () => {
  const bytes = new TextEncoder().encode(TEXT.join(""));
  await using server = new TestServer({ script: () => ({ body: Array.from(bytes, (byte) => Uint8Array.of(byte)) }) });
  const events = await eventsOf(await server.chat());
  assertEquals(textOf(events), "Grüße 👩‍👩‍👧 €日本語");
  assertEquals(events.at(-1), { type: "stop", data: "stop" });
});

Deno.test("F06 chat drops the incomplete chunk when the stream ends inside a character", async () => {
  const bytes = new TextEncoder().encode(sse(contentChunk("half €")).join(""));
  const cut = bytes.subarray(0, bytes.indexOf(0xe2) + 1);
  await using server = new TestServer({ script: () => ({ body: [...sse(contentChunk("whole ")), cut] }) });
  const events = await eventsOf(await server.chat());
  assertTruthful(events, "whole half €");
  assertEquals(textOf(events), "whole ");
});

Deno.test("F08 chat retries a 429 at most twice, and then forwards Retry-After", async () => {
  const limited: Answer = {
    status: 429,
    headers: { "retry-after-ms": "1" },
    body: ['{"error":{"message":"slow down"}}'],
  };
  await using server = new TestServer({ script: () => limited });
  const response = await server.chat();
  assertEquals(response.status, 429);
  assertEquals(response.headers.get("retry-after"), "1");
  assertEquals((await response.json()).errorType, "RateLimitExceeded");
  assertEquals(server.provider.requests.length, 3);
});

Deno.test("F08 chat does not retry when the provider requests a wait of more than 10 s", async () => {
  await using server = new TestServer({ script: () => ({ status: 429, headers: { "retry-after": "50" } }) });
  const response = await server.chat();
  assertEquals([response.status, response.headers.get("retry-after")], [429, "50"]);
  await response.body!.cancel();
  assertEquals(server.provider.requests.length, 1);
});

Deno.test("F08 chat never retries after the first byte", async () => {
  await using server = new TestServer({ script: () => ({ body: sse(contentChunk("once")), end: "reset" }) });
  assertTruthful(await eventsOf(await server.chat()), "once");
  assertEquals(server.provider.requests.length, 1);
});

Deno.test("F08 chat streams the answer when a retry succeeds", async () => {
  const overloaded: Answer = { status: 503, headers: { "retry-after-ms": "1" } };
  await using server = new TestServer({
    script: (_request, count) => count === 0 ? overloaded : { body: answerOf("second try") },
  });
  assertEquals(textOf(await eventsOf(await server.chat())), "second try");
});

const PAGE = "<html><head><title>502 Bad Gateway</title></head><body>nginx secret-host</body></html>";
const BROKEN_STATUS: [status: number, type: string, body: string][] = [
  [500, "text/html", PAGE],
  [502, "text/html", PAGE],
  [503, "text/plain", "upstream connect error, secret-host"],
  [504, "application/json", '{"error":{"message":"took too long"}}'],
  [500, "application/json", ""],
];
for (const [status, type, body] of BROKEN_STATUS) {
  Deno.test(`F09 chat responds with one clean 502 when the provider sends ${status} and ${body.length} characters of ${type}`, async () => {
    const headers = { "content-type": type, "retry-after-ms": "1", "x-secret": "secret-header" };
    await using server = new TestServer({ script: () => ({ status, headers, body: [body] }) });
    const response = await server.chat();
    assertEquals(response.status, 502);
    const text = await response.text();
    assertEquals(JSON.parse(text).errorType, "ProviderBizError");
    assertNotMatch(text + JSON.stringify([...response.headers]), /secret|<html/);
    assertEquals(server.provider.requests.length, 3);
    await assertNothingLeft(server);
  });
}

const NO_STREAMS: [name: string, type: string, body: string][] = [
  ["a page", "text/html", PAGE],
  ["JSON that is no completion", "application/json", '{"status":"secret-host is up"}'],
  ["an empty body", "application/json", ""],
  ["a mislabelled page", "application/octet-stream", PAGE],
];
for (const [name, type, body] of NO_STREAMS) {
  Deno.test(`F10 chat responds with an error when a 200 holds ${name} instead of a stream`, async () => {
    await using server = new TestServer({ script: () => ({ headers: { "content-type": type }, body: [body] }) });
    const response = await server.chat();
    assertEquals(response.status, 502);
    const text = await response.text();
    assertEquals(JSON.parse(text).errorType, "ProviderBizError");
    assertNotMatch(text, /secret-host|<html/);
  });
}

Deno.test("F10 chat streams a whole completion when the provider ignores stream", async () => {
  const completion = {
    choices: [{ index: 0, message: { role: "assistant", content: "All at once" }, finish_reason: "stop" }],
  };
  await using server = new TestServer({
    script: () => ({ headers: { "content-type": "application/json" }, body: [JSON.stringify(completion)] }),
  });
  const events = await eventsOf(await server.chat());
  assertEquals([textOf(events), events.at(-1)!.type], ["All at once", "stop"]);
});

Deno.test("F10 chat streams when the provider mislabels its stream", async () => {
  await using server = new TestServer({
    script: () => ({ headers: { "content-type": "application/json" }, body: answerOf("fine") }),
  });
  assertEquals(textOf(await eventsOf(await server.chat())), "fine");
});

for (const broken of ["{unparsable}", "[DONE]x", "[DONE] sk-abcdefghijklmnop"]) {
  Deno.test(`F11 chat keeps the text and ends with one error when a chunk is ${broken}`, async () => {
    const body = sse(contentChunk("kept"), broken, contentChunk("never"), finishChunk(), "[DONE]");
    await using server = new TestServer({ script: () => ({ body }) });
    const events = await eventsOf(await server.chat());
    assertTruthful(events, "kept");
    const last = events.at(-1)!;
    assert(last.type === "error");
    assertEquals(last.data.body?.reason, "invalid_json");
    assert(!JSON.stringify(last).includes(broken), "nothing of it is repeated");
    await assertNothingLeft(server);
  });
}

Deno.test("F12 chat takes hostile fields as data", async () => {
  const hostile =
    '{"__proto__":{"polluted":1},"choices":[{"index":4294967295,"delta":{"content":"hi","__proto__":{"polluted":1},' +
    '"tool_calls":[{"index":4294967295,"id":"a","function":{"name":"__proto__","arguments":"{}"}}]}}],' +
    '"usage":{"prompt_tokens":1e308,"completion_tokens":-1}}';
  const done = { choices: [{ index: 4294967295, delta: {}, finish_reason: "stop" }] };
  await using server = new TestServer({ script: () => ({ body: sse(hostile, done, "[DONE]") }) });
  const events = await eventsOf(await server.chat());
  assertTruthful(events, "hi");
  assertEquals(textOf(events), "hi");
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
  const call = events.find(({ type }) => type === "tool_calls");
  assert(call?.type === "tool_calls");
  assertEquals(call.data[0]!.index, 0);
});

Deno.test("F12 chat ends with event_too_large when one event has 64 MiB", async () => {
  function* flood() {
    yield* sse(contentChunk("kept"));
    yield "data: ";
    for (let sent = 0; sent < 64; sent++) yield "x".repeat(1024 * 1024);
  }
  await using server = new TestServer({ script: () => ({ body: flood() }) });
  const events = await eventsOf(await server.chat());
  assertTruthful(events, "kept");
  const last = events.at(-1)!;
  assertEquals(last.type === "error" && last.data.body?.reason, "event_too_large");
  await assertNothingLeft(server);
  assert(server.provider.bytesSent < 32 * 1024 * 1024, "the rest was not read");
});

Deno.test("F24 chat refuses malformed requests, and live streams continue", async () => {
  const { promise: attacked, resolve } = Promise.withResolvers<void>();
  async function* body() {
    yield* sse(contentChunk("before "));
    await attacked;
    yield* answerOf("after");
  }
  await using server = new TestServer({ script: () => ({ body: body() }) });
  const live = await Promise.all(Array.from({ length: 4 }, () => server.chat()));
  const hostile: [method: string, path: string, body: string | null][] = [
    ["POST", "/api/chat", '{"messages":'],
    ["POST", "/api/chat", '{"messages":[{"role":"user"}]}'],
    ["POST", "/api/chat", "[".repeat(100_000)],
    ["POST", "/api/chat", '{"__proto__":{"messages":[]}}'],
    ["PATCH", "/api/chat", "{}"],
    ["GET", "/..%2f..%2fetc%2fpasswd", null],
    ["GET", "/%2e%2e/main.ts", null],
    ["GET", "/assets/%00", null],
  ];
  const statuses = await Promise.all(hostile.flatMap(([method, path, body]) =>
    Array.from({ length: 8 }, async () => {
      const headers = { "content-type": "application/json", origin: server.origin };
      const response = await fetch(server.origin + path, { method, headers, body });
      await response.body?.cancel();
      return response.status;
    })
  ));
  assertEquals(statuses.filter((status) => status < 400 || status >= 500), []);
  assertEquals(server.provider.requests.length, 4);
  resolve();
  for (const response of live) {
    const events = await eventsOf(response);
    assertEquals([textOf(events), events.at(-1)!.type], ["before after", "stop"]);
  }
  await assertNothingLeft(server);
});

Deno.test("F25 chat sends headers that switch off the buffering of proxies", async () => {
  await using server = new TestServer({ script: () => ({ body: answerOf("ok") }) });
  const { headers, body } = await server.chat();
  assertEquals(headers.get("x-accel-buffering"), "no");
  assertStringIncludes(headers.get("cache-control")!, "no-transform");
  await body!.cancel();
});

Deno.test("F26 chat responds 502 when the provider closes the connection, and serves when it is back", async () => {
  await using server = new TestServer({ script: () => ({ end: "refuse" }) });
  const response = await server.chat();
  assertEquals(response.status, 502);
  assertEquals((await response.json()).errorType, "ProviderNetworkError");
  server.provider.script = () => ({ body: answerOf("back") });
  assertEquals(textOf(await eventsOf(await server.chat())), "back");
});

Deno.test("F27 chat sends each event once when usage, roles and finish reasons repeat or come early", async () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
  const role = { choices: [{ index: 0, delta: { role: "assistant", content: "" } }] };
  const body = sse(
    { choices: [], usage },
    role,
    contentChunk("a"),
    role,
    contentChunk("b"),
    finishChunk(),
    finishChunk(),
    {
      choices: [],
      usage,
    },
    "[DONE]",
  );
  await using server = new TestServer({ script: () => ({ body }) });
  const events = await eventsOf(await server.chat());
  assertEquals(events.map(({ type }) => type), ["text", "text", "usage", "speed", "stop"]);
});

Deno.test("F28 chat neither fails nor leaks when clients leave just as the answer ends", async () => {
  await using server = new TestServer({ script: () => ({ body: answerOf("a", "b") }) });
  for (let round = 0; round < 30; round++) {
    await Promise.all(Array.from({ length: 10 }, async (_, index) => {
      const leave = new AbortController();
      const response = await server.chat(undefined, { signal: leave.signal }).catch(() => undefined);
      const reading = response?.text().catch(() => {});
      for (let turn = 0; turn < index; turn++) await Promise.resolve();
      leave.abort();
      await reading;
    }));
  }
  while (server.runs.size > 0) await server.nextLogEntry();
  await assertNothingLeft(server);
});
