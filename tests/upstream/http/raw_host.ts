/**
 * A host for tests that writes raw bytes, valid HTTP or not.
 * @module
 */
import { HttpClient, type HttpClientOptions } from "../../../upstream/http/http_client.ts";
import { chunksOf } from "../../../upstream/http/provider_bytes.ts";
import type { HttpResponse } from "../../../upstream/http/send_request.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The head of a chunked response. */
export const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/** Handles a connection. @param count the number of connections before it */
export type HostScript = (connection: HostConnection, count: number) => Promise<void>;

/** A host that follows a script on each connection, and closes what the script leaves open. Use it with `await using`. */
export class RawHost implements AsyncDisposable {
  /** The number of connections so far. */
  connections = 0;
  /** The number of requests that were read. */
  requests = 0;
  /** The number of responses that were written whole. */
  responses = 0;
  readonly #listener: Deno.TcpListener;
  readonly #served: Promise<void>;
  readonly #open = new Set<HostConnection>();

  constructor(script: HostScript, hostname = "127.0.0.1") {
    this.#listener = Deno.listen({ hostname, port: 0 });
    this.#served = this.#serve(script);
  }

  get url(): string {
    const { hostname, port } = this.#listener.addr;
    return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}/v1/chat`;
  }

  async #serve(script: HostScript): Promise<void> {
    const all: Promise<void>[] = [];
    for await (const conn of this.#listener) {
      const connection = new HostConnection(conn, this);
      this.#open.add(connection);
      all.push(
        script(connection, this.connections++).catch(() => {}).finally(() => {
          connection.close();
          this.#open.delete(connection);
        }),
      );
    }
    await Promise.all(all);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) connection.close();
    await this.#served;
    // One turn of the event loop, in which clients notice that their idle connections are closed.
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** One connection, from the host's side. */
export class HostConnection {
  readonly #conn: Deno.Conn;
  readonly #host: RawHost;
  #isOpen = true;

  constructor(conn: Deno.Conn, host: RawHost) {
    this.#conn = conn;
    this.#host = host;
  }

  /** Reads one whole request. @throws when the client has closed */
  async request(): Promise<string> {
    let text = "";
    const byte = new Uint8Array(1);
    while (!text.endsWith("\r\n\r\n")) text += String.fromCharCode(await this.#byte(byte));
    const body = new Uint8Array(Number(/content-length: (\d+)/i.exec(text)![1]));
    for (let at = 0; at < body.length; at++) body[at] = await this.#byte(byte);
    this.#host.requests++;
    return text + decoder.decode(body);
  }

  /** Writes chunks in separate turns of the event loop, so that they arrive one by one. */
  async write(...chunks: readonly (string | Uint8Array)[]): Promise<void> {
    for (const chunk of chunks) {
      const bytes = typeof chunk === "string" ? encoder.encode(chunk) : chunk;
      for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** Responds to every request with the same bytes. */
  async respond(...chunks: readonly (string | Uint8Array)[]): Promise<void> {
    for (;;) await this.respondOnce(...chunks);
  }

  async respondOnce(...chunks: readonly (string | Uint8Array)[]): Promise<void> {
    await this.request();
    await this.write(...chunks);
    this.#host.responses++;
  }

  /** Resolves when the client has closed. */
  async closed(): Promise<void> {
    const buffer = new Uint8Array(1024);
    while (await this.#conn.read(buffer).catch(() => null) !== null);
  }

  /** Forwards all bytes between the client and another local host. */
  async tunnelTo(port: number): Promise<void> {
    const other = await Deno.connect({ port });
    await Promise.allSettled([
      this.#conn.readable.pipeTo(other.writable),
      other.readable.pipeTo(this.#conn.writable),
    ]);
    this.#isOpen = false;
  }

  close(): void {
    if (this.#isOpen) this.#conn.close();
    this.#isOpen = false;
  }

  async #byte(buffer: Uint8Array): Promise<number> {
    if (await this.#conn.read(buffer) === null) throw new Error("the client has closed");
    return buffer[0]!;
  }
}

/** Sends a request to the host. */
export function post(
  client: HttpClient,
  { url }: { readonly url: string },
  body = "{}",
  signal = new AbortController().signal,
): Promise<HttpResponse> {
  return client.send({ url, headers: { accept: "text/event-stream" }, body, signal });
}

/** The whole body as text. */
export async function textOf({ body }: HttpResponse): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of chunksOf(body)) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** Sends requests one after the other, each when the previous response has been written and read. */
export async function postAll(host: RawHost, times: number, options?: HttpClientOptions): Promise<string[]> {
  const client = new HttpClient(host.url, options);
  const texts: string[] = [];
  for (let time = 0; time < times; time++) {
    texts.push(await textOf(await post(client, host)));
    // Wait until the host has written its bytes after the response, and one more turn for them to arrive.
    do await new Promise((resolve) => setTimeout(resolve)); while (host.responses <= time);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return texts;
}
