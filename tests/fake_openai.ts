/**
 * A provider for tests: a real HTTP server on a port of its own that answers as it is told, byte by byte, and can break in
 * every way a real one does. It writes raw HTTP, as a well-behaved server library cannot be made to misbehave, and it
 * counts what it saw: requests, sockets, bytes, and clients that left early.
 * @module
 */

/** What a request looked like. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any -- tests look at whatever was sent
  readonly body: any;
}

/** How to answer one request. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, in the pieces in which it is written. */
  readonly body?: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;
  /**
   * How it ends: `close` properly, `cut` in the middle of the body, `reset` the connection, `stall` for ever after the
   * body, `silent`: take the request and never answer, `refuse`: hang up without an answer.
   */
  readonly end?: "close" | "cut" | "reset" | "stall" | "silent" | "refuse";
}

/** Decides the answer to a request; `count` is how many came before it. */
export type Script = (request: SeenRequest, count: number) => Answer | Promise<Answer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The certificate that a fake provider shows, for 127.0.0.1: who asks it has to be told to trust this file. */
export const TLS_CERTIFICATE = new URL("fixtures/tls/cert.pem", import.meta.url).pathname;

/** The same with its key, as a fake provider takes them. */
export async function readTlsKeyPair(): Promise<Deno.TlsCertifiedKeyPem> {
  const key = new URL("fixtures/tls/key.pem", import.meta.url);
  return { cert: await Deno.readTextFile(TLS_CERTIFICATE), key: await Deno.readTextFile(key) };
}

/** A running fake provider. Use it with `await using`. */
export class FakeOpenAI implements AsyncDisposable {
  readonly requests: SeenRequest[] = [];
  /** Sockets that are open now. */
  openSockets = 0;
  /** Clients that closed before their answer was complete. */
  aborts = 0;
  /** Body bytes written. */
  bytesSent = 0;
  script: Script;
  readonly #scheme: "http" | "https";
  readonly #listener: Deno.Listener<Deno.Conn, Deno.NetAddr>;
  readonly #connections = new Set<Deno.Conn>();
  readonly #served: Promise<void>;
  readonly #waiters = new Set<() => void>();

  /** @param tls makes it speak TLS, and offer HTTP/2, which it does not understand */
  constructor(script: Script, tls?: Deno.TlsCertifiedKeyPem) {
    this.script = script;
    const address = { hostname: "127.0.0.1", port: 0 };
    this.#scheme = tls === undefined ? "http" : "https";
    this.#listener = tls === undefined
      ? Deno.listen(address)
      : Deno.listenTls({ ...address, ...tls, alpnProtocols: ["h2", "http/1.1"] });
    this.#served = this.#accept();
  }

  /** The address to use as `OPENAI_BASE_URL`. */
  get baseURL(): string {
    return `${this.#scheme}://127.0.0.1:${this.#listener.addr.port}/v1`;
  }

  /** Resolves as soon as `condition` holds; it is looked at after everything that happens here. */
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
      // The client is gone; it has been counted.
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
    const answer = await this.script(request, count);
    const end = answer.end ?? "close";
    // Closing a socket with something unread makes the system send a reset: the request's last byte is left for that.
    if (end === "reset") return await this.#write(connection, answer);
    if (request.body !== undefined) await connection.read(new Uint8Array(1));
    // From here on the client sends nothing more: an end of what can be read says that it has left.
    let isComplete = false;
    const left = connection.read(new Uint8Array(1)).catch(() => null).then((read) => {
      if (read !== null || isComplete) return;
      this.aborts++;
      this.#notify();
    });
    if (end === "silent") return await left;
    if (end !== "refuse") await this.#write(connection, answer);
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
    for await (const piece of body) {
      const bytes = typeof piece === "string" ? encoder.encode(piece) : piece;
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

/** The bytes of chunks as a provider sends them: each object as one event, strings as they are, `[DONE]` at the end. */
export function sse(...chunks: readonly (object | string)[]): string[] {
  return chunks.map((chunk) => `data: ${typeof chunk === "string" ? chunk : JSON.stringify(chunk)}\n\n`);
}

/** A chunk with some content. */
export function contentChunk(content: string): object {
  return { id: "chatcmpl-1", object: "chat.completion.chunk", choices: [{ index: 0, delta: { content } }] };
}

/** The chunk that ends an answer. */
export function finishChunk(finish_reason = "stop"): object {
  return { id: "chatcmpl-1", object: "chat.completion.chunk", choices: [{ index: 0, delta: {}, finish_reason }] };
}

/** The pieces of a proper answer that says `words`, one each. */
export function answerOf(...words: readonly string[]): string[] {
  return sse(...words.map(contentChunk), finishChunk(), "[DONE]");
}

/** Reads one request but for the last byte of its body, which is the brace that ends a JSON object. */
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
