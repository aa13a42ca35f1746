/** Tests `Idempotency-Key` and `Last-Event-ID` of POST, over real sockets. Tests carry the ids of docs/reliability.md. */
import { assertEquals } from "@std/assert";
import { mintEmbedToken } from "../../routes/embed_token.ts";
import { answerOf } from "../fake_openai.ts";
import { StepProvider } from "../step_provider.ts";
import { readWire } from "../upstream/answer_of.ts";
import { ALL, errorOf, QUESTION, SECRET, serverWith, start, wireAfter, WORDS } from "./resumable_server.ts";

Deno.test("R29 chat attaches a repeated request with the same key to its run, and sends the provider nothing", async () => {
  const provider = new StepProvider(...WORDS);
  await using server = serverWith({}, { script: provider.script });
  const headers = { "idempotency-key": "key-0123456789abcdef" };
  const [first, second] = [start(server, { headers }), start(server, { headers })];
  await server.provider.until(({ requests }) => requests.length === 1);
  provider.send(ALL);
  const [{ response, url }, again] = await Promise.all([first, second]);
  assertEquals(again.url, url);
  const wire = await response.text();
  assertEquals(await again.response.text(), wire);
  const late = await start(server, { headers: { ...headers, "last-event-id": "2" } });
  assertEquals([late.url, await late.response.text()], [url, wireAfter(wire, 2)]);
  const other = await server.chat({ ...QUESTION, temperature: 1 }, { headers });
  assertEquals(await errorOf(other), [422, "IdempotencyKeyReused"]);
  assertEquals(server.provider.requests.length, 1);
});

Deno.test("R29 chat releases a key when its request fails before the run begins", async () => {
  await using server = serverWith({}, { script: (_, count) => count < 1 ? { status: 400 } : { body: answerOf("b") } });
  const headers = { "idempotency-key": "k" };
  assertEquals((await errorOf(await server.chat(QUESTION, { headers })))[0], 502);
  const { response } = await start(server, { headers });
  assertEquals(readWire(await response.text()).at(-1)?.type, "stop");
});

Deno.test("R29 chat accepts keys of 1 to 255 visible ASCII characters, and responds 400 to others", async () => {
  await using server = serverWith({}, { script: () => ({ body: answerOf("a") }) });
  for (const key of ["a b", "é", "k".repeat(256), " "]) {
    const refused = await server.chat(QUESTION, {
      headers: { "idempotency-key": encodeURI(key) === key ? key : "a b" },
    });
    assertEquals((await errorOf(refused))[0], 400, key);
  }
  await (await server.chat(QUESTION, { headers: { "idempotency-key": "k".repeat(255) } })).text();
});

Deno.test("R30 chat responds 204 to a POST with Last-Event-ID and no key, and sends the provider nothing", async () => {
  await using server = serverWith({}, { script: () => ({ body: answerOf("a") }) });
  const response = await server.chat(QUESTION, { headers: { "last-event-id": "3" } });
  assertEquals([response.status, await response.text(), server.provider.requests.length], [204, "", 0]);
});

Deno.test("R26 DELETE with the key stops a run before its response, and so does closing without a key", async () => {
  await using server = serverWith({}, { script: () => ({ end: "silent" }) });
  const headers = { "idempotency-key": "early" };
  const starting = server.chat(QUESTION, { headers });
  await server.provider.until(({ requests }) => requests.length === 1);
  const stopped = await fetch(`${server.origin}/api/chat`, { method: "DELETE", headers });
  assertEquals(stopped.status, 204);
  assertEquals((await errorOf(await starting))[1], "ClientLeft");
  const leaving = new AbortController();
  const left = server.chat(QUESTION, { signal: leaving.signal }).catch((error) => error.name);
  await server.provider.until(({ requests }) => requests.length === 2);
  leaving.abort();
  assertEquals(await left, "AbortError");
  await server.provider.until(({ aborts }) => aborts === 2);
});

Deno.test("R28 chat attaches a client with a key to its run when it left before the response's head", async () => {
  const { promise: responded, resolve: respond } = Promise.withResolvers<void>();
  async function* body() {
    await responded;
    yield* answerOf("late");
  }
  // A mislabelled stream is accepted with its first byte, so the head waits for that.
  await using server = serverWith({}, { script: () => ({ headers: { "content-type": "" }, body: body() }) });
  const headers = { "idempotency-key": "patient" };
  const leaving = new AbortController();
  const left = server.chat(QUESTION, { headers, signal: leaving.signal }).catch((error) => error.name);
  await server.provider.until(({ requests }) => requests.length === 1);
  leaving.abort();
  await left;
  respond();
  const { response } = await start(server, { headers });
  assertEquals(readWire(await response.text()).at(-1)?.type, "stop");
  assertEquals([server.provider.requests.length, server.provider.aborts], [1, 0]);
});

Deno.test("chat ignores a key without resumable, and refuses resumable without a stream", async () => {
  await using server = serverWith({}, { script: () => ({ body: answerOf("a") }) });
  const headers = { "idempotency-key": "k" };
  for (let time = 1; time <= 2; time++) {
    const response = await server.chat({ ...QUESTION, resumable: false }, { headers });
    await response.text();
    assertEquals([response.headers.get("content-location"), server.provider.requests.length], [null, time]);
  }
  const refused = await server.chat({ ...QUESTION, stream: false });
  const { errorType, body } = await refused.json();
  assertEquals([refused.status, errorType, body.path], [400, "InvalidRequestFormat", "resumable"]);
});

Deno.test("R29 chat separates the keys of two visitors", async () => {
  await using server = serverWith({}, { access: { embedSecrets: [SECRET] }, script: () => ({ body: answerOf("a") }) });
  const urls = new Set<string>();
  for (const subject of ["ann", "bob", "ann"]) {
    const token = await mintEmbedToken(SECRET, { subject, origin: server.origin }, 600);
    const headers = { origin: server.origin, authorization: `Bearer ${token}`, "idempotency-key": "same" };
    const { response, url } = await start(server, { headers });
    urls.add(url);
    await response.text();
  }
  assertEquals([urls.size, server.provider.requests.length], [2, 2]);
});
