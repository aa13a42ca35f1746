/**
 * Tests resumable runs through the whole server, over real sockets. Each test carries the id of its scenario in
 * docs/reliability.md.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { mintEmbedToken } from "../../routes/embed_token.ts";
import { NO_RATE_LIMITS, RateLimits } from "../../routes/rate_limits.ts";
import { answerOf, contentChunk, sse } from "../fake_openai.ts";
import { StepProvider } from "../step_provider.ts";
import { readWire } from "../upstream/answer_of.ts";
import { ALL, errorOf, follow, QUESTION, SECRET, serverWith, start, wireAfter, WORDS } from "./resumable_server.ts";

Deno.test("chat sends content-location for a resumable run and for no other", async () => {
  await using server = serverWith({}, { script: () => ({ body: answerOf("a") }) });
  const plain = await server.chat();
  assertEquals(plain.headers.get("content-location"), null);
  await plain.text();
  const { response } = await start(server);
  assertMatch(response.headers.get("content-location")!, /^\/api\/chat\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f-]{21}$/);
  await response.text();
  assertEquals(server.provider.requests[1]!.body.resumable, undefined, "the provider has no such field");
});

Deno.test("R03 R08 GET sends the same bytes after every event of a finished run", async () => {
  await using server = serverWith({}, { script: () => ({ body: answerOf(...WORDS) }) });
  const { response, url } = await start(server);
  const wire = await response.text();
  const events = readWire(wire);
  assertEquals(await (await follow(url)).text(), wire);
  for (let after = 0; after < events.length; after++) {
    const again = await follow(url, after);
    assertEquals([again.status, await again.text()], [200, wireAfter(wire, after)]);
    assertEquals(await (await fetch(`${url}?after=${after}`)).text(), wireAfter(wire, after));
  }
  const last = await follow(url, events.length);
  assertEquals([last.status, await last.text()], [204, ""]);
  assertEquals(server.provider.requests.length, 1);
});

Deno.test("R12 GET sends all readers of a live run the same bytes, wherever they begin", async () => {
  const provider = new StepProvider(...WORDS);
  await using server = serverWith({}, { script: provider.script });
  const starting = start(server);
  provider.send(2);
  const { response, url } = await starting;
  const first = response.text();
  const early = await Promise.all([0, 1, 0].map((after) => follow(url, after).then((each) => each.text.bind(each))));
  provider.send(ALL);
  const wire = await first;
  assertEquals(await Promise.all(early.map((text) => text())), [wire, wireAfter(wire, 1), wire]);
});

Deno.test("R04 GET refuses malformed cursors, and the header wins over the query", async () => {
  await using server = serverWith({}, { script: () => ({ body: answerOf("a") }) });
  const { response, url } = await start(server);
  const wire = await response.text();
  for (const cursor of ["-1", "abc", "1.5", "1e3", "9223372036854775808", "0x1", "1, 2", "+1", "1234567890123456"]) {
    assertEquals(await errorOf(await follow(url, cursor)), [400, "InvalidRequestFormat"], cursor);
  }
  assertEquals(await errorOf(await fetch(`${url}?after=`)), [400, "InvalidRequestFormat"]);
  assertEquals(await (await follow(`${url}?after=abc`, 1)).text(), wireAfter(wire, 1));
});

Deno.test("R05 GET responds 409 beyond the newest event", async () => {
  await using server = serverWith({}, { script: () => ({ body: answerOf("a") }) });
  const { response, url } = await start(server);
  const { length } = readWire(await response.text());
  assertEquals(await errorOf(await follow(url, length + 1)), [409, "EventNotReached"]);
});

Deno.test("R09 R38 GET and DELETE send the same 404 for unknown, foreign and expired runs", async () => {
  await using server = serverWith({ keepMs: 0 }, { script: () => ({ body: answerOf("a") }) });
  const { response, url } = await start(server);
  await response.text();
  await server.nextLogEntry();
  server.runs.clock.tick();
  const bodies = [];
  for (const address of [url, `${server.origin}/api/chat/${crypto.randomUUID()}`, `${server.origin}/api/chat/x`]) {
    for (const method of ["GET", "DELETE"]) {
      const gone = await fetch(address, { method });
      bodies.push([gone.status, await gone.text()]);
    }
  }
  assertEquals(new Set(bodies.map((body) => body.join())).size, 1);
  assertEquals(bodies[0]![0], 404);
  assertMatch(String(bodies[0]![1]), /RunNotFound/);
});

Deno.test("R19 chat continues a run when the client closes the connection, and GET sends the whole answer", async () => {
  const provider = new StepProvider(...WORDS);
  await using server = serverWith({}, { script: provider.script });
  const starting = start(server);
  provider.send(1);
  const { response, url } = await starting;
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  provider.send(ALL);
  const wire = await (await follow(url)).text();
  assertEquals(readWire(wire).at(-1), { type: "stop", data: "stop" });
  assertEquals([server.provider.requests.length, server.provider.aborts], [1, 0]);
});

Deno.test("R20 chat ends a run without readers, and GET sends a late reader the error abandoned", async () => {
  await using server = serverWith({ abandonMs: 0 }, { script: () => ({ body: sse(contentChunk("a")), end: "stall" }) });
  const { response, url } = await start(server);
  const reader = response.body!.getReader();
  await reader.read();
  server.runs.clock.tick();
  assertEquals(server.provider.aborts, 0, "it has a reader");
  await reader.cancel();
  await server.provider.until(({ aborts }) => aborts === 1);
  const last = readWire(await (await follow(url)).text()).at(-1);
  assertEquals(last?.type === "error" && last.data.body?.reason, "abandoned");
  const entry = await server.nextLogEntry();
  assertEquals([entry.path, entry.outcome, entry.reason], ["/api/chat", "StreamChunkError", "abandoned"]);
});

Deno.test("R13 R14 GET serves other readers when one reads nothing", async () => {
  const flood = () => ({
    body: [...Array.from({ length: 3000 }, () => sse(contentChunk("x".repeat(950)))[0]!), ...answerOf("end")],
  });
  await using server = serverWith({}, { script: flood });
  const { response, url } = await start(server);
  const stalled = await follow(url);
  const stalledBody = stalled.body!;
  const wire = await (await follow(url)).text();
  assertEquals(readWire(wire).at(-1), { type: "stop", data: "stop" });
  assertEquals(await response.text(), wire);
  await stalledBody.cancel();
});

Deno.test("R26 DELETE stops a run for all of its readers, and is idempotent", async () => {
  await using server = serverWith({}, {
    script: () => ({ body: sse(contentChunk("a"), contentChunk("b")), end: "stall" }),
  });
  const { response, url } = await start(server);
  const other = await follow(url);
  const reader = response.body!.getReader();
  let wire = new TextDecoder().decode((await reader.read()).value);
  for (let time = 0; time < 3; time++) {
    const stopped = await fetch(url, { method: "DELETE" });
    assertEquals([stopped.status, await stopped.text()], [204, ""]);
  }
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    wire += new TextDecoder().decode(read.value);
  }
  assertEquals(readWire(wire).at(-1), { type: "stop", data: "cancelled" });
  assertEquals(await other.text(), wire);
  await server.provider.until(({ aborts }) => aborts === 1);
  // No line of the log has the run's id.
  const entries = [await server.nextLogEntry(), await server.nextLogEntry(), await server.nextLogEntry()];
  assert(entries.every(({ path }) => path === "/api/chat" || path === "/api/chat/*"));
});

Deno.test("R38 GET and DELETE find a run only with a token of its origin and visitor", async () => {
  await using server = serverWith({}, { access: { embedSecrets: [SECRET] }, script: () => ({ body: answerOf("a") }) });
  const headersFor = async (subject: string, origin = server.origin) => ({
    origin,
    authorization: `Bearer ${await mintEmbedToken(SECRET, { subject, origin }, 600)}`,
  });
  const own = await headersFor("ann");
  const { response, url } = await start(server, { headers: own });
  const wire = await response.text();
  assertEquals(await (await follow(url, 0, own)).text(), wire);
  assertEquals(await errorOf(await follow(url, 0, await headersFor("bob"))), [404, "RunNotFound"]);
  const stranger = await fetch(url, { method: "DELETE", headers: await headersFor("bob") });
  assertEquals(await errorOf(stranger), [404, "RunNotFound"]);
  assertEquals((await errorOf(await follow(url)))[0], 401);
  // A same-origin GET of a browser has no Origin.
  const { origin: _, ...rest } = own;
  const sameOrigin = { ...rest, "sec-fetch-site": "same-origin" };
  assertEquals(
    await (await server.app(new Request(url, { headers: { ...sameOrigin, host: new URL(url).host } }))).text(),
    wire,
  );
  const crossSite = { ...rest, "sec-fetch-site": "cross-site", host: new URL(url).host };
  assertEquals((await server.app(new Request(url, { headers: crossSite }))).status, 403);
});

Deno.test("R40 app allows DELETE and the two headers, and exposes content-location, across origins", async () => {
  const origin = "https://shop.example";
  const allowedOrigins = { exact: new Set([origin]), any: false, loopback: false };
  await using server = serverWith({}, { access: { allowedOrigins }, script: () => ({ body: answerOf("a") }) });
  const { response, url } = await start(server, { headers: { origin } });
  assertMatch(response.headers.get("access-control-expose-headers")!, /content-location/);
  await response.text();
  const preflight = await fetch(url, { method: "OPTIONS", headers: { origin } });
  assertMatch(preflight.headers.get("access-control-allow-methods")!, /DELETE/);
  assertMatch(preflight.headers.get("access-control-allow-headers")!, /idempotency-key.*last-event-id/);
  const again = await follow(url, 0, { origin });
  assertEquals(again.headers.get("access-control-allow-origin"), origin);
  assertEquals(again.headers.get("cache-control"), "no-store, no-transform");
  await again.text();
  assertEquals((await errorOf(await follow(url, 0, { origin: "https://evil.example" })))[0], 403);
});

Deno.test("R18 chat bounds the log of a run that nobody reads, and GET sends all of it later", async () => {
  const provider = () => ({
    body: sse(...Array.from({ length: 100 }, () => contentChunk("x".repeat(900)))),
    end: "stall" as const,
  });
  await using server = serverWith({ maxAnswerBytes: 20_000 }, { script: provider });
  const { response, url } = await start(server);
  await response.body!.cancel();
  await server.nextLogEntry();
  const wire = await (await follow(url)).text();
  const last = readWire(wire).at(-1);
  assertEquals(last?.type === "error" && last.data.body?.reason, "answer_too_large");
  assert(wire.length > 20_000 && wire.length < 110_000, `${wire.length} bytes`);
});

Deno.test("R39 a run goes on when its token expires, and GET needs a new one", async () => {
  const provider = new StepProvider(...WORDS);
  await using server = serverWith({}, { access: { embedSecrets: [SECRET] }, script: provider.script });
  const { origin } = server;
  const headers = async () => ({
    origin,
    authorization: `Bearer ${await mintEmbedToken(SECRET, { subject: "ann", origin }, 60)}`,
  });
  const old = await headers();
  const starting = start(server, { headers: old });
  provider.send(1);
  const { response, url } = await starting;
  using _later = hoursLater(2);
  provider.send(ALL);
  const wire = await response.text();
  assertEquals(readWire(wire).at(-1), { type: "stop", data: "stop" });
  const refused = await follow(url, 0, old);
  assertEquals([refused.status, (await refused.json()).body.code], [401, "token_expired"]);
  assertEquals(await (await follow(url, 0, await headers())).text(), wire);
});

/** Sets the clock on until it is disposed. */
function hoursLater(hours: number): Disposable {
  const RealDate = Date;
  const now = () => RealDate.now() + hours * 3_600_000;
  globalThis.Date = class extends RealDate {
    static override now = now;
    constructor(...parts: [] | [value: number | string]) {
      super(parts[0] ?? now());
    }
  } as DateConstructor;
  return { [Symbol.dispose]: () => void (globalThis.Date = RealDate) };
}

Deno.test("chat ends a run with answer_too_large when its answer exceeds MAX_ANSWER_BYTES", async () => {
  const script = () => ({
    body: sse(...Array.from({ length: 100 }, () => contentChunk("x".repeat(900)))),
    end: "stall" as const,
  });
  await using server = serverWith({ maxAnswerBytes: 20_000 }, { script });
  const { response, url } = await start(server);
  const wire = await response.text();
  const last = readWire(wire).at(-1);
  assertEquals(last?.type === "error" && last.data.body?.reason, "answer_too_large");
  assert(wire.length < 110_000);
  assertEquals(await (await follow(url)).text(), wire);
  await server.provider.until(({ openSockets }) => openSockets === 0);
});

Deno.test("chat evicts the oldest finished runs for new ones, and starts a plain run when none can be evicted", async () => {
  const script = () => ({ body: answerOf("x".repeat(5000)) });
  await using server = serverWith({ maxLogBytes: 12_000 }, { script });
  const urls: string[] = [];
  for (let time = 0; time < 4; time++) {
    const { response, url } = await start(server);
    await response.text();
    await server.nextLogEntry();
    urls.push(url);
  }
  const statuses = await Promise.all(urls.map(async (url) => {
    const { status, body } = await follow(url);
    await body?.cancel();
    return status;
  }));
  assertEquals(statuses, [404, 200, 200, 200]);
  server.provider.script = () => ({ body: sse(contentChunk("x".repeat(13_000))), end: "stall" });
  const full = await start(server);
  const reader = full.response.body!.getReader();
  await reader.read();
  server.provider.script = script;
  const plain = await server.chat(QUESTION);
  assertEquals(plain.headers.get("content-location"), null);
  assertEquals(readWire(await plain.text()).at(-1)?.type, "stop");
  await fetch(full.url, { method: "DELETE" });
  await reader.cancel();
});

Deno.test("GET limits the readers of a run, all readers, and the reads of a caller", async () => {
  const script = () => ({ body: sse(contentChunk("a")), end: "stall" as const });
  {
    await using server = serverWith({ maxReaders: 2 }, { script });
    const { response, url } = await start(server);
    const second = await follow(url);
    assertEquals(await errorOf(await follow(url)), [429, "RateLimitExceeded"]);
    await fetch(url, { method: "DELETE" });
    await Promise.all([response.text(), second.text()]);
  }
  {
    await using server = serverWith({ maxAllReaders: 1 }, { script });
    const { response, url } = await start(server);
    const second = await follow(url);
    assertEquals(await errorOf(await follow(url)), [503, "ServerBusy"]);
    await fetch(url, { method: "DELETE" });
    await Promise.all([response.text(), second.text()]);
  }
  using rates = new RateLimits({ ...NO_RATE_LIMITS, limitLocal: true, readsPerMinute: 1 });
  await using server = serverWith({}, { script: () => ({ body: answerOf("a") }), limits: { rates } });
  const { response, url } = await start(server);
  await response.text();
  await (await follow(url)).text();
  const refused = await follow(url);
  assertEquals([refused.status, (await refused.json()).body.limit.name], [429, "reads"]);
});

Deno.test("R23 chat starts no runs on a stopping server, and ends resumable ones after the drain time", async () => {
  await using server = serverWith({}, { script: () => ({ body: sse(contentChunk("a")), end: "stall" }) });
  const { response } = await start(server);
  const draining = server.runs.drain(0);
  assertEquals((await errorOf(await server.chat(QUESTION)))[0], 503);
  const last = readWire(await response.text()).at(-1);
  assertEquals(last?.type === "error" && last.data.type, "ServerBusy");
  await draining;
});

Deno.test("GET lets an EventSource read a run, and stops it with 204 at the end", async () => {
  await using server = serverWith({}, { script: () => ({ body: answerOf("a", "b") }) });
  const { response, url } = await start(server);
  await response.text();
  const source = new EventSource(url);
  const texts: string[] = [];
  source.addEventListener("text", ({ data }) => texts.push(JSON.parse(data)));
  // It connects again after the end, receives 204, and closes.
  await new Promise<void>((resolve) => {
    source.onerror = () => source.readyState === EventSource.CLOSED && resolve();
  });
  assertEquals(texts, ["a", "b"]);
});
