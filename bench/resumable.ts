/**
 * Measures what a resumable answer costs, in memory and with Redis, against one that is not resumable, in turn and paired by
 * round. It needs `redis-server`. Run it after a build:
 *
 *     deno run --lock=tests/deno.lock --allow-all bench/resumable.ts [--rounds=7]
 * @module
 */
import { parseArgs } from "node:util";
import { RUNTIME_FLAGS } from "../tools/runtime_flags.ts";
import { LoadConnection, type Target } from "./load_client.ts";
import { cpuSeconds, memoryBytes } from "./process_stats.ts";
import { freePort, startProviderProcess } from "./server_process.ts";
import { median, quantile } from "./statistics.ts";

const ROUNDS = Number(parseArgs({ options: { rounds: { type: "string", default: "7" } } }).values.rounds);
const ROOT = new URL("../", import.meta.url).pathname;
const BURST_EVENTS = 2000;
const REPLAY_EVENTS = 1000;
const RECONNECTS = 500;
const READERS = 2000;
const REPLAYS = 1000;

interface Process {
  readonly pid: number;
  readonly port: number;
}

await using things = new AsyncDisposableStack();
const provider = things.use(await startProviderProcess());
const redis = launch("redis-server", (port) => ["--port", String(port), "--bind", "127.0.0.1", "--save", ""]);
const redisURL = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
const servers = {
  memory: await launchServer({}),
  redis: await launchServer(redisURL),
  other: await launchServer(redisURL),
};
const resumable = { fields: () => ({ resumable: true }) };
const VARIANTS = {
  plain: { process: servers.memory, target: target(servers.memory) },
  memory: { process: servers.memory, target: { ...target(servers.memory), ...resumable } },
  redis: { process: servers.redis, target: { ...target(servers.redis), ...resumable } },
};
type Variant = keyof typeof VARIANTS;
const names = Object.keys(VARIANTS) as Variant[];

for (
  const [what, measure] of [["burst, µs of CPU an event", burst], ["paced, µs of CPU an event", paced], [
    "first text, ms",
    firstText,
  ]] as const
) {
  const rounds: Record<Variant, number>[] = [];
  for (const { process, target } of Object.values(VARIANTS)) await measure(process, target);
  for (let round = 0; round < ROUNDS; round++) {
    const figures = {} as Record<Variant, number>;
    for (const name of names) figures[name] = await measure(VARIANTS[name].process, VARIANTS[name].target);
    rounds.push(figures);
  }
  console.log(what);
  for (const name of names) {
    const value = median(rounds.map((round) => round[name]));
    const ratio = median(rounds.map((round) => round[name] / round.plain));
    console.log(`  ${name.padEnd(8)} ${value.toFixed(2)} (${ratio.toFixed(2)} ×)`);
  }
}

await measureRedis();
await measureReplay();
await measureReconnects();
await measureReaders();

async function burst(process: Process, target: Target): Promise<number> {
  return await cpuOf(process, async () => {
    const counts = await Promise.all(Array.from({ length: 4 }, async () => {
      using connection = await LoadConnection.open(target);
      let events = 0;
      for (let answer = 0; answer < 10; answer++) {
        await connection.send(`bench-${BURST_EVENTS}-0`);
        events += await connection.readStream();
      }
      return events;
    }));
    return counts.reduce((sum, count) => sum + count);
  });
}

async function paced(process: Process, target: Target): Promise<number> {
  return await cpuOf(process, () => readPaced(target));
}

async function readPaced(target: Target): Promise<number> {
  const counts = await Promise.all(Array.from({ length: 100 }, async () => {
    using connection = await LoadConnection.open(target);
    await connection.send("bench-100-20");
    return await connection.readStream();
  }));
  return counts.reduce((sum, count) => sum + count);
}

async function firstText(_: Process, target: Target): Promise<number> {
  using connection = await LoadConnection.open(target);
  const times: number[] = [];
  for (let count = 0; count < 100; count++) {
    const asked = performance.now();
    await connection.send("bench-1-0");
    await connection.readStream({ onFirstText: () => times.push(performance.now() - asked) });
  }
  return median(times);
}

/** What Redis itself does for paced answers, and what one takes there. */
async function measureRedis(): Promise<void> {
  const before = cpuSeconds(redis.pid);
  const events = await readPaced(VARIANTS.redis.target);
  console.log(`Redis, µs of CPU a paced event: ${((cpuSeconds(redis.pid) - before) * 1e6 / events).toFixed(2)}`);
  const path = await recordAnswer(servers.redis);
  const { RedisConnection } = await import("../runs/redis/redis_connection.ts");
  await using connection = await RedisConnection.open({ url: redisURL.REDIS_URL, prefix: "chat-stream:" });
  const key = `${connection.prefix}{${path.split("/").at(-1)}}:events`;
  // A flush may still be under way.
  let bytes: unknown = null;
  for (let time = 0; time < 10; time++) bytes = await connection.send(["MEMORY", "USAGE", key, "SAMPLES", "0"]);
  console.log(`Redis, bytes of an answer of ${REPLAY_EVENTS} events: ${bytes}`);
}

async function measureReplay(): Promise<void> {
  for (
    const [name, producer, reader] of [
      ["memory", servers.memory, servers.memory],
      ["Redis, another server", servers.redis, servers.other],
    ] as const
  ) {
    const path = await recordAnswer(producer);
    const micros = await cpuOf(reader, async () => {
      for (let count = 0; count < REPLAYS; count++) {
        await (await fetch(`http://127.0.0.1:${reader.port}${path}`)).text();
      }
      return REPLAYS;
    });
    console.log(`replay of ${REPLAY_EVENTS} events, µs of CPU, ${name}: ${micros.toFixed(0)}`);
  }
}

/** Clients that lose their connections, and connect again within a second. */
async function measureReconnects(): Promise<void> {
  for (
    const [name, producer, reader] of [
      ["memory", servers.memory, servers.memory],
      ["Redis, same server", servers.redis, servers.redis],
      ["Redis, another server", servers.redis, servers.other],
    ] as const
  ) {
    const paths = await Promise.all(Array.from({ length: RECONNECTS }, () => startAndLeave(producer)));
    await new Promise((resolve) => setTimeout(resolve, 500));
    const times = await Promise.all(paths.map(async (path, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 1000 / RECONNECTS));
      const asked = performance.now();
      using connection = await openReader(reader, path);
      return connection && performance.now() - asked;
    }));
    for (const path of paths) await fetch(`http://127.0.0.1:${producer.port}${path}`, { method: "DELETE" });
    const failed = times.filter((time) => time === undefined).length;
    const [p50, p99] = [0.5, 0.99].map((q) => quantile(times.filter((time) => time !== undefined), q).toFixed(1));
    console.log(
      `${RECONNECTS} reconnects in a second, ms to the next event, ${name}: p50 ${p50}, p99 ${p99}, failed ${failed}`,
    );
  }
}

/** Many readers of one run. */
async function measureReaders(): Promise<void> {
  for (
    const [name, producer, reader] of [
      ["memory", servers.memory, servers.memory],
      ["Redis, another server", servers.redis, servers.other],
    ] as const
  ) {
    const path = await startAndLeave(producer);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = memoryBytes(reader.pid);
    const connections = await Promise.all(Array.from({ length: READERS }, () => openReader(reader, path)));
    const bytes = (memoryBytes(reader.pid) - before) / READERS;
    console.log(`${READERS} readers of one run, KiB of memory each, ${name}: ${(bytes / 1024).toFixed(1)}`);
    for (const connection of connections) connection?.close();
    await fetch(`http://127.0.0.1:${producer.port}${path}`, { method: "DELETE" });
  }
}

/** Reads a run until the first event is there. @returns undefined where the server refuses */
async function openReader({ port }: Process, path: string): Promise<Deno.Conn | undefined> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`));
  const buffer = new Uint8Array(4096);
  let received = "";
  while (!received.includes("id: 1\n")) {
    const size = await connection.read(buffer);
    if (size !== null) received += new TextDecoder().decode(buffer.subarray(0, size));
    if (size !== null && received.startsWith("HTTP/1.1 200")) continue;
    connection.close();
    return undefined;
  }
  return connection;
}

/** Microseconds of CPU that a process takes for each of what `work` counts. */
async function cpuOf({ pid }: Process, work: () => Promise<number>): Promise<number> {
  const before = cpuSeconds(pid);
  const count = await work();
  return (cpuSeconds(pid) - before) * 1e6 / count;
}

async function ask(server: Process, model: string): Promise<Response> {
  return await fetch(`http://127.0.0.1:${server.port}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }], resumable: true }),
  });
}

/** Has a whole answer produced. @returns its path */
async function recordAnswer(server: Process): Promise<string> {
  const response = await ask(server, `bench-${REPLAY_EVENTS}-0`);
  await response.text();
  return response.headers.get("content-location")!;
}

/** Starts an answer of half a minute, and leaves. @returns its path */
async function startAndLeave(server: Process): Promise<string> {
  const response = await ask(server, "bench-300-100");
  await response.body!.cancel();
  return response.headers.get("content-location")!;
}

function target({ port }: Process): Target {
  return { port, path: "/api/chat" };
}

function launch(program: string, args: (port: number) => string[], env: Record<string, string> = {}): Process {
  const port = freePort();
  const options = { args: args(port), env, cwd: ROOT, stdout: "null", stderr: "inherit" } as const;
  const child = new Deno.Command(program, options).spawn();
  things.defer(async () => {
    child.kill("SIGKILL");
    await child.status;
  });
  return { pid: child.pid, port };
}

async function launchServer(env: Record<string, string>): Promise<Process> {
  const args = (port: number) => [
    ...["run", "--quiet", "--no-check", "--allow-all", ...RUNTIME_FLAGS, "main.ts", `--port=${port}`],
  ];
  const server = launch(Deno.execPath(), args, {
    OPENAI_BASE_URL: `http://127.0.0.1:${provider.target.port}/v1`,
    OPENAI_API_KEY: "bench",
    CHAT_MODELS: "*",
    MAX_STREAMS: "10000",
    MAX_READERS: "10000",
    MAX_RUN_LOG_BYTES: "1000000000",
    RUN_KEEP_MS: "60000",
    ...env,
  });
  for (;;) {
    try {
      await (await fetch(`http://127.0.0.1:${server.port}/readyz`)).text();
      return server;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
