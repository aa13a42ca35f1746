/**
 * The program: environment → configuration → server, and a stop that lets answers end. Run it with `deno task start`, or
 * `deno task dev` while working on it.
 * @module
 */
import { parseArgs } from "node:util";
import { type Config, ConfigError, readConfig } from "./config/config.ts";
import { readEnvironment } from "./config/environment.ts";
import { startServer } from "./server.ts";
import { listStartupWarnings } from "./config/startup_warnings.ts";
import { startWorkers } from "./workers.ts";

const HELP = `chat-stream: a streaming chat server

Usage: chat-stream [--port=PORT] [--help]

  --port=PORT  where to listen; the same as the variable PORT (default 3001)
  --help       show this

Everything else is configured by environment variables or a .env file in the
current directory: OPENAI_API_KEY, OPENAI_BASE_URL, CHAT_MODEL, ALLOWED_ORIGINS
and more, listed in the README. Without a key or an address a demo answers.`;

if (import.meta.main) await main();

async function main(): Promise<void> {
  const options = readArguments();
  if (options.help) return console.log(HELP);
  const config = loadConfig(options);
  const server = config.workers === 1
    ? await startServer(config, { isDev: options.dev ?? false })
    : await startWorkers(config);
  announce(config, server.address);
  stopOnSignal(() => server.stop());
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

/** Says where the server is, who answers, and what an operator should not overlook. */
function announce(config: Config, { hostname, port }: Deno.NetAddr): void {
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
