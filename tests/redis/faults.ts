/**
 * Real kills and freezes: of servers and of Redis, each a process of its own. These tests wait for real leases, so they run
 * under a task of their own, `deno task test:redis`. Each carries the id of its scenario in docs/reliability.md.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { FakeOpenAI } from "../fake_openai.ts";
import { freePort, RedisServer, redisTest } from "../redis_server.ts";
import { ServerProcess } from "../server_process.ts";
import { StepProvider } from "../step_provider.ts";
import { WireReader } from "../wire_reader.ts";
import { readWire } from "../upstream/answer_of.ts";

const QUESTION = { messages: [{ role: "user", content: "Hi" }], resumable: true };
const WORDS = Array.from({ length: 30 }, (_, index) => `word ${index} `);

/** A Redis, a provider and two servers, each a process of its own but for the provider. */
class Cluster implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly words: StepProvider;
  readonly provider: FakeOpenAI;
  readonly a: ServerProcess;
  readonly b: ServerProcess;
  readonly #things: AsyncDisposableStack;

  private constructor(parts: Pick<Cluster, "redis" | "words" | "provider" | "a" | "b">, things: AsyncDisposableStack) {
    this.redis = parts.redis;
    this.words = parts.words;
    this.provider = parts.provider;
    this.a = parts.a;
    this.b = parts.b;
    this.#things = things;
  }

  static async start(env: Record<string, string> = {}, ...redisArgs: string[]): Promise<Cluster> {
    const things = new AsyncDisposableStack();
    const redis = things.use(await RedisServer.start(...redisArgs));
    const words = new StepProvider(...WORDS);
    const provider = new FakeOpenAI(words.script);
    things.defer(async () => {
      words.send(words.all);
      await provider[Symbol.asyncDispose]();
    });
    const start = () => ServerProcess.start({ OPENAI_BASE_URL: provider.baseURL, REDIS_URL: redis.url, ...env });
    const [a, b] = await Promise.all([start(), start()]);
    things.use(a);
    things.use(b);
    return new Cluster({ redis, words, provider, a, b }, things);
  }

  /** Starts a run on the first server, and has the provider send so many words. */
  async startRun(words: number) {
    const starting = this.a.chat(QUESTION);
    this.words.send(words);
    const response = await starting;
    const path = response.headers.get("content-location")!;
    return { reader: new WireReader(response), path, onA: this.a.origin + path, onB: this.b.origin + path };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#things.disposeAsync();
  }
}

async function follow(url: string, after = 0): Promise<WireReader> {
  return new WireReader(await fetch(url, { headers: { "last-event-id": String(after) } }));
}

/** Follows a run as soon as a server knows it. */
async function followLater(url: string): Promise<WireReader> {
  for (;;) {
    const response = await fetch(url);
    if (response.status === 200) return new WireReader(response);
    await response.body?.cancel();
  }
}

async function redisState(server: ServerProcess): Promise<string> {
  return (await (await fetch(`${server.origin}/readyz`)).json()).redis;
}

/** Resolves when a server reports this of its Redis. */
async function untilRedisIs(state: string, ...servers: ServerProcess[]): Promise<void> {
  for (const server of servers) while (await redisState(server) !== state);
}

function reasonOf(wire: string): unknown {
  const last = readWire(wire).at(-1);
  return last?.type === "error" ? last.data.body?.reason : last;
}

redisTest(
  "R21 readers elsewhere get one producer_lost when the producing server is killed",
  async () => {
    await using cluster = await Cluster.start();
    const { reader, onB } = await cluster.startRun(5);
    const [early, late] = [await followLater(onB), await followLater(onB)];
    await Promise.all([early.events(5), late.events(5)]);
    cluster.a.signal("SIGKILL");
    const wires = await Promise.all([early.all(), late.all(), (await follow(onB)).all()]);
    assertEquals(wires.map(reasonOf), ["producer_lost", "producer_lost", "producer_lost"]);
    assertEquals(new Set(wires).size, 1);
    await reader.cancel();
    const { length } = readWire(wires[0]!);
    for (const after of [length, length + 10]) {
      const gone = await fetch(onB, { headers: { "last-event-id": String(after) } });
      assertEquals([gone.status, (await gone.json()).errorType], [410, "EventsGone"]);
    }
  },
);

redisTest(
  "R22 a frozen server that wakes up late writes nothing more",
  async () => {
    await using cluster = await Cluster.start();
    const { onA, onB, reader } = await cluster.startRun(5);
    const there = await followLater(onB);
    await there.events(5);
    cluster.a.signal("SIGSTOP");
    const wire = await there.all();
    assertEquals(reasonOf(wire), "producer_lost");
    cluster.a.signal("SIGCONT");
    cluster.words.send(cluster.words.all);
    // Whoever read there all the time gets what its producer says.
    assertEquals(readWire(await reader.all()).at(-1), { type: "stop", data: "stop" });
    // For all who come later, the ending in Redis holds, on the woken server too.
    assertEquals(await (await follow(onB)).all(), wire);
    assertEquals(await (await follow(onA)).all(), wire);
  },
);

redisTest("R26 DELETE ends a run whose server is frozen, and the server is fenced", async () => {
  await using cluster = await Cluster.start();
  const { reader, onB } = await cluster.startRun(5);
  const there = await followLater(onB);
  await there.events(5);
  cluster.a.signal("SIGSTOP");
  assertEquals((await fetch(onB, { method: "DELETE" })).status, 204);
  const wire = await there.all();
  assertEquals(readWire(wire).at(-1), { type: "stop", data: "cancelled" });
  cluster.a.signal("SIGCONT");
  await cluster.provider.until(({ aborts }) => aborts === 1);
  assertEquals(readWire(await reader.all()).at(-1), { type: "stop", data: "cancelled" });
  assertEquals(await (await follow(onB)).all(), wire);
});

redisTest("R31 servers start without Redis, answer, and share their runs once it is there", async () => {
  await using redis = await RedisServer.start();
  await redis.kill();
  const words = new StepProvider(...WORDS);
  await using provider = new FakeOpenAI(words.script);
  const env = { OPENAI_BASE_URL: provider.baseURL, REDIS_URL: redis.url };
  await using a = await ServerProcess.start(env);
  await using b = await ServerProcess.start(env);
  assertEquals(await redisState(a), "unavailable");
  const starting = a.chat(QUESTION);
  words.send(3);
  const response = await starting;
  const path = response.headers.get("content-location")!;
  const reader = new WireReader(response);
  await reader.events(3);
  const missing = await fetch(b.origin + path);
  assertEquals([missing.status, (await missing.json()).errorType], [503, "ServerBusy"]);
  await redis.restart();
  await untilRedisIs("ok", a, b);
  const there = await followLater(b.origin + path);
  words.send(words.all);
  assertEquals(await there.all(), await reader.all());
  for (const { output } of [a, b]) {
    assertEquals(output.match(/Redis cannot be used/g)?.length, 1, output);
    assertEquals(output.match(/Redis can be used again/g)?.length, 1, output);
  }
});

for (const [name, args] of [["empty", []], ["with its files", ["--appendonly", "yes"]]] as const) {
  redisTest(
    `R32 R34 readers go on when Redis was killed and is back ${name}`,
    async () => {
      await using cluster = await Cluster.start({}, ...args);
      const { reader, onB } = await cluster.startRun(5);
      const there = await followLater(onB);
      await Promise.all([reader.events(5), there.events(5)]);
      await cluster.redis.kill();
      cluster.words.send(5);
      await reader.events(10);
      await cluster.redis.restart();
      await untilRedisIs("ok", cluster.a, cluster.b);
      cluster.words.send(cluster.words.all);
      const wire = await reader.all();
      assertEquals(readWire(wire).at(-1), { type: "stop", data: "stop" });
      assertEquals(await there.all(), wire);
      assertEquals(await (await followLater(onB)).all(), wire);
    },
  );
}

redisTest(
  "R33 a frozen Redis stops no local reader and no new answer",
  async () => {
    await using cluster = await Cluster.start();
    const { reader, onB } = await cluster.startRun(5);
    const there = await followLater(onB);
    await Promise.all([reader.events(5), there.events(5)]);
    cluster.redis.freeze();
    cluster.words.send(5);
    await reader.events(10);
    await untilRedisIs("unavailable", cluster.a, cluster.b);
    const words = new StepProvider(...WORDS);
    cluster.provider.script = words.script;
    const asking = cluster.a.chat(QUESTION);
    words.send(3);
    const other = await asking;
    const second = new WireReader(other);
    await second.events(3);
    cluster.redis.thaw();
    await untilRedisIs("ok", cluster.a, cluster.b);
    for (const provider of [words, cluster.words]) provider.send(provider.all);
    const wires = await Promise.all([reader.all(), second.all()]);
    for (const wire of wires) assertEquals(readWire(wire).at(-1), { type: "stop", data: "stop" });
    assertEquals(await there.all(), wires[0]);
    assertEquals(await (await followLater(cluster.b.origin + other.headers.get("content-location"))).all(), wires[1]);
  },
);

redisTest(
  "R35 a Redis that is full, refuses writes or wants a password stops no answer",
  async () => {
    await using cluster = await Cluster.start();
    const { redis, a } = cluster;
    for (const [name, value, normal] of [["maxmemory", "1", "0"], ["min-replicas-to-write", "1", "0"]] as const) {
      await redis.send("CONFIG", "SET", name, value);
      const { reader } = await cluster.startRun(5);
      await reader.events(5);
      await untilRedisIs("unavailable", a);
      await redis.send("CONFIG", "SET", name, normal);
      cluster.words.send(cluster.words.all);
      assertEquals(readWire(await reader.all()).at(-1), { type: "stop", data: "stop" });
      await untilRedisIs("ok", a);
    }
    assertMatch(a.output, /refuses writes \(OOM\)/);
    assertMatch(a.output, /refuses writes \(NOREPLICAS\)/);
    const password = "a-secret-password";
    await redis.send("CONFIG", "SET", "requirepass", password);
    const wrong = redis.url.replace("//", "//:not-the-password@");
    await using c = await ServerProcess.start({ OPENAI_BASE_URL: cluster.provider.baseURL, REDIS_URL: wrong });
    assertEquals(await redisState(c), "unavailable");
    assert(c.output.includes("Redis cannot be used: WRONGPASS"), c.output);
    assert(!c.output.includes("not-the-password"));
    const right = redis.url.replace("//", `//:${password}@`);
    await using d = await ServerProcess.start({ OPENAI_BASE_URL: cluster.provider.baseURL, REDIS_URL: right });
    assertEquals(await redisState(d), "ok");
  },
);

redisTest("R23 a rolling deploy under 20 answers loses none: readers go on elsewhere or get an ending", async () => {
  await using cluster = await Cluster.start({ DRAIN_MS: "4000", RATE_LIMIT_READS_PER_MINUTE: "0" });
  const starting = Array.from({ length: 20 }, () => cluster.a.chat(QUESTION));
  await cluster.provider.until(({ requests }) => requests.length === 20);
  cluster.words.send(20 * 5);
  const responses = await Promise.all(starting);
  const wires = responses.map(async (response) => {
    const onB = cluster.b.origin + response.headers.get("content-location");
    let wire = (await response.text()).replaceAll(": ping\n", "");
    const received = wire.split("\n\n").length - 1;
    if (!/event: (?:stop|error)\n.*\n\n$/.test(wire)) wire += await (await follow(onB, received)).all();
    return readWire(wire).at(-1)!;
  });
  cluster.a.signal("SIGTERM");
  cluster.words.send(10 * (WORDS.length - 3));
  const endings = await Promise.all(wires);
  for (const ending of endings) {
    assert(ending.type === "stop" || (ending.type === "error" && ending.data.type === "ServerBusy"));
  }
  assertEquals((await cluster.a.ended).code, 0);
});

redisTest("R31 a server connects to Redis over TLS", async () => {
  const [tls, fixture] = [freePort(), (name: string) => new URL(`../fixtures/tls/${name}`, import.meta.url).pathname];
  const files = ["--tls-cert-file", fixture("cert.pem"), "--tls-key-file", fixture("key.pem")];
  await using _redis = await RedisServer.start("--tls-port", String(tls), ...files, "--tls-auth-clients", "no");
  const env = { REDIS_URL: `rediss://127.0.0.1:${tls}`, DENO_CERT: fixture("cert.pem") };
  await using server = await ServerProcess.start(env);
  assertEquals(await redisState(server), "ok");
});
