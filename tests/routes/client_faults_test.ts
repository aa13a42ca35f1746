/** Tests clients that leave or read nothing, over real sockets. Each test carries the id of its fault in docs/reliability.md. */
import { assert, assertEquals } from "@std/assert";
import { contentChunk, finishChunk, sse } from "../fake_openai.ts";
import { assertNothingLeft, eventsOf, LONG_TIMEOUTS, TestServer } from "../test_server.ts";

Deno.test("F13 chat cancels the provider's request when the client leaves in mid-stream", async () => {
  await using server = new TestServer({ script: () => ({ body: sse(contentChunk("a")), end: "stall" }) });
  const leave = new AbortController();
  const response = await server.chat(undefined, { signal: leave.signal });
  await response.body!.getReader().read();
  leave.abort();
  await server.provider.until(({ aborts }) => aborts === 1);
  assertEquals((await server.nextLogEntry()).outcome, "client_left");
  await assertNothingLeft(server);
});

Deno.test("F13 chat cancels the provider's request when the client leaves before the first byte", async () => {
  await using server = new TestServer({ script: () => ({ end: "silent" }) });
  const leave = new AbortController();
  const outcome = server.chat(undefined, { signal: leave.signal }).catch((error) => error.name);
  await server.provider.until(({ requests }) => requests.length === 1);
  leave.abort();
  assertEquals(await outcome, "AbortError");
  await server.provider.until(({ aborts }) => aborts === 1);
  assertEquals((await server.nextLogEntry()).outcome, "ClientLeft");
  await assertNothingLeft(server);
});

Deno.test("F13 chat leaves no socket and no run when 200 clients leave", async () => {
  await using server = new TestServer({ script: () => ({ body: sse(contentChunk("a")), end: "stall" }) });
  for (let round = 0; round < 10; round++) {
    await Promise.all(Array.from({ length: 20 }, async () => {
      const leave = new AbortController();
      const response = await server.chat(undefined, { signal: leave.signal });
      await response.body!.getReader().read();
      leave.abort();
    }));
  }
  await server.provider.until(({ aborts }) => aborts === 200);
  while (server.runs.size > 0) await server.nextLogEntry();
  await assertNothingLeft(server);
});

/** An answer of `megabytes` in chunks of 1 KiB, sent as fast as they are read. */
function* flood(megabytes: number): Generator<string> {
  const [chunk = ""] = sse(contentChunk("x".repeat(950)));
  for (let sent = 0; sent < megabytes * 1024; sent++) yield chunk;
  yield* sse(finishChunk(), "[DONE]");
}

Deno.test("F14 chat stops reading the provider when the client reads nothing, and serves others", async () => {
  let isRead = false;
  function* unread() {
    yield* flood(50);
    isRead = true;
  }
  await using server = new TestServer({ script: (_request, count) => ({ body: count === 0 ? unread() : flood(50) }) });
  const stalled = await server.chat();
  // The other client receives as much, so the first answer had the time to end as well.
  const events = await eventsOf(await server.chat());
  assertEquals(events.at(-1), { type: "stop", data: "stop" });
  assert(!isRead, "the server must not read more than the sockets hold");
  await stalled.body!.cancel();
  await assertNothingLeft(server);
});

Deno.test("F14 chat ends a stream with write_stall when its client reads nothing for too long", async () => {
  const timeouts = { ...LONG_TIMEOUTS, writeStallMs: 100 };
  await using server = new TestServer({ timeouts, script: () => ({ body: flood(50) }) });
  const stalled = await server.chat();
  const entry = await server.nextLogEntry();
  assertEquals([entry.outcome, entry.reason], ["StreamChunkError", "write_stall"]);
  await assertNothingLeft(server);
  await stalled.body!.cancel();
});
