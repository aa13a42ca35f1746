/**
 * The program: arguments and environment → configuration → server → graceful stop. Run it with `deno task start`, or with
 * `deno task dev` while working on it.
 * @module
 */
import { parseArgs } from "node:util";
import { type Config, ConfigError, readConfig } from "./config/config.ts";
import { readEnvironment } from "./config/environment.ts";
import { listStartupWarnings } from "./config/startup_warnings.ts";
import { isAlive } from "./routes/health_check.ts";
import { Access } from "./routes/access.ts";
import { createApp } from "./routes/app.ts";
import { BodyPool } from "./routes/body_pool.ts";
import { withDevReload } from "./routes/dev_reload.ts";
import { guardConsole } from "./config/guard_console.ts";
import { Listener } from "./routes/listener.ts";
import { RateLimits } from "./routes/rate_limits.ts";
import { withoutFiles, writeRequestLog } from "./routes/request_log.ts";
import { RedisLimitStore } from "./routes/redis_limit_store.ts";
import { readStaticFiles } from "./routes/static.ts";
import { RedisConnection } from "./runs/redis/redis_connection.ts";
import { RunRegistry } from "./runs/run_registry.ts";
import { createProviders } from "./upstream/providers.ts";

/** The version in `deno.json`. */
export const VERSION = "0.1.0";

const HELP = `chat-stream: a streaming chat server

Usage: chat-stream [--port=PORT] [--check | --health | --version | --help]

  --port=PORT  the port to listen on; the same as the variable PORT (default 3001)
  --check      read the configuration and print what would be served; exit with 0,
               or with 2 if the configuration is wrong
  --health     request /healthz from the server with this configuration; exit with 0
               if it is alive, or with 1
  --version    print the version
  --help       print this

Environment variables or a .env file in the current directory configure the
rest: OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY, OPENAI_BASE_URL,
CHAT_MODEL, ALLOWED_ORIGINS and more, listed in the README. Without a key or an
address a demo answers.`;

/** The arguments. */
const OPTIONS = {
  port: { type: "string" },
  dev: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
  health: { type: "boolean", default: false },
  version: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** The longest drain in development, in milliseconds. */
const DEV_DRAIN_MS = 1000;

/**
 * Signals within this time count as one, in milliseconds: a terminal sends a signal to the whole process group, and
 * `deno task` passes the same one on.
 */
const SAME_SIGNAL_MS = 1000;

/** A server that listens. */
export interface RunningServer {
  readonly address: Deno.NetAddr;
  /** Refuses new chats, lets the running ones end within the drain time, ends the rest, and closes. */
  stop(): Promise<void>;
  /** Ends the running chats now, each with its terminal event, so that a stop that waits for them can complete. */
  interrupt(): void;
}

if (import.meta.main) await main();

async function main(): Promise<void> {
  guardConsole(console);
  const options = readArguments();
  if (options.help) return console.log(HELP);
  if (options.version) return console.log(`chat-stream ${VERSION} (Deno ${Deno.version.deno}, ${Deno.build.target})`);
  const config = loadConfig(options);
  if (options.check) return printCheck(config);
  if (options.health) Deno.exit(await isAlive(config.listen) ? 0 : 1);
  const server = await startServer(config, options.dev);
  stopOnSignal(server);
  announce(config, server.address);
}

interface Arguments {
  readonly port: string | undefined;
  /** For `deno task dev`: pages reload after a restart, and pages of other local ports may use the server. */
  readonly dev: boolean;
  readonly check: boolean;
  readonly health: boolean;
  readonly version: boolean;
  readonly help: boolean;
}

/** The command line. Ends the process where it is wrong. */
function readArguments(): Arguments {
  try {
    const { port, ...flags } = parseArgs({ args: Deno.args, options: OPTIONS }).values;
    return { port, ...flags };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    Deno.exit(2);
  }
}

/** The configuration from the command line, the environment and `.env`. Ends the process where it is wrong. */
function loadConfig({ port, dev }: Arguments): Config {
  try {
    const config = readConfig(readEnvironment({ PORT: port }), Deno.readTextFileSync);
    return dev ? forDevelopment(config) : config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`chat-stream cannot start: ${error.message}`);
    Deno.exit(2);
  }
}

/** Pages of other local ports may use the server, and a stop waits a second at most. */
function forDevelopment(config: Config): Config {
  const { access, drainMs } = config;
  const allowedOrigins = { ...access.allowedOrigins, loopback: true };
  return { ...config, access: { ...access, allowedOrigins }, drainMs: Math.min(drainMs, DEV_DRAIN_MS) };
}

/** Builds the server from its parts and listens. @throws {Deno.errors.AddrInUse} and other errors of the socket */
export async function startServer(config: Config, isDev = false): Promise<RunningServer> {
  const { models, relay } = createProviders(config.providers, () => ({
    command: startCommand(isDev),
    origin: originOf({ ...config.listen, port: address.port }),
  }));
  const redis = config.redis && await RedisConnection.open(config.redis);
  const runs = new RunRegistry(config.runs, { redis });
  const listener = new Listener(config.listen);
  const app = createApp({
    models,
    runs,
    listener,
    limits: {
      body: { ...config.body, pool: new BodyPool(config.body.maxPoolBytes) },
      conversation: config.conversation,
      maxOutputTokens: config.maxOutputTokens,
      rates: new RateLimits(config.rates, { store: redis && new RedisLimitStore(redis) }),
    },
    access: new Access(config.access),
    systemPrompt: config.systemPrompt,
    proxy: config.proxyKeys && { keys: config.proxyKeys, store: config.proxyStore, relay },
    staticFiles: await readStaticFiles(
      ...["dist/static", ...(isDev ? ["examples/pages"] : [])].map((path) => `${import.meta.dirname}/${path}`),
    ),
    log: isDev ? withoutFiles(writeRequestLog) : writeRequestLog,
  });
  const address = listener.listen(isDev ? withDevReload(app) : app);
  return {
    address,
    async stop() {
      await runs.drain(config.drainMs);
      await redis?.[Symbol.asyncDispose]();
      await listener.close();
    },
    interrupt: () => runs.interrupt(),
  };
}

function announce(config: Config, { port }: Deno.NetAddr): void {
  console.log(`chat-stream is listening on ${originOf({ ...config.listen, port })}`);
  describe(config);
}

/** What `--check` prints about a configuration that is right. */
function printCheck(config: Config): void {
  console.log(`The configuration is right. chat-stream would listen on ${originOf(config.listen)}`);
  describe(config);
}

/** Prints the provider and the warnings. */
function describe(config: Config): void {
  console.log(describeProviders(config));
  for (const line of listStartupWarnings(config)) console.warn(`WARNING: ${line}`);
}

/** The address for people on this machine. */
function originOf({ host, port, tls }: Config["listen"]): string {
  const name = host === "0.0.0.0" || host === "127.0.0.1" || host === "::" ? "localhost" : host;
  return `${tls === undefined ? "http" : "https"}://${name.includes(":") ? `[${name}]` : name}:${port}`;
}

/** The command that starts this program again. */
function startCommand(isDev: boolean): string {
  return Deno.build.standalone ? "./chat-stream" : `npx -y deno@${Deno.version.deno} task ${isDev ? "dev" : "start"}`;
}

function describeProviders({ providers: { source } }: Config): string {
  switch (source.type) {
    case "demo":
      return "Provider: the built-in demo. Set OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY or OPENAI_BASE_URL.";
    case "single":
      return `Provider: ${source.provider.baseURL}, model ${source.defaultModel}`;
    case "catalog":
      return `Providers: ${source.providers.map(({ name }) => name).join(", ")}, model ${source.defaultModel}`;
    default:
      return source satisfies never;
  }
}

/**
 * Stops at the first signal, and exits. A second signal ends the running chats, so that the stop completes. A terminal that
 * closes sends SIGHUP.
 */
function stopOnSignal(server: RunningServer): void {
  let firstAt: number | undefined;
  const onSignal = async () => {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt > SAME_SIGNAL_MS) server.interrupt();
      return;
    }
    firstAt = performance.now();
    await server.stop();
    Deno.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, onSignal);
}
