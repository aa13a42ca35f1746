/**
 * The program: arguments and environment → configuration → server → graceful stop. Run it with `deno task start`, or with
 * `deno task dev` while working on it.
 * @module
 */
import { parseArgs } from "node:util";
import { type Config, ConfigError, readConfig } from "./config/config.ts";
import { readEnvironment } from "./config/environment.ts";
import { listStartupWarnings } from "./config/startup_warnings.ts";
import { Access } from "./routes/access.ts";
import { createApp } from "./routes/app.ts";
import { withDevReload } from "./routes/dev_reload.ts";
import { RateLimits } from "./routes/rate_limits.ts";
import { withoutFiles, writeRequestLog } from "./routes/request_log.ts";
import { RedisLimitStore } from "./routes/redis_limit_store.ts";
import { readStaticFiles } from "./routes/static.ts";
import { RedisConnection } from "./runs/redis/redis_connection.ts";
import { RunRegistry } from "./runs/run_registry.ts";
import { createProviders } from "./upstream/providers.ts";

const HELP = `chat-stream: a streaming chat server

Usage: chat-stream [--port=PORT] [--help]

  --port=PORT  the port to listen on; the same as the variable PORT (default 3001)
  --help       show this

Environment variables or a .env file in the current directory configure the
rest: OPENAI_API_KEY, OPENAI_BASE_URL, CHAT_MODEL, ALLOWED_ORIGINS and more,
listed in the README. Without a key or an address a demo answers.`;

/** How long the last bytes of the last responses may take to leave after a stop, in milliseconds. */
const FLUSH_MS = 1000;

/** The longest drain in development, in milliseconds. */
const DEV_DRAIN_MS = 1000;

/** A server that listens. */
export interface RunningServer {
  readonly address: Deno.NetAddr;
  /** Refuses new chats, lets the running ones end within the drain time, ends the rest, and closes. */
  stop(): Promise<void>;
}

if (import.meta.main) await main();

async function main(): Promise<void> {
  const options = readArguments();
  if (options.help) return console.log(HELP);
  const config = loadConfig(options);
  const server = await startServer(config, options.dev);
  announce(config, server.address);
  stopOnSignal(() => server.stop());
}

interface Arguments {
  readonly port: string | undefined;
  /** For `deno task dev`: pages reload after a restart, and pages of other local ports may use the server. */
  readonly dev: boolean;
  readonly help: boolean;
}

/** The command line. Ends the process where it is wrong. */
function readArguments(): Arguments {
  try {
    const options = { port: { type: "string" }, dev: { type: "boolean" }, help: { type: "boolean" } } as const;
    const { port, dev = false, help = false } = parseArgs({ args: Deno.args, options }).values;
    return { port, dev, help };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    Deno.exit(2);
  }
}

/** The configuration from the environment and, below it, the file `.env`. Ends the process where it is wrong. */
function loadConfig({ port, dev }: Arguments): Config {
  const environment = readEnvironment();
  try {
    const config = readConfig(
      (name) => (name === "PORT" ? port : undefined) ?? environment(name),
      Deno.readTextFileSync,
    );
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
  const { models, relay } = createProviders(config.providers);
  const redis = config.redis && await RedisConnection.open(config.redis);
  const runs = new RunRegistry(config.runs, { redis });
  const app = createApp({
    models,
    runs,
    limits: {
      body: config.body,
      conversation: config.conversation,
      maxOutputTokens: config.maxOutputTokens,
      rates: new RateLimits(config.rates, { store: redis && new RedisLimitStore(redis) }),
    },
    access: new Access(config.access),
    systemPrompt: config.systemPrompt,
    proxy: config.proxyKeys && { keys: config.proxyKeys, relay },
    staticFiles: await readStaticFiles(
      ...["dist/static", ...(isDev ? ["examples/pages"] : [])].map((path) => `${import.meta.dirname}/${path}`),
    ),
    log: isDev ? withoutFiles(writeRequestLog) : writeRequestLog,
  });
  const { host: hostname, port, reusePort } = config.listen;
  const server = Deno.serve({ hostname, port, reusePort, onListen: () => {} }, isDev ? withDevReload(app) : app);
  return {
    address: server.addr,
    async stop() {
      await runs.drain(config.drainMs);
      await redis?.[Symbol.asyncDispose]();
      await Promise.race([server.shutdown(), new Promise((resolve) => setTimeout(resolve, FLUSH_MS))]);
    },
  };
}

/** Prints the address, the provider, and the warnings. */
function announce(config: Config, { hostname, port }: Deno.NetAddr): void {
  const host = hostname === "0.0.0.0" || hostname === "127.0.0.1" || hostname === "::" ? "localhost" : hostname;
  console.log(`chat-stream is listening on http://${host}:${port}`);
  console.log(describeProviders(config));
  for (const line of listStartupWarnings(config)) console.warn(`WARNING: ${line}`);
}

function describeProviders({ providers: { source } }: Config): string {
  switch (source.type) {
    case "demo":
      return "Provider: the built-in demo. Set OPENAI_API_KEY or OPENAI_BASE_URL to connect a model.";
    case "single":
      return `Provider: ${source.provider.baseURL}, model ${source.defaultModel}`;
    case "catalog":
      return `Providers: ${source.providers.map(({ name }) => name).join(", ")}, model ${source.defaultModel}`;
    default:
      return source satisfies never;
  }
}

/** Stops at the first signal and exits. A second signal exits at once. */
function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  const onSignal = async () => {
    if (isStopping) Deno.exit(1);
    isStopping = true;
    await stop();
    Deno.exit(0);
  };
  Deno.addSignalListener("SIGINT", onSignal);
  Deno.addSignalListener("SIGTERM", onSignal);
}
