/**
 * A provider for tests: a real HTTP server on its own port, whose script chooses each response and its failure. It writes
 * raw HTTP, because a server library sends only valid responses. It counts requests, sockets, bytes, and clients that left
 * early.
 * @module
 */

/** A received request. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests inspect any body
  readonly body: any;
}

/** The response to one request. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The chunks of the body. Each is one write. */
  readonly body?: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;
  /**
   * How it ends. `close`: complete. `cut`: in the middle of the body. `reset`: the connection is reset. `stall`: nothing
   * follows the body. `silent`: no response is sent. `refuse`: the connection is closed without a response.
   */
  readonly end?: "close" | "cut" | "reset" | "stall" | "silent" | "refuse";
}

/** Returns the response to a request. @param count the number of requests before it */
export type Script = (request: SeenRequest, count: number) => Answer | Promise<Answer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The fake provider's certificate for 127.0.0.1. Clients must be configured to trust this file. */
export const TLS_CERTIFICATE = new URL("fixtures/tls/cert.pem", import.meta.url).pathname;

/** Its key. */
export const TLS_KEY_FILE = new URL("fixtures/tls/key.pem", import.meta.url).pathname;

/** The certificate with its key. */
export async function readTlsKeyPair(): Promise<Deno.TlsCertifiedKeyPem> {
  return { cert: await Deno.readTextFile(TLS_CERTIFICATE), key: await Deno.readTextFile(TLS_KEY_FILE) };
}

/** A running fake provider. Use it with `await using`. */
export class FakeOpenAI implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  /** The number of open sockets. */
  openSockets = 0;
  /** The number of clients that closed before their response was complete. */
  aborts = 0;
  /** The number of body bytes written. */
  bytesSent = 0;
  script: Script;
  readonly #scheme: "http" | "https";
  readonly #listener: Deno.Listener<Deno.Conn, Deno.NetAddr>;
  readonly #connections = new Set<Deno.Conn>();
  readonly #served: Promise<void>;
  readonly #waiters = new Set<() => void>();

  /** @param tls enables TLS, and an offer of HTTP/2, which it does not implement */
  constructor(script: Script, tls?: Deno.TlsCertifiedKeyPem) {
    this.script = script;
    const address = { hostname: "127.0.0.1", port: 0 };
    this.#scheme = tls === undefined ? "http" : "https";
    this.#listener = tls === undefined
      ? Deno.listen(address)
      : Deno.listenTls({ ...address, ...tls, alpnProtocols: ["h2", "http/1.1"] });
    this.#served = this.#accept();
  }

  /** The URL for `OPENAI_BASE_URL`. */
  get baseURL(): string {
    return `${this.#scheme}://127.0.0.1:${this.#listener.addr.port}/v1`;
  }

  /** Resolves when `condition` is true. It is checked after each change. */
  async until(condition: (fake: FakeOpenAI) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.#waiters.add(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) closeQuietly(connection);
    await this.#served;
  }

  async #accept(): Promise<void> {
    const serving = new Set<Promise<void>>();
    try {
      for await (const connection of this.#listener) {
        const done = this.#serve(connection).finally(() => serving.delete(done));
        serving.add(done);
      }
    } catch {
      // The listener was closed.
    }
    await Promise.all(serving);
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    this.#connections.add(connection);
    this.openSockets++;
    this.#notify();
    try {
      await this.#exchange(connection);
    } catch {
      // The client has left, and was counted.
    }
    closeQuietly(connection);
    this.#connections.delete(connection);
    this.openSockets--;
    this.#notify();
  }

  async #exchange(connection: Deno.Conn): Promise<void> {
    const request = await readRequest(connection);
    if (request === undefined) return;
    const count = this.requests.length;
    this.requests.push(request);
    this.#notify();
    const response = await this.script(request, count);
    const end = response.end ?? "close";
    // The system sends a reset when a socket is closed with unread bytes: the request's last byte stays unread.
    if (end === "reset") return await this.#write(connection, response);
    if (request.body !== undefined) await connection.read(new Uint8Array(1));
    // The client sends nothing more. The end of the input means that it has left.
    let isComplete = false;
    const left = connection.read(new Uint8Array(1)).catch(() => null).then((read) => {
      if (read !== null || isComplete) return;
      this.aborts++;
      this.#notify();
    });
    if (end === "silent") return await left;
    if (end !== "refuse") await this.#write(connection, response);
    if (end === "stall") return await left;
    isComplete = true;
    if (end === "close") await writeAll(connection, encoder.encode("0\r\n\r\n"));
  }

  async #write(connection: Deno.Conn, { status = 200, headers = {}, body = [] }: Answer): Promise<void> {
    const all = {
      "content-type": "text/event-stream",
      ...headers,
      "transfer-encoding": "chunked",
      connection: "close",
    };
    const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
    await writeAll(connection, encoder.encode(`HTTP/1.1 ${status} Status\r\n${head}\r\n`));
    for await (const chunk of body) {
      const bytes = typeof chunk === "string" ? encoder.encode(chunk) : chunk;
      if (bytes.byteLength === 0) continue;
      await writeAll(connection, encoder.encode(`${bytes.byteLength.toString(16)}\r\n`));
      await writeAll(connection, bytes);
      await writeAll(connection, encoder.encode("\r\n"));
      this.bytesSent += bytes.byteLength;
      this.#notify();
    }
  }

  #notify(): void {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    for (const resolve of waiters) resolve();
  }
}

/** Chunks as a provider sends them: one message each, objects as JSON, strings as they are. */
export function sse(...chunks: readonly (object | string)[]): string[] {
  return chunks.map((chunk) => `data: ${typeof chunk === "string" ? chunk : JSON.stringify(chunk)}\n\n`);
}

/** A chunk with content. */
export function contentChunk(content: string): object {
  return { id: "chatcmpl-1", object: "chat.completion.chunk", choices: [{ index: 0, delta: { content } }] };
}

/** The last chunk of an answer. */
export function finishChunk(finish_reason = "stop"): object {
  return { id: "chatcmpl-1", object: "chat.completion.chunk", choices: [{ index: 0, delta: {}, finish_reason }] };
}

/** The chunks of a complete answer with these texts, one each. */
export function answerOf(...texts: readonly string[]): string[] {
  return sse(...texts.map(contentChunk), finishChunk(), "[DONE]");
}

/** Reads a request without the last byte of its body, which is the closing brace of a JSON object. */
async function readRequest(connection: Deno.Conn): Promise<SeenRequest | undefined> {
  let head = "";
  const byte = new Uint8Array(1);
  while (!head.endsWith("\r\n\r\n")) {
    if (await connection.read(byte) === null) return undefined;
    head += String.fromCharCode(byte[0]!);
  }
  const [start = "", ...lines] = head.trimEnd().split("\r\n");
  const [method = "", path = ""] = start.split(" ");
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  const length = Number(headers.get("content-length") ?? 0);
  const body = new Uint8Array(Math.max(0, length - 1));
  for (let offset = 0; offset < body.byteLength;) {
    const read = await connection.read(body.subarray(offset));
    if (read === null) return undefined;
    offset += read;
  }
  return { method, path, headers, body: length === 0 ? undefined : JSON.parse(`${decoder.decode(body)}}`) };
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength;) offset += await connection.write(bytes.subarray(offset));
}

function closeQuietly(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
