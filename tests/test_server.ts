/**
 * The application as tests need it: in front of a fake provider, with its log kept, called directly or over a real socket.
 * @module
 */
import type { ChatEvent } from "../protocol/chat_event.ts";
import { readChatEvents } from "../protocol/chat_event_reader.ts";
import { type App, type AppOptions, createApp } from "../routes/app.ts";
import type { RequestLogEntry } from "../routes/request_log.ts";
import { LiveStreams } from "../upstream/live_streams.ts";
import { createModels } from "../upstream/models.ts";
import { createOpenChat } from "../upstream/chat_completions/openai.ts";
import { FakeOpenAI, type Script } from "./fake_openai.ts";

/** What a test may set differently. */
export interface TestServerOptions extends Partial<AppOptions> {
  readonly script?: Script;
  readonly apiKey?: string;
  readonly firstByteTimeoutMs?: number;
}

/** No test comes near these: one that wants a timeout sets it. */
export const LONG_TIMEOUTS = {
  heartbeatMs: 60_000,
  idleTimeoutMs: 60_000,
  maxStreamMs: 60_000,
  writeStallMs: 60_000,
} as const;

/** The application on a port of its own, in front of a fake provider. Use it with `await using`. */
export class TestServer implements AsyncDisposable {
  readonly app: App;
  readonly provider: FakeOpenAI;
  readonly streams: LiveStreams;
  readonly log: RequestLogEntry[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #logWaiters = new Set<() => void>();

  constructor(options: TestServerOptions = {}) {
    this.provider = new FakeOpenAI(options.script ?? (() => ({ status: 500 })));
    this.streams = options.streams ?? new LiveStreams(10);
    const openChat = createOpenChat({
      baseURL: this.provider.baseURL,
      apiKey: options.apiKey ?? "sk-test-secret-key-0123456789",
      firstByteTimeoutMs: options.firstByteTimeoutMs ?? 60_000,
    });
    this.app = createApp({
      models: createModels(openChat, "test-model", "*"),
      timeouts: LONG_TIMEOUTS,
      allowedOrigins: { exact: new Set(), any: false, loopback: false },
      staticFiles: new Map(),
      maxBodyBytes: 1024 * 1024,
      maxStreams: 1000,
      log: (entry) => this.#keep(entry),
      ...options,
      streams: this.streams,
    });
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, this.app.handle);
  }

  /** The server's own address, without a path. */
  get origin(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
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

  /** The log's next entry that has not been taken yet, once it is there. */
  async nextLogEntry(): Promise<RequestLogEntry> {
    while (this.log.length === 0) await new Promise<void>((resolve) => this.#logWaiters.add(resolve));
    return this.log.shift()!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.provider[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }

  #keep(entry: RequestLogEntry): void {
    this.log.push(entry);
    for (const resolve of this.#logWaiters) resolve();
    this.#logWaiters.clear();
  }
}

/** All events of an answer. */
export async function eventsOf(response: Response): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  await readChatEvents(response.body!, (event) => events.push(event));
  return events;
}

/** The text that events add up to. */
export function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => event.type === "text" ? event.data : "").join("");
}
