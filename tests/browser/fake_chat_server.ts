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

/** One request to `/api/chat`. The test decides its response. */
export class FakeAnswer {
  /** The body of the request. */
  readonly request: ChatRequest;
  /** The headers of the request. */
  readonly headers: Headers;
  /** Resolves with the response. */
  readonly response: Promise<Response>;
  /** Resolves when the browser closes the connection before the answer has ended. */
  readonly left: Promise<void>;
  readonly #respond: (response: Response) => void;
  readonly #markLeft: () => void;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #id = 0;

  constructor(request: ChatRequest, headers: Headers, signal: AbortSignal) {
    this.request = request;
    this.headers = headers;
    ({ promise: this.response, resolve: this.#respond } = Promise.withResolvers<Response>());
    ({ promise: this.left, resolve: this.#markLeft } = Promise.withResolvers<void>());
    signal.addEventListener("abort", () => this.#markLeft());
  }

  /** Sends events. The first one opens the stream. */
  emit(...events: readonly ChatEvent[]): void {
    this.#open();
    const text = events.map((event) => formatChatEvent(++this.#id, event)).join("");
    this.#controller?.enqueue(new TextEncoder().encode(text));
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
    this.#controller?.close();
  }

  /** Ends the body after a terminal event of the test. */
  end(): void {
    this.#controller?.close();
  }

  /** Ends the body without a terminal event, like a broken connection. */
  cut(): void {
    this.#open();
    this.#controller?.close();
  }

  /** Responds with an error instead of a stream. */
  refuse(status: number, errorType: string, headers: HeadersInit = {}): void {
    this.#respond(
      Response.json({ errorType, body: { message: `The test responds with ${errorType}.` } }, { status, headers }),
    );
  }

  #open(): void {
    if (this.#controller !== undefined) return;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => void (this.#controller = controller),
      cancel: () => this.#markLeft(),
    });
    this.#respond(new Response(body, { headers: CHAT_STREAM_HEADERS }));
  }
}

/** The server. Use it with `await using`. */
export class FakeChatServer implements AsyncDisposable {
  /** Every request to `/api/chat` so far. */
  readonly answers: FakeAnswer[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #pages = new Map<string, Response>();
  readonly #waiting: ((answer: FakeAnswer) => void)[] = [];
  #taken = 0;

  constructor() {
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      (request) => this.#route(request),
    );
  }

  /** The origin of the server, with its IP address. */
  get origin(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Serves `html` at `path`, under `policy`. */
  page(path: string, html: string, policy: string = PAGE_POLICY): void {
    const headers = { "content-type": TYPES.html as string, "content-security-policy": policy };
    this.#pages.set(path, new Response(html, { headers }));
  }

  /** Serves `text` at `path`. */
  file(path: string, text: string): void {
    this.#pages.set(path, new Response(text, { headers: { "content-type": typeOf(path) } }));
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

  async #route(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    if (request.method === "OPTIONS") return new Response(null, { status: 204, headers: cors });
    const response = pathname === "/api/chat" ? await this.#chat(request) : await this.#file(pathname);
    response.headers.set("access-control-allow-origin", "*");
    return response;
  }

  async #chat(request: Request): Promise<Response> {
    const answer = new FakeAnswer(await request.json(), request.headers, request.signal);
    this.answers.push(answer);
    this.#waiting.shift()?.(answer);
    return await answer.response;
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
