/**
 * An HTTP/1.1 client for one host, behind one function: request in, response out. `fetch` can stand in its place
 * (`provider_fetch.ts`); it costs half as much again for each chunk of a body (docs/decisions/0008).
 * @module
 */
import { HttpConnection } from "./http_connection.ts";
import { chunksOf, type ProviderBytes, providerBytesFrom } from "./provider_bytes.ts";
import type { ResponseHead } from "./response_head.ts";

/** How long an idle connection is used again, in milliseconds. Most hosts close it earlier. */
const MAX_IDLE_MS = 60_000;
/** How many idle connections are kept. */
const MAX_IDLE = 64;

/** The codings that are decoded, although none is asked for, by their names in HTTP. */
const COMPRESSION: ReadonlyMap<string, CompressionFormat> = new Map([
  ["br", "brotli" as CompressionFormat],
  ["deflate", "deflate"],
  ["gzip", "gzip"],
]);

/** A request to a provider. */
export interface HttpRequest {
  readonly url: string;
  /** Names and values that `Headers` accepts: no line breaks. */
  readonly headers: Readonly<Record<string, string>>;
  /** It is sent by POST. */
  readonly body: string;
  /** Aborts the request, and the body of its response while that is being read. */
  readonly signal: AbortSignal;
}

/** A provider's response. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ProviderBytes;
}

/**
 * Sends a request and resolves with its response when the head has arrived. Redirects are not followed.
 * @throws the signal's reason when that aborts
 * @throws {Error} when the host cannot be reached, is not trusted, or does not speak HTTP/1.1
 */
export type SendRequest = (request: HttpRequest) => Promise<HttpResponse>;

/** A client for one host. It keeps idle connections for later requests. */
export class HttpClient {
  readonly #host: URL;
  readonly #idle: HttpConnection[] = [];

  /** @param host any address at the host, with `http:` or `https:` */
  constructor(host: string) {
    this.#host = new URL(host);
  }

  /** A {@linkcode SendRequest} to addresses at the host. */
  readonly send: SendRequest = async ({ url, headers, body, signal }) => {
    const bytes = requestBytes(new URL(url), headers, body);
    try {
      const { head, body } = await this.#takeIdle()?.send(bytes, signal) ?? await this.#sendOnNew(bytes, signal);
      return toHttpResponse(head, body);
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    }
  };

  #takeIdle(): HttpConnection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.isFresh(MAX_IDLE_MS)) return connection;
      connection.close();
    }
  }

  async #sendOnNew(request: Uint8Array, signal: AbortSignal) {
    const { protocol, port } = this.#host;
    const isSecure = protocol === "https:";
    // `Deno.connect` takes an IPv6 address without brackets.
    const hostname = this.#host.hostname.replace(/^\[|\]$/g, "");
    const conn = await Deno.connect({ hostname, port: Number(port || (isSecure ? 443 : 80)), signal });
    const connection = new HttpConnection(
      isSecure ? await Deno.startTls(conn, { hostname, alpnProtocols: ["http/1.1"] }) : conn,
      this.#keep,
    );
    return (await connection.send(request, signal))!;
  }

  readonly #keep = (connection: HttpConnection): void => {
    if (this.#idle.length < MAX_IDLE) this.#idle.push(connection);
    else connection.close();
  };
}

/** The whole request, so that one write sends it. */
function requestBytes(url: URL, headers: HttpRequest["headers"], text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  const all = { host: url.host, ...headers, "accept-encoding": "identity", "content-length": String(body.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n`;
  const bytes = new Uint8Array(head.length + body.length);
  // Headers are Latin-1.
  for (let at = 0; at < head.length; at++) bytes[at] = head.charCodeAt(at);
  bytes.set(body, head.length);
  return bytes;
}

function toHttpResponse({ status, headers: lines }: ResponseHead, bytes: ProviderBytes): HttpResponse {
  const headers = new Headers(lines as [string, string][]);
  return { status, headers, body: decompressed(bytes, headers.get("content-encoding")) };
}

function decompressed(bytes: ProviderBytes, coding: string | null): ProviderBytes {
  const format = COMPRESSION.get(coding?.toLowerCase() ?? "");
  if (format === undefined) return bytes;
  return providerBytesFrom(ReadableStream.from(chunksOf(bytes)).pipeThrough(new DecompressionStream(format)));
}
