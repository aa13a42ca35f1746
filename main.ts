/**
 * The composition root: environment → configuration → application → `Deno.serve`, and a stop that lets answers end. Run it
 * with `deno task start`, or `deno task dev` while working on it.
 * @module
 */
import { parseArgs } from "node:util";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { readEnvironment } from "./environment.ts";
import { createApp } from "./routes/app.ts";
import { withDevReload } from "./routes/dev_reload.ts";
import { serverBusy } from "./routes/exchange.ts";
import { RateLimits } from "./routes/rate_limits.ts";
import { writeRequestLog } from "./routes/request_log.ts";
import { readStaticFiles } from "./routes/static.ts";
import { listStartupWarnings } from "./startup_warnings.ts";
import { LiveStreams } from "./upstream/live_streams.ts";
import { createProviders } from "./upstream/providers.ts";

const HELP = `chat-stream: a streaming chat server

Usage: chat-stream [--port=PORT] [--help]

  --port=PORT  where to listen; the same as the variable PORT (default 3001)
  --help       show this

Everything else is configured by environment variables or a .env file in the
current directory: OPENAI_API_KEY, OPENAI_BASE_URL, CHAT_MODEL, ALLOWED_ORIGINS
and more, listed in the README. Without a key or an address a demo answers.`;

/** How long the last bytes of the last answers may take to leave, in milliseconds. */
const FLUSH_MS = 1000;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const options = readArguments();
  if (options.help) return console.log(HELP);
  const config = loadConfig(options);
  const streams = new LiveStreams(tickMs(config));
  const { models, relay } = createProviders(config);
  const app = createApp({
    ...config,
    models,
    ...(config.proxyKeys && { proxy: { keys: config.proxyKeys, relay } }),
    staticFiles: await readStaticFiles(`${import.meta.dirname}/static`),
    streams,
    rateLimits: new RateLimits(config.rateLimits),
    log: writeRequestLog,
  });
  const server = Deno.serve({
    hostname: config.host,
    port: config.port,
    onListen: ({ hostname, port }) => announce(config, hostname, port),
  }, options.dev ? withDevReload(app.handle) : app.handle);
  stopOnSignal(async () => {
    app.startDraining();
    await streams.drain(config.drainMs, serverBusy("This server is shutting down."));
    await Promise.race([server.shutdown(), new Promise((resolve) => setTimeout(resolve, FLUSH_MS))]);
  });
}

interface Arguments {
  readonly port?: string;
  readonly dev?: boolean;
  readonly help?: boolean;
}

/** The command line, or the end of the process where it makes no sense. */
function readArguments(): Arguments {
  try {
    const options = { port: { type: "string" }, dev: { type: "boolean" }, help: { type: "boolean" } } as const;
    return parseArgs({ args: Deno.args, options }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${HELP}`);
    Deno.exit(2);
  }
}

/** The configuration in the environment and, below it, the file `.env`; or the end of the process with one line. */
function loadConfig({ port, dev }: Arguments): Config {
  const environment = readEnvironment();
  try {
    const config = readConfig(
      (name) => (name === "PORT" ? port : undefined) ?? environment(name),
      Deno.readTextFileSync,
    );
    return dev ? { ...config, allowedOrigins: { ...config.allowedOrigins, loopback: true } } : config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(`chat-stream cannot start: ${error.message}`);
    Deno.exit(2);
  }
}

/** How often deadlines are looked at: four times within the shortest, at most once a second, so none is far off. */
function tickMs({ timeouts }: Config): number {
  return Math.max(10, Math.min(1000, ...Object.values(timeouts).map((timeout) => timeout / 4)));
}

/** Says where the server is, who answers, and what an operator should not overlook. */
function announce(config: Config, hostname: string, port: number): void {
  const host = hostname === "0.0.0.0" || hostname === "127.0.0.1" || hostname === "::" ? "localhost" : hostname;
  console.log(`chat-stream is listening on http://${host}:${port}`);
  if (config.catalog !== undefined) {
    const names = config.catalog.providers.map(({ name }) => name);
    console.log(`Providers: ${names.join(", ")}, model ${config.catalog.defaultModel}`);
  } else if (config.provider === undefined) {
    console.log("Provider: the built-in demo. Set OPENAI_API_KEY or OPENAI_BASE_URL to connect a model.");
  } else {
    console.log(`Provider: ${config.provider.baseURL}, model ${config.defaultModel}`);
  }
  for (const line of listStartupWarnings(config)) console.warn(`WARNING: ${line}`);
}

/** Runs `stop` at the first signal and leaves; a second signal leaves at once. */
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
