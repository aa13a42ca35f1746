/**
 * The running answer of a chat of the AI SDK, found and stopped through another server with the same Redis.
 */
import { assertEquals } from "@std/assert";
import { contentChunk, type Script, sse } from "../../fake_openai.ts";
import { RedisServer, redisTest } from "../../redis_server.ts";
import { StepProvider } from "../../step_provider.ts";
import { TestServer } from "../../test_server.ts";
import { WireReader } from "../../wire_reader.ts";

const CHAT = "chat-0123456789abcdef";
const MESSAGES = [{ id: "1", role: "user", parts: [{ type: "text", text: "Hi" }] }];

/** Calls `run` with two servers that share a Redis. */
async function withTwoServers(script: Script, run: (a: TestServer, b: TestServer) => Promise<void>): Promise<void> {
  await using things = new AsyncDisposableStack();
  const redis = things.use(await RedisServer.start());
  const [first, second] = [things.use(await redis.connect()), things.use(await redis.connect())];
  const a = things.use(new TestServer({ script, redis: first }));
  const b = things.use(new TestServer({ script, redis: second }));
  await run(a, b);
}

function ask(server: TestServer): Promise<Response> {
  return fetch(`${server.origin}/api/ai-sdk`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ id: CHAT, messages: MESSAGES }),
  });
}

function streamOf(server: TestServer, method = "GET"): Promise<Response> {
  return fetch(`${server.origin}/api/ai-sdk/${CHAT}/stream`, { method });
}

redisTest(
  "another server sends the running answer of a chat with the same bytes, and 204 once it has ended",
  async () => {
    const provider = new StepProvider("Grüße ", "€");
    await withTwoServers(provider.script, async (a, b) => {
      const asking = ask(a);
      provider.send(1);
      const response = await asking;
      const resumed = await streamOf(b);
      assertEquals(resumed.status, 200);
      provider.send(provider.all);
      assertEquals(await resumed.text(), await response.text());
      await a.runs.resumable.flush();
      assertEquals((await streamOf(b)).status, 204);
      assertEquals(b.provider.requests.length, 0);
    });
  },
);

redisTest(
  "another server stops the running answer of a chat, and a later one there is the latest for both",
  async () => {
    const script = () => ({ body: sse(contentChunk("a")), end: "stall" as const });
    await withTwoServers(script, async (a, b) => {
      const first = new WireReader(await ask(a));
      await first.events(4);
      assertEquals((await streamOf(b, "DELETE")).status, 204);
      assertEquals((await first.all()).includes('"abort"'), true);
      const second = new WireReader(await ask(b));
      const resumed = new WireReader(await streamOf(a));
      assertEquals(await resumed.events(4), await second.events(4));
      await streamOf(a, "DELETE");
      assertEquals(await resumed.all(), await second.all());
    });
  },
);

redisTest("a question that fails leaves the chat to the answer before it, on every server", async () => {
  const script: Script = (_, count) => count === 0 ? { body: sse(contentChunk("a")), end: "stall" } : { status: 400 };
  await withTwoServers(script, async (a, b) => {
    const running = new WireReader(await ask(a));
    await running.events(4);
    for (const _ of [1, 2]) await (await ask(a)).body?.cancel();
    b.provider.script = () => ({ status: 400 });
    await (await ask(b)).body?.cancel();
    const resumed = [new WireReader(await streamOf(a)), new WireReader(await streamOf(b))];
    for (const reader of resumed) await reader.events(4);
    assertEquals((await streamOf(b, "DELETE")).status, 204);
    const wire = await running.all();
    for (const reader of resumed) assertEquals(await reader.all(), wire);
  });
});

redisTest("a question that Redis has missed is the latest of its chat before Redis knows it, and after", async () => {
  await using things = new AsyncDisposableStack();
  const redis = things.use(await RedisServer.start());
  const [first, second] = [things.use(await redis.connect()), things.use(await redis.connect())];
  const script: Script = (_, count) => ({ body: sse(contentChunk(`answer ${count}`)), end: "stall" });
  const a = things.use(new TestServer({ script, redis: first }));
  const b = things.use(
    new TestServer({ script: () => ({ body: sse(contentChunk("earlier")), end: "stall" }), redis: second }),
  );
  const earlier = new WireReader(await ask(b));
  await earlier.events(4);
  await redis.kill();
  const asked = new WireReader(await ask(a));
  assertEquals((await asked.events(4)).includes("answer 0"), true);
  await redis.restart();
  // Each server tells Redis of its answers when it has connected again.
  for (const server of [b, a]) {
    let wire = "";
    while (!wire.includes("answer 0")) {
      const reader = new WireReader(await streamOf(server));
      wire = await reader.events(4);
      await reader.cancel();
      if (server === a) assertEquals(wire.includes("answer 0"), true);
    }
  }
  await streamOf(a, "DELETE");
  await asked.all();
  await earlier.cancel();
});

redisTest("another server waits for an answer that is opening only while its client does", async () => {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const script = () => opened.then(() => ({ body: sse(contentChunk("a")), end: "stall" as const }));
  await withTwoServers(script, async (a, b) => {
    const asking = ask(a);
    await a.provider.until(({ requests }) => requests.length === 1);
    const leaving = new AbortController();
    const waiting = b.app(new Request(`${b.origin}/api/ai-sdk/${CHAT}/stream`, { signal: leaving.signal }));
    leaving.abort();
    assertEquals((await waiting).status, 499);
    open();
    await new WireReader(await asking).cancel();
    await streamOf(a, "DELETE");
  });
});
