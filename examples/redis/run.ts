/**
 * Two servers, Redis and nginx on this machine, with one command:
 *
 *     deno run --allow-all examples/redis/run.ts
 *
 * It kills a server in mid-answer, three times, and shows what a reader gets. `--serve` only starts everything, for a browser
 * at http://localhost:8080. It needs `redis-server` and `nginx` (Debian: `apt install redis-server nginx`).
 * @module
 */
import { parseArgs } from "node:util";
import { type Client, follow, start } from "./client.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const NGINX_CONF = new URL("nginx.conf", import.meta.url);

const { serve, port } = parseArgs({
  args: Deno.args,
  options: { serve: { type: "boolean", default: false }, port: { type: "string", default: "8080" } },
}).values;

await using things = new AsyncDisposableStack();
const folder = await Deno.makeTempDir({ prefix: "chat-stream-redis-" });
things.defer(() => Deno.remove(folder, { recursive: true }));

const redisPort = freePort();
launch("redis-server", ["--port", String(redisPort), "--bind", "127.0.0.1", "--save", "", "--dir", folder]);
const servers = new Map([freePort(), freePort()].map((port) => [`127.0.0.1:${port}`, launchServer(port)]));
const origin = `http://127.0.0.1:${port}`;
await Promise.all(Array.from(servers.keys(), (address) => untilReady(`http://${address}`)));
await launchNginx([...servers.keys()]);
await untilReady(origin);
console.log(`Two servers, Redis and nginx are running: ${origin}`);

if (serve) await new Promise((resolve) => Deno.addSignalListener("SIGINT", () => resolve(undefined)));
else await show();

/** The three acts. */
async function show(): Promise<void> {
  console.log("\n1. The server that a reader is connected to is killed. The reader goes on at the other one.");
  const first = await startedElsewhere();
  const { server } = first.producer;
  const killed = end(first.reader.server, "SIGKILL");
  report(server, await first.reader.finish(), await first.producer.finish());
  await relaunch(await killed);

  console.log(
    "\n2. The server that produces the answer is stopped, as in a deploy. Its readers go on at the other one.",
  );
  const second = await startedElsewhere();
  const producer = second.producer.server;
  const stopped = end(producer, "SIGTERM");
  report(producer, await second.producer.finish(), await second.reader.finish());
  await relaunch(await stopped);

  console.log("\n3. The server that produces the answer is killed. No reader takes half an answer for a whole one.");
  const third = await startedElsewhere();
  const lost = await end(third.producer.server, "SIGKILL");
  report(lost, await third.reader.finish(), await third.producer.finish());
}

/** Ends a server. @returns its address, when it has ended */
async function end(address: string, signal: Deno.Signal): Promise<string> {
  const server = servers.get(address)!;
  server.kill(signal);
  await server.status;
  return address;
}

/** An answer in the making with two readers: the one that began it, and one at the other server. */
async function startedElsewhere(): Promise<{ producer: Client; reader: Client }> {
  const producer = await start(origin, "What is this?");
  await producer.read(20);
  for (;;) {
    const reader = await follow(origin, producer.path);
    if (reader.server !== producer.server) {
      await reader.read(20);
      return { producer, reader };
    }
    await reader.leave();
  }
}

function report(producer: string, client: Client, other: Client): void {
  console.log(
    `   produced by ${producer}, finished at ${client.server}; the reader connected ${client.connections} times`,
  );
  console.log(`   ${client.events} events, ${client.text.length} characters, ending: ${client.ending}`);
  console.log(
    client.wire === other.wire
      ? "   both readers have the same events"
      : `   the other reader was ahead: ${other.events} events, ending: ${other.ending}`,
  );
}

/** Starts a program that ends with this one. */
function launch(program: string, args: string[], env: Record<string, string> = {}): Deno.ChildProcess {
  const command = new Deno.Command(program, { args, env, cwd: ROOT, stdout: "null", stderr: "inherit" });
  const child = command.spawn();
  things.defer(async () => {
    try {
      child.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await child.status;
  });
  return child;
}

function launchServer(port: number): Deno.ChildProcess {
  return launch(Deno.execPath(), ["run", "--quiet", "--no-check", "--allow-all", "main.ts", `--port=${port}`], {
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    TRUSTED_PROXIES: "1",
    RATE_LIMIT_READS_PER_MINUTE: "0",
  });
}

/** Starts a server again in the place of one that was killed. */
async function relaunch(address: string): Promise<void> {
  servers.set(address, launchServer(Number(address.split(":")[1])));
  await untilReady(`http://${address}`);
}

async function launchNginx([first, second]: string[]): Promise<void> {
  const conf = (await Deno.readTextFile(NGINX_CONF))
    .replace("127.0.0.1:3101", first!)
    .replace("127.0.0.1:3102", second!)
    .replace("127.0.0.1:8080", `127.0.0.1:${port}`);
  await Deno.writeTextFile(`${folder}/nginx.conf`, conf);
  launch("nginx", ["-p", folder, "-c", `${folder}/nginx.conf`, "-e", `${folder}/error.log`]);
}

/** Resolves when an address answers. */
async function untilReady(origin: string): Promise<void> {
  for (;;) {
    try {
      const response = await fetch(`${origin}/readyz`);
      await response.body?.cancel();
      if (response.ok) return;
    } catch {
      // Not yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
