/**
 * A real HTTP server that speaks the chat protocol. It serves the built component and the pages of a test, and sends
 * only what the test tells it to send.
 * @module
 */
import { CHAT_STREAM_HEADERS, type ChatEvent, formatChatEvent } from "../../protocol/chat_event.ts";
import type { ChatRequest } from "../../protocol/chat_request.ts";

/** The policy of the project's own pages. */
export const PAGE_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; " +
  "require-trusted-types-for 'script'; trusted-types lit-html";

/** The built files and the example pages, as `deno task dev` serves them. */
const FOLDERS = ["../../dist/static/", "../../examples/pages/"].map((path) => new URL(path, import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
  json: "application/json",
};

/** One answer that the browser has requested. The test decides what it sends. */
export class FakeAnswer {
  /** The body of the request. */
  readonly request: ChatRequest;
  /** The headers of the request. */
  readonly headers: Headers;
  /** Resolves when the browser closes a connection before the answer has ended, or stops the run. */
  readonly left: Promise<void>;
  /** Resolves when the browser stops the run. */
  readonly stopped: Promise<void>;
  /** The URL of the run. */
  readonly path: string;
  /** The position of each connection that has taken the run up again. */
  readonly resumedAfter: number[] = [];
  readonly #markLeft: () => void;
  readonly #markStopped: () => void;
  readonly #decided: Promise<void>;
  readonly #decide: () => void;
  readonly #readers = new Set<ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>>();
  readonly #log: Uint8Array<ArrayBuffer>[] = [];
  readonly #resumeWaiters: (() => void)[] = [];
  #refusal: (() => Response) | undefined;
  #hasEnded = false;
  #isGone = false;

  constructor(request: ChatRequest, headers: Headers, path: string) {
    this.request = request;
    this.headers = headers;
    this.path = path;
    ({ promise: this.left, resolve: this.#markLeft } = Promise.withResolvers<void>());
    ({ promise: this.stopped, resolve: this.#markStopped } = Promise.withResolvers<void>());
    ({ promise: this.#decided, resolve: this.#decide } = Promise.withResolvers<void>());
  }

  /** Sends events. The first one opens the stream. */
  emit(...events: readonly ChatEvent[]): void {
    for (const event of events) {
      const bytes = new TextEncoder().encode(formatChatEvent(this.#log.length + 1, event));
      this.#log.push(bytes);
      for (const reader of this.#readers) reader.enqueue(bytes);
    }
    this.#decide();
  }

  /** Sends text, one event for each chunk. */
  text(...chunks: readonly string[]): void {
    this.emit(...chunks.map((data) => ({ type: "text", data }) as const));
  }

  /** Sends the last text, the usage and `stop`, and ends the stream. */
  finish(text?: string): void {
    if (text !== undefined) this.text(text);
    this.emit({
      type: "usage",
      data: { totalInputTokens: 24, totalOutputTokens: 312, totalTokens: 336 },
    }, { type: "stop", data: "stop" });
    this.end();
  }

  /** Ends the body after a terminal event of the test. */
  end(): void {
    this.#hasEnded = true;
    this.drop();
  }

  /** Ends every connection. A resumable answer goes on. */
  drop(): void {
    this.#decide();
    for (const reader of this.#readers) reader.close();
    this.#readers.clear();
  }

  /** Ends every connection without a terminal event, for good. */
  cut(): void {
    this.#isGone = true;
    this.drop();
  }

  /** Responds with an error instead of a stream. @param details more fields of the error's body */
  refuse(status: number, errorType: string, headers: HeadersInit = {}, details: object = {}): void {
    const body = { message: `The test responds with ${errorType}.`, ...details };
    this.#refusal ??= () => Response.json({ errorType, body }, { status, headers });
    this.#decide();
  }

  /** Resolves when the browser has taken the run up `count` times. */
  async resumed(count = 1): Promise<void> {
    while (this.resumedAfter.length < count) await new Promise<void>((resolve) => this.#resumeWaiters.push(resolve));
  }

  /** The response to the request that has begun the answer, or to one that is repeated with its key. */
  async open(signal: AbortSignal, after = 0): Promise<Response> {
    signal.addEventListener("abort", () => this.#markLeft());
    await this.#decided;
    return this.#refusal?.() ?? this.#read(after);
  }

  /** The response to a request that follows the run. */
  resume(after: number): Response {
    this.resumedAfter.push(after);
    for (const resolve of this.#resumeWaiters.splice(0)) resolve();
    if (this.#isGone) return new Response(null, { status: 410 });
    return this.#hasEnded && after === this.#log.length ? new Response(null, { status: 204 }) : this.#read(after);
  }

  /** Ends the run for the browser. */
  stop(): void {
    this.#markStopped();
    this.#markLeft();
    if (this.#hasEnded) return;
    this.emit({ type: "stop", data: "cancelled" });
    this.end();
  }

  #read(after: number): Response {
    let reader: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        reader = controller;
        for (const bytes of this.#log.slice(after)) controller.enqueue(bytes);
        if (this.#hasEnded || this.#isGone) controller.close();
        else this.#readers.add(controller);
      },
      cancel: () => {
        this.#readers.delete(reader);
        this.#markLeft();
      },
    });
    const location: HeadersInit = this.request.resumable ? { "content-location": this.path } : {};
    return new Response(body, { headers: { ...CHAT_STREAM_HEADERS, ...location } });
  }
}

/** The server. Use it with `await using`. */
export class FakeChatServer implements AsyncDisposable {
  /** The response of `/api/models`; undefined for a server that has none. */
  models: unknown;
  /** The headers of each request to `/api/models`. */
  readonly modelRequests: Headers[] = [];
  /** Every request to `/api/chat` so far. */
  readonly answers: FakeAnswer[] = [];
  #server = this.#serve(0);
  readonly #pages = new Map<string, Response>();
  readonly #waiting: ((answer: FakeAnswer) => void)[] = [];
  #taken = 0;

  /** The origin of the server, with its IP address. */
  get origin(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Goes down: the port refuses connections. */
  async goDown(): Promise<void> {
    await this.#server.shutdown();
  }

  /** Comes back on the same port. */
  comeBack(): void {
    this.#server = this.#serve(this.#server.addr.port);
  }

  /** Serves `html` at `path`, under `policy`. */
  page(path: string, html: string, policy: string = PAGE_POLICY): void {
    const headers = { "content-type": TYPES.html as string, "content-security-policy": policy };
    this.#pages.set(path, new Response(html, { headers }));
  }

  /** Serves a file at `path`. */
  file(path: string, content: string | Uint8Array<ArrayBuffer>): void {
    this.#pages.set(path, new Response(content, { headers: { "content-type": typeOf(path) } }));
  }

  /** The next request that the test has not taken yet. */
  nextAnswer(): Promise<FakeAnswer> {
    const index = this.#taken++;
    const answer = this.answers[index];
    if (answer !== undefined) return Promise.resolve(answer);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Ends every stream and stops the server. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const answer of this.answers) answer.refuse(503, "ServerBusy");
    await this.#server.shutdown();
  }

  #serve(port: number): Deno.HttpServer<Deno.NetAddr> {
    return Deno.serve({ port, hostname: "127.0.0.1", onListen: () => {} }, (request) => this.#route(request));
  }

  async #route(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const response = request.method === "OPTIONS"
      ? new Response(null, { status: 204 })
      : pathname === "/api/models"
      ? this.#listModels(request.headers)
      : pathname.startsWith("/api/chat")
      ? await this.#chat(request, pathname)
      : await this.#file(pathname);
    for (const name of ["allow-origin", "allow-headers", "allow-methods", "expose-headers"]) {
      response.headers.set(`access-control-${name}`, "*");
    }
    return response;
  }

  #listModels(headers: Headers): Response {
    this.modelRequests.push(headers);
    return this.models === undefined ? new Response(null, { status: 404 }) : Response.json(this.models);
  }

  /** The run contract of docs/protocol.md. */
  async #chat(request: Request, pathname: string): Promise<Response> {
    const { method, headers, signal } = request;
    const key = headers.get("idempotency-key");
    const after = Number(headers.get("last-event-id") ?? 0);
    const known = this.answers.find((answer) =>
      pathname === answer.path || (key !== null && key === answer.headers.get("idempotency-key"))
    );
    if (method === "DELETE") {
      known?.stop();
      return new Response(null, { status: 204 });
    }
    if (method === "GET") return known?.resume(after) ?? new Response(null, { status: 404 });
    if (known !== undefined) return await known.open(signal, after);
    const answer = new FakeAnswer(await request.json(), headers, `/api/chat/${this.answers.length + 1}`);
    this.answers.push(answer);
    this.#waiting.shift()?.(answer);
    return await answer.open(signal);
  }

  async #file(pathname: string): Promise<Response> {
    const page = this.#pages.get(pathname);
    if (page !== undefined) return page.clone();
    const name = pathname === "/" ? "index.html" : pathname.slice(1);
    const headers = new Headers({ "content-type": typeOf(name) });
    if (name.endsWith(".html")) headers.set("content-security-policy", PAGE_POLICY);
    for (const folder of FOLDERS) {
      const bytes = await Deno.readFile(new URL(name, folder)).catch(() => undefined);
      if (bytes !== undefined) return new Response(bytes, { headers });
    }
    return new Response("Not found", { status: 404 });
  }
}

function typeOf(path: string): string {
  return TYPES[path.split(".").at(-1) ?? ""] ?? "application/octet-stream";
}
