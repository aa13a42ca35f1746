/**
 * The application for tests, with a fake provider and its log in memory. It is called directly or over a real socket.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { ChatEvent } from "../protocol/chat_event.ts";
import { readChatEvents } from "../protocol/chat_event_reader.ts";
import { Access, type AccessRules } from "../routes/access.ts";
import { BodyPool } from "../routes/body_pool.ts";
import type { BodyLimits } from "../routes/read_json.ts";
import { type App, type AppParts, createApp } from "../routes/app.ts";
import { type Limits, NO_LIMITS } from "../routes/limits.ts";
import type { RequestLogEntry } from "../routes/request_log.ts";
import type { RedisConnection } from "../runs/redis/redis_connection.ts";
import type { ResumeLimits } from "../runs/resumable_runs.ts";
import { RunRegistry } from "../runs/run_registry.ts";
import type { ProviderQuirks } from "../upstream/chat_events/provider_config.ts";
import { createOpenChat, type OpenChat } from "../upstream/open_chat.ts";
import { StreamClock } from "../upstream/chat_events/stream_clock.ts";
import type { SendRequest } from "../upstream/http/send_request.ts";
import { createProviderFetch, sendByFetch } from "../upstream/http/provider_fetch.ts";
import { createModels } from "../upstream/models.ts";
import type { StreamTimeouts } from "../upstream/openai_to_chat_events.ts";
import { FakeOpenAI, type Script } from "./fake_openai.ts";

/** Timeouts that no test reaches. A test for a timeout sets its own. */
export const LONG_TIMEOUTS: StreamTimeouts = {
  heartbeatMs: 60_000,
  idleTimeoutMs: 60_000,
  maxStreamMs: 60_000,
  writeStallMs: 60_000,
};

/** Small bodies, and a deadline that no test reaches. */
export const TEST_BODY_LIMITS: BodyLimits = {
  maxBodyBytes: 1024 * 1024,
  bodyDeadlineMs: 10_000,
  pool: new BodyPool(Infinity),
};

/** The options of a test's application. */
export interface TestAppOptions
  extends Partial<Pick<AppParts, "models" | "listener" | "systemPrompt" | "proxy" | "staticFiles" | "log">> {
  readonly access?: Partial<AccessRules>;
  readonly limits?: Partial<Limits>;
  readonly maxRuns?: number;
  readonly resume?: ResumeLimits;
  readonly redis?: RedisConnection;
  readonly timeouts?: Partial<StreamTimeouts>;
}

/** An application with defaults for everything, and its runs. */
export function createTestApp(
  openChat: OpenChat,
  { access, limits, maxRuns = 1000, timeouts, resume, redis, ...parts }: TestAppOptions = {},
): { readonly app: App; readonly runs: RunRegistry } {
  const runs = new RunRegistry(
    { maxRuns, timeouts: { ...LONG_TIMEOUTS, ...timeouts }, ...(resume && { resume }) },
    { clock: new StreamClock(10), redis },
  );
  const allowedOrigins = { exact: new Set<string>(), any: false, loopback: false };
  const app = createApp({
    models: createModels(openChat, "test-model", "*"),
    runs,
    listener: { isPaused: false },
    limits: { ...NO_LIMITS, body: TEST_BODY_LIMITS, ...limits },
    access: new Access({ allowedOrigins, trustedProxies: 0, embedSecrets: [], ...access }),
    systemPrompt: undefined,
    proxy: undefined,
    staticFiles: new Map(),
    log: () => {},
    ...parts,
  });
  return { app, runs };
}

/** The options of a test's server. */
export interface TestServerOptions extends TestAppOptions {
  readonly script?: Script;
  readonly apiKey?: string;
  readonly firstByteTimeoutMs?: number;
  /** How the provider differs; its API is chat completions by default. */
  readonly quirks?: ProviderQuirks;
  /** The client for the provider. By default the server's own; `fetch` where the variable `TEST_CLIENT` says so. */
  readonly send?: SendRequest;
  /** Enables HTTPS and HTTP/2. */
  readonly tls?: Deno.TlsCertifiedKeyPem;
}

/** `tests/upstream/http/provider_fetch_test.ts` runs the chat's tests with `fetch`. */
const DEFAULT_CLIENT = Deno.env.get("TEST_CLIENT") === "fetch" ? sendByFetch(createProviderFetch(true)) : undefined;

/** The application on its own port, with a fake provider. Use it with `await using`. */
export class TestServer implements AsyncDisposable {
  readonly app: App;
  readonly runs: RunRegistry;
  readonly provider: FakeOpenAI;
  readonly log: RequestLogEntry[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #scheme: "http" | "https";
  readonly #logWaiters = new Set<() => void>();

  constructor(
    { script, apiKey, firstByteTimeoutMs, quirks, send = DEFAULT_CLIENT, tls, ...options }: TestServerOptions = {},
  ) {
    this.provider = new FakeOpenAI(script ?? (() => ({ status: 500 })));
    const openChat = createOpenChat({
      ...quirks,
      baseURL: this.provider.baseURL,
      apiKey: apiKey ?? "sk-test-secret-key-0123456789",
      firstByteTimeoutMs: firstByteTimeoutMs ?? 60_000,
      ...(send && { send }),
    });
    const { app, runs } = createTestApp(openChat, { log: (entry) => this.#keep(entry), ...options });
    this.app = app;
    this.runs = runs;
    this.#scheme = tls === undefined ? "http" : "https";
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {}, ...tls }, app);
  }

  /** The server's own address, without a path. */
  get origin(): string {
    return `${this.#scheme}://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Sends a chat request over a real socket. */
  chat(body: unknown = { messages: [{ role: "user", content: "Hi" }] }, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.origin}/api/chat`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...init,
      headers: { "content-type": "application/json", ...init.headers as Record<string, string> },
    });
  }

  /** Resolves with the next log entry. */
  async nextLogEntry(): Promise<RequestLogEntry> {
    while (this.log.length === 0) await new Promise<void>((resolve) => this.#logWaiters.add(resolve));
    return this.log.shift()!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.provider[Symbol.asyncDispose]();
    await this.#server.shutdown();
    await this.runs.resumable.clear();
  }

  #keep(entry: RequestLogEntry): void {
    this.log.push(entry);
    for (const resolve of this.#logWaiters) resolve();
    this.#logWaiters.clear();
  }
}

/** All events of a response. */
export async function eventsOf(response: Response): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  await readChatEvents(response.body!, (event) => events.push(event));
  return events;
}

/** The joined text of events. */
export function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => event.type === "text" ? event.data : "").join("");
}

/** Asserts that no socket to the provider and no run is left after an answer. */
export async function assertNothingLeft(server: TestServer): Promise<void> {
  await server.provider.until(({ openSockets }) => openSockets === 0);
  assertEquals(server.runs.size, 0);
}
