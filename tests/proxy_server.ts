/**
 * The application in proxy mode on its own port, with a fake provider: for the tests of /v1 and of its clients.
 * @module
 */
import type { App } from "../routes/app.ts";
import { digestProxyKey } from "../routes/proxy_keys.ts";
import type { RateLimits } from "../routes/rate_limits.ts";
import type { RequestLogEntry } from "../routes/request_log.ts";
import type { RunRegistry } from "../runs/run_registry.ts";
import { createOpenChat } from "../upstream/open_chat.ts";
import type { ProviderApi } from "../upstream/chat_events/provider_config.ts";
import { createProviderRelay } from "../upstream/provider_relay.ts";
import type { BodyLimits } from "../routes/read_json.ts";
import type { Relay } from "../upstream/relay.ts";
import type { UploadLimits } from "../routes/limited_upload.ts";
import { FakeOpenAI, type Script } from "./fake_openai.ts";
import { createTestApp } from "./test_server.ts";

/** The key that the server accepts from its clients. */
export const PROXY_KEY = "a-proxy-key-for-tests";
/** The key of another client. */
export const OTHER_PROXY_KEY = "another-proxy-key-for-tests";
/** The key that the server sends to the provider. No client may see it. */
export const PROVIDER_KEY = "sk-provider-0123456789abcdef";

/** The options of a test. */
export interface ProxyServerOptions {
  readonly relayTimeoutMs?: number;
  readonly maxRuns?: number;
  readonly rates?: RateLimits;
  readonly body?: BodyLimits;
  /** The API of the provider. */
  readonly api?: ProviderApi;
  /** In the place of a relay to the fake provider. */
  readonly relay?: Relay;
  readonly upload?: UploadLimits;
  readonly store?: boolean;
}

/** A running server in proxy mode. Use it with `await using`. */
export class ProxyServer implements AsyncDisposable {
  readonly app: App;
  readonly provider: FakeOpenAI;
  readonly runs: RunRegistry;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #entries: RequestLogEntry[] = [];
  #onEntry = () => {};

  constructor(script: Script, options: ProxyServerOptions = {}) {
    const { relayTimeoutMs = 60_000, maxRuns = 10, rates, body, api = "chat-completions", upload, store } = options;
    this.provider = new FakeOpenAI(script);
    const provider = { baseURL: this.provider.baseURL, apiKey: PROVIDER_KEY, api };
    const { app, runs } = createTestApp(createOpenChat({ ...provider, firstByteTimeoutMs: 60_000 }), {
      maxRuns,
      limits: { ...(rates && { rates }), ...(body && { body }) },
      proxy: {
        keys: new Map([["tests", digestProxyKey(PROXY_KEY)], ["others", digestProxyKey(OTHER_PROXY_KEY)]]),
        relay: options.relay ?? createProviderRelay(provider, relayTimeoutMs),
        ...(upload && { upload }),
        ...(store && { store }),
      },
      log: (entry) => {
        this.#entries.push(entry);
        this.#onEntry();
      },
    });
    this.app = app;
    this.runs = runs;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app);
  }

  /** The base URL for clients. */
  get baseURL(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/v1`;
  }

  /** Requests a path below /v1/, with the valid key unless `init` has another. */
  fetch(path: string, { headers, ...init }: RequestInit = {}): Promise<Response> {
    return fetch(`${this.baseURL}/${path}`, {
      redirect: "manual",
      ...init,
      headers: { authorization: `Bearer ${PROXY_KEY}`, ...headers as Record<string, string> },
    });
  }

  /** Posts JSON to a path below /v1/. */
  post(path: string, body: unknown = { model: "m" }, init: RequestInit = {}): Promise<Response> {
    return this.fetch(path, {
      method: "POST",
      body: JSON.stringify(body),
      ...init,
      headers: { "content-type": "application/json", ...init.headers as Record<string, string> },
    });
  }

  /** Resolves with the next log entry. */
  async nextLogEntry(): Promise<RequestLogEntry> {
    while (this.#entries.length === 0) await new Promise<void>((resolve) => this.#onEntry = resolve);
    return this.#entries.shift()!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.provider[Symbol.asyncDispose]();
    await this.#server.shutdown();
  }
}
