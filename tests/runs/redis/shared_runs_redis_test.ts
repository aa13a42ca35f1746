/**
 * Runs that two servers share through a real Redis, over real sockets. Each test carries the id of its scenario in
 * docs/reliability.md.
 */
import { assert, assertEquals } from "@std/assert";
import { mintEmbedToken } from "../../../routes/embed_token.ts";
import { RedisConnection } from "../../../runs/redis/redis_connection.ts";
import { endRun } from "../../../runs/redis/run_ending.ts";
import { DEFAULT_RESUME_LIMITS, type ResumeLimits } from "../../../runs/resumable_runs.ts";
import { answerOf, contentChunk, type Script, sse } from "../../fake_openai.ts";
import { RedisServer, redisTest } from "../../redis_server.ts";
import { SlowProxy } from "../../slow_proxy.ts";
import { StepProvider } from "../../step_provider.ts";
import { TestServer, type TestServerOptions } from "../../test_server.ts";
import { WireReader } from "../../wire_reader.ts";
import { readWire } from "../../upstream/answer_of.ts";

const QUESTION = { messages: [{ role: "user", content: "Hi" }], resumable: true };
const SECRET = { secret: "a-secret-for-tests-0123456789abcdef" };
const WORDS = ["Grüße ", "👩‍👩‍👧 ", "€ ", "日本語"];

/** Two servers with one Redis. */
class Pair implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly a: TestServer;
  readonly b: TestServer;
  readonly #things: AsyncDisposableStack;

  private constructor(redis: RedisServer, a: TestServer, b: TestServer, things: AsyncDisposableStack) {
    this.redis = redis;
    this.a = a;
    this.b = b;
    this.#things = things;
  }

  static async start(script: Script, resume: Partial<ResumeLimits> = {}, options: TestServerOptions = {}) {
    const things = new AsyncDisposableStack();
    const redis = things.use(await RedisServer.start());
    const servers = [];
    for (let count = 0; count < 2; count++) {
      const connection = things.use(await redis.connect());
      const limits = { ...DEFAULT_RESUME_LIMITS, ...resume };
      servers.push(things.use(new TestServer({ script, redis: connection, resume: limits, ...options })));
    }
    return new Pair(redis, servers[0]!, servers[1]!, things);
  }

  /** Starts a run on the first server. */
  async start(init: RequestInit = {}) {
    const response = await this.a.chat(QUESTION, init);
    const path = response.headers.get("content-location")!;
    return { response, path, onA: this.a.origin + path, onB: this.b.origin + path };
  }

  /** Resolves when Redis has all that the first server has. */
  async flush(): Promise<void> {
    await this.a.runs.resumable.flush();
  }

  /** Resolves when Redis has carried a command out so often. */
  async untilCalled(command: string, count: number): Promise<void> {
    await using connection = await this.redis.connect();
    for (let calls = 0; calls < count;) {
      const info = String(await connection.send(["INFO", "commandstats"]));
      calls = Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(info)?.[1] ?? 0);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#things.disposeAsync();
  }
}

function follow(url: string, after?: number): Promise<Response> {
  return fetch(url, { headers: after === undefined ? {} : { "last-event-id": String(after) } });
}

async function errorOf(response: Response): Promise<[number, string]> {
  return [response.status, (await response.json()).errorType];
}

/** The part of a wire behind an event. */
function behind(wire: string, event: number): string {
  return wire.split(/(?<=\n\n)/).slice(event).join("");
}

redisTest("R03 R08 another server gives the same bytes behind every event of a finished run", async () => {
  await using pair = await Pair.start(() => ({ body: answerOf(...WORDS) }));
  const { response, onB, path } = await pair.start();
  const wire = await response.text();
  await pair.flush();
  const events = readWire(wire);
  for (let after = 0; after < events.length; after++) {
    const there = await follow(onB, after);
    assertEquals([there.status, there.headers.get("content-location")], [200, path]);
    assertEquals(await there.text(), behind(wire, after));
  }
  assertEquals((await follow(onB, events.length)).status, 204);
  assertEquals(pair.b.provider.requests.length, 0);
});

redisTest("R12 R25 readers of a live run on two servers get the same bytes", async () => {
  const provider = new StepProvider(...WORDS);
  await using pair = await Pair.start(provider.script);
  const starting = pair.start();
  provider.send(2);
  const { response, onA, onB } = await starting;
  const first = response.text();
  await pair.flush();
  const others = await Promise.all([onA, onB, onB, onB].map((url, after) => follow(url, after % 2)));
  const texts = others.map((each) => each.text());
  provider.send(provider.all);
  const wire = await first;
  assertEquals(await Promise.all(texts), [wire, behind(wire, 1), wire, behind(wire, 1)]);
});

redisTest("R11 an answer of 3 MB is followed and read again on another server", async () => {
  const image = "x".repeat(3_000_000);
  const provider = new StepProvider("a", image, "b");
  await using pair = await Pair.start(provider.script);
  const starting = pair.start();
  provider.send(1);
  const { response, onB } = await starting;
  await pair.flush();
  const live = (await follow(onB)).text();
  provider.send(provider.all);
  const wire = await response.text();
  assertEquals(await live, wire);
  assertEquals(await (await follow(onB, 1)).text(), behind(wire, 1));
});

redisTest("R04 R05 R38 another server refuses cursors and callers as the producer does", async () => {
  await using pair = await Pair.start(() => ({ body: answerOf("a") }));
  const { response, onB } = await pair.start();
  const { length } = readWire(await response.text());
  await pair.flush();
  assertEquals(await errorOf(await follow(onB, length + 1)), [409, "EventNotReached"]);
  const bodies = [];
  for (const id of [crypto.randomUUID(), "x", "%7b%7d", "../a"]) {
    for (const method of ["GET", "DELETE"]) {
      const gone = await fetch(`${pair.b.origin}/api/chat/${id}`, { method });
      bodies.push(`${gone.status} ${await gone.text()}`);
    }
  }
  assertEquals(new Set(bodies.slice(0, 6)).size, 1, bodies.join("\n"));
});

redisTest("R38 a run belongs to its token's visitor on every server", async () => {
  const origin = "https://shop.example";
  const allowedOrigins = { exact: new Set([origin]), any: false, loopback: false };
  await using pair = await Pair.start(() => ({ body: answerOf("a") }), {}, {
    access: { embedSecrets: [SECRET], allowedOrigins },
  });
  const headersFor = async (subject: string) => ({
    origin,
    authorization: `Bearer ${await mintEmbedToken(SECRET, { subject, origin }, 600)}`,
  });
  const [ann, bob] = await Promise.all(["ann", "bob"].map(headersFor));
  const { response, onB } = await pair.start({ headers: ann! });
  const wire = await response.text();
  await pair.flush();
  for (const method of ["GET", "DELETE"]) {
    assertEquals(await errorOf(await fetch(onB, { method, headers: bob! })), [404, "RunNotFound"]);
  }
  assertEquals(await (await fetch(onB, { headers: ann! })).text(), wire);
});

redisTest("R26 DELETE on another server stops the run for all readers, and is idempotent", async () => {
  await using pair = await Pair.start(() => ({ body: sse(contentChunk("a"), contentChunk("b")), end: "stall" }));
  const { response, onA, onB } = await pair.start();
  await pair.flush();
  const there = await follow(onB);
  for (const url of [onB, onB, onA]) {
    const stopped = await fetch(url, { method: "DELETE" });
    assertEquals([stopped.status, await stopped.text()], [204, ""]);
  }
  const wire = await response.text();
  assertEquals(readWire(wire).at(-1), { type: "stop", data: "cancelled" });
  assertEquals(await there.text(), wire);
  await pair.a.provider.until(({ aborts }) => aborts === 1);
});

redisTest("R29 a key finds its run on every server, live and finished, and waits for a run that begins", async () => {
  const provider = new StepProvider(...WORDS);
  await using pair = await Pair.start(provider.script);
  const headers = { "idempotency-key": "key-0123456789abcdef" };
  const first = pair.start({ headers });
  await pair.a.provider.until(({ requests }) => requests.length === 1);
  const waiting = pair.b.chat(QUESTION, { headers });
  provider.send(provider.all);
  const { response, path } = await first;
  const wire = await response.text();
  const second = await waiting;
  assertEquals([second.headers.get("content-location"), await second.text()], [path, wire]);
  await pair.flush();
  const late = await pair.b.chat(QUESTION, { headers: { ...headers, "last-event-id": "2" } });
  assertEquals([late.headers.get("content-location"), await late.text()], [path, behind(wire, 2)]);
  const other = await pair.b.chat({ ...QUESTION, temperature: 1 }, { headers });
  assertEquals(await errorOf(other), [422, "IdempotencyKeyReused"]);
  assertEquals([pair.a, pair.b].map((server) => server.provider.requests.length), [1, 0]);
});

redisTest("R29 a waiting request on another server gets the same error, and then the key is free", async () => {
  const { promise: answer, resolve: respond } = Promise.withResolvers<void>();
  const script: Script = async (_, count) => {
    if (count > 0) return { body: answerOf("b") };
    await answer;
    return { status: 400, body: [`{"error":{"message":"no"}}`] };
  };
  await using pair = await Pair.start(script);
  const headers = { "idempotency-key": "k" };
  const first = pair.a.chat(QUESTION, { headers });
  await pair.a.provider.until(({ requests }) => requests.length === 1);
  const second = pair.b.chat(QUESTION, { headers });
  // Each of them looks for the key, claims it, and looks who has it.
  await pair.untilCalled("get", 4);
  respond();
  const errors = await Promise.all([first, second].map(async (each) => errorOf(await each)));
  assertEquals(errors[0], errors[1]);
  assertEquals(pair.b.provider.requests.length, 0);
  const again = await pair.a.chat(QUESTION, { headers });
  assertEquals(readWire(await again.text()).at(-1)?.type, "stop");
});

redisTest("R26 DELETE with the key on another server stops a run that has no answer yet", async () => {
  await using pair = await Pair.start(() => ({ end: "silent" }));
  const headers = { "idempotency-key": "early" };
  const starting = pair.a.chat(QUESTION, { headers });
  await pair.a.provider.until(({ requests }) => requests.length === 1);
  const stopped = await fetch(`${pair.b.origin}/api/chat`, { method: "DELETE", headers });
  assertEquals(stopped.status, 204);
  assertEquals((await errorOf(await starting))[1], "ClientLeft");
});

redisTest("R20 a reader on another server keeps a run from being abandoned", async () => {
  const provider = new StepProvider(...WORDS);
  await using pair = await Pair.start(provider.script, { abandonMs: 1 });
  const starting = pair.start();
  provider.send(2);
  const { response, onB } = await starting;
  await pair.flush();
  const there = await follow(onB);
  const reader = there.body!.getReader();
  let wire = new TextDecoder().decode((await reader.read()).value);
  // The reader's server has asked for what comes, and the producer has taken note.
  await pair.untilCalled("publish", 2);
  await response.body!.cancel();
  pair.a.runs.clock.tick();
  provider.send(provider.all);
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    wire += new TextDecoder().decode(read.value);
  }
  assertEquals(readWire(wire).at(-1), { type: "stop", data: "stop" });
});

redisTest("R23 a stopping server lets the readers go that another one can serve, and its runs end", async () => {
  const provider = new StepProvider(...WORDS);
  await using pair = await Pair.start(provider.script);
  const starting = pair.start();
  provider.send(2);
  const { response, onB } = await starting;
  await pair.flush();
  const reader = new WireReader(response);
  await reader.events(2);
  await pair.flush();
  const draining = pair.a.runs.drain(0);
  const first = await reader.all();
  const rest = await (await follow(onB, 2)).text();
  await draining;
  const last = readWire(first + rest).at(-1);
  assertEquals(last?.type === "error" && last.data.type, "ServerBusy");
  provider.send(provider.all);
});

redisTest("R37 a slow Redis delays no local reader", async () => {
  await using redis = await RedisServer.start();
  await using slow = new SlowProxy(redis.port);
  await using connection = await RedisConnection.open({ url: slow.url, prefix: "test:" });
  await using server = new TestServer({ script: () => ({ body: answerOf(...WORDS) }), redis: connection });
  slow.hold();
  // The whole answer is here before Redis has replied to anything.
  const wire = await (await server.chat(QUESTION)).text();
  assertEquals(readWire(wire).at(-1), { type: "stop", data: "stop" });
  slow.release();
  await server.runs.resumable.flush();
});

redisTest("R23 a stopping server sends those who come to another one", async () => {
  await using pair = await Pair.start(() => ({ body: answerOf("a") }));
  const { response, onA } = await pair.start();
  await response.text();
  await pair.flush();
  const draining = pair.a.runs.drain(0);
  assertEquals(await errorOf(await follow(onA)), [503, "ServerBusy"]);
  await draining;
});

redisTest("R05 a reader that is ahead of Redis waits for the event, and not for ever", async () => {
  const provider = new StepProvider(...WORDS);
  await using pair = await Pair.start(provider.script);
  const starting = pair.start();
  provider.send(2);
  const { response, onB } = await starting;
  await pair.flush();
  const [early, never] = [follow(onB, 3), follow(onB, 100)];
  assertEquals(await errorOf(await never), [409, "EventNotReached"]);
  assertEquals(await errorOf(await early), [409, "EventNotReached"]);
  const inTime = follow(onB, 3);
  // The reader's server reads the log when it is asked again, or hears of the event.
  provider.send(provider.all);
  const wire = await response.text();
  assertEquals(await (await inTime).text(), behind(wire, 3));
});

redisTest("R24 a provider that breaks while nobody reads leaves the same ending for all who come later", async () => {
  const { promise: broken, resolve: breakOff } = Promise.withResolvers<void>();
  async function* body() {
    yield* sse(contentChunk("a"));
    await broken;
  }
  await using pair = await Pair.start(() => ({ body: body(), end: "reset" }));
  const { response, onA, onB } = await pair.start();
  await response.body!.cancel();
  breakOff();
  await pair.a.nextLogEntry();
  await pair.flush();
  const [there, here] = await Promise.all([onB, onA].map(async (url) => await (await follow(url)).text()));
  const last = readWire(there!).at(-1);
  assertEquals([last?.type === "error" && last.data.body?.reason, here], ["unexpected_end", there]);
});

redisTest("R22 the ending in Redis holds for all who come later to the fenced server, also by key", async () => {
  await using redis = await RedisServer.start();
  await using slow = new SlowProxy(redis.port);
  await using connection = await RedisConnection.open({ url: slow.url, prefix: "test:" });
  const provider = new StepProvider(...WORDS);
  await using server = new TestServer({ script: provider.script, redis: connection });
  const init = { headers: { "idempotency-key": "a-key" } };
  const starting = server.chat(QUESTION, init);
  provider.send(2);
  const response = await starting;
  const path = response.headers.get("content-location")!;
  await server.runs.resumable.flush();
  assert(await endRun(connection, path.split("/").at(-1)!, "lost", DEFAULT_RESUME_LIMITS.keepMs));
  slow.hold();
  provider.send(provider.all);
  assertEquals(readWire(await response.text()).at(-1), { type: "stop", data: "stop" });
  // The answer has ended here, and Redis has not replied yet that it refuses this ending.
  const later = [follow(server.origin + path), server.chat(QUESTION, init)];
  await follow(server.origin + "/readyz").then((ready) => ready.body?.cancel());
  slow.release();
  const wires = await Promise.all(later.map(async (each) => (await each).text()));
  assertEquals(new Set(wires).size, 1);
  assertEquals(readWire(wires[0]!).at(-1)?.type, "error");
});

redisTest("R27 a stop and the natural end at the same moment make one terminal event", async () => {
  for (let round = 0; round < 5; round++) {
    const provider = new StepProvider(...WORDS);
    await using pair = await Pair.start(provider.script);
    const starting = pair.start();
    provider.send(3);
    const { response, onB } = await starting;
    await pair.flush();
    const stopping = fetch(onB, { method: "DELETE" });
    provider.send(provider.all);
    const wire = await response.text();
    assertEquals((await stopping).status, 204);
    await pair.flush();
    assertEquals(await (await follow(onB)).text(), wire);
    assertEquals(readWire(wire).at(-1)?.type, "stop");
  }
});
