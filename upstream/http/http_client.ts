/**
 * Asks one host by HTTP/1.1, with no more between its connection and our buffer than the answer's framing. `fetch` costs
 * half as much again for a piece of an answer, and for its memory while it is open (docs/decisions/0008).
 * @module
 */
import { type HttpAnswer, HttpConnection } from "./http_connection.ts";
import { piecesOf, type ProviderBytes, providerBytesFrom } from "./provider_bytes.ts";

/** How long a connection that nobody uses is trusted, in milliseconds. Most hosts close it before. */
const MAX_IDLE_MS = 60_000;
/** How many connections wait for the next request. */
const MAX_IDLE = 64;

/** The encodings that are taken off, though none is asked for, by the names HTTP has for them. */
const COMPRESSION: ReadonlyMap<string, CompressionFormat> = new Map([
  ["br", "brotli" as CompressionFormat],
  ["deflate", "deflate"],
  ["gzip", "gzip"],
]);

/** What is asked. */
export interface PostRequest {
  readonly method: "POST";
  /** What `Headers` would take: no line breaks. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Ends the request, also while the answer is being read. */
  readonly signal: AbortSignal;
}

/** Asks, as `fetch` does. */
export type Post = (url: string, request: PostRequest) => Promise<Response>;

/** A response whose body is read from `providerBytes`; its own is null. */
export class HttpResponse extends Response {
  readonly providerBytes: ProviderBytes;

  constructor({ status, headers, bytes }: HttpAnswer) {
    super(null, { status, headers: headers as [string, string][] });
    this.providerBytes = decompressed(bytes, this.headers.get("content-encoding"));
  }
}

/** A client for one host, which keeps connections for the next request. */
export class HttpClient {
  readonly #host: URL;
  readonly #idle: HttpConnection[] = [];

  /** @param host any address at the host, with `http:` or `https:` */
  constructor(host: string) {
    this.#host = new URL(host);
  }

  /**
   * Posts to an address at the host, and resolves when the answer's head is there. Nothing is followed.
   * @throws the signal's reason when that aborts
   * @throws {Error} where the host cannot be reached or trusted, or answers with something other than HTTP/1.1
   */
  readonly post = async (url: string, { headers, body, signal }: PostRequest): Promise<HttpResponse> => {
    const request = requestBytes(new URL(url), headers, body);
    try {
      const answer = await this.#takeIdle()?.ask(request, signal) ?? await this.#askAnew(request, signal);
      return new HttpResponse(answer);
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

  async #askAnew(request: Uint8Array, signal: AbortSignal): Promise<HttpAnswer> {
    const { protocol, port } = this.#host;
    const isSecure = protocol === "https:";
    // An IPv6 address is in brackets there, and not here.
    const hostname = this.#host.hostname.replace(/^\[|\]$/g, "");
    const conn = await Deno.connect({ hostname, port: Number(port || (isSecure ? 443 : 80)), signal });
    const connection = new HttpConnection(
      isSecure ? await Deno.startTls(conn, { hostname, alpnProtocols: ["http/1.1"] }) : conn,
      this.#keep,
    );
    return (await connection.ask(request, signal))!;
  }

  readonly #keep = (connection: HttpConnection): void => {
    if (this.#idle.length < MAX_IDLE) this.#idle.push(connection);
    else connection.close();
  };
}

/** The whole request, to be written at once. */
function requestBytes(url: URL, headers: PostRequest["headers"], text: string): Uint8Array {
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

function decompressed(bytes: ProviderBytes, encoding: string | null): ProviderBytes {
  const format = COMPRESSION.get(encoding?.toLowerCase() ?? "");
  if (format === undefined) return bytes;
  return providerBytesFrom(ReadableStream.from(piecesOf(bytes)).pipeThrough(new DecompressionStream(format)));
}
