/**
 * An HTTP/1.1 client for one host, behind one function: request in, response out. `fetch` can stand in its place
 * (`provider_fetch.ts`); it costs half as much again for each chunk of a body (docs/decisions/0008).
 * @module
 */
import { setImmediate } from "node:timers";
import { Connector } from "./connector.ts";
import { HttpConnection } from "./http_connection.ts";
import { createProviderFetch, MAX_IDLE_MS, sendByFetch } from "./provider_fetch.ts";
import { type HttpRequest, type HttpResponse, type SendRequest, UnsentError } from "./send_request.ts";

/** How many idle connections are kept. */
const MAX_IDLE = 64;

/** How a client treats its connections. */
export interface HttpClientOptions {
  /** False: each request has its own connection. True by default. */
  readonly keepAlive?: boolean;
  /** How long an idle connection is kept, in milliseconds. {@linkcode MAX_IDLE_MS} by default. */
  readonly maxIdleMs?: number;
}

/** A client for one host. It keeps idle connections for later requests. */
export class HttpClient {
  readonly #connector: Connector;
  readonly #keepAlive: boolean;
  readonly #maxIdleMs: number;
  readonly #sendByFetch: SendRequest;
  /** Idle connections, the most recently used one last. */
  readonly #idle: HttpConnection[] = [];

  /** @param host any address at the host, with `http:` or `https:` */
  constructor(host: string, { keepAlive = true, maxIdleMs = MAX_IDLE_MS }: HttpClientOptions = {}) {
    this.#connector = new Connector(new URL(host));
    this.#keepAlive = keepAlive;
    this.#maxIdleMs = maxIdleMs;
    this.#sendByFetch = sendByFetch(createProviderFetch(keepAlive));
  }

  /** A {@linkcode SendRequest} to addresses at the host. */
  readonly send: SendRequest = async (request) => {
    const idle = await this.#takeIdle();
    if (idle === undefined && !this.#connector.canConnect) {
      const response = await this.#sendByFetch(request);
      this.#connector.confirmHandshake();
      return response;
    }
    const bytes = requestBytes(request, this.#keepAlive);
    try {
      return await this.#sendOn(idle ?? await this.#connect(request.signal), bytes, request.signal);
    } catch (error) {
      if (idle !== undefined && error instanceof UnsentError && !request.signal.aborted) return this.send(request);
      throw error;
    }
  };

  async #sendOn(connection: HttpConnection, request: Uint8Array, signal: AbortSignal): Promise<HttpResponse> {
    const { head, body } = await connection.send(request, signal);
    return { status: head.status, headers: new Headers(head.headers as [string, string][]), body };
  }

  async #connect(signal: AbortSignal): Promise<HttpConnection> {
    try {
      const conn = await this.#connector.connect(signal);
      return new HttpConnection(conn, { onIdle: this.#keep, onClose: this.#forget, maxIdleMs: this.#maxIdleMs });
    } catch (error) {
      throw new UnsentError(error);
    }
  }

  async #takeIdle(): Promise<HttpConnection | undefined> {
    if (this.#idle.length === 0) return undefined;
    // In this turn of the event loop, connections that the host has already closed are removed.
    await new Promise<void>((resolve) => setImmediate(resolve));
    return this.#idle.pop();
  }

  readonly #keep = (connection: HttpConnection): void => {
    if (this.#keepAlive && this.#idle.length < MAX_IDLE) this.#idle.push(connection);
    else connection.close();
  };

  readonly #forget = (connection: HttpConnection): void => {
    const index = this.#idle.indexOf(connection);
    if (index !== -1) this.#idle.splice(index, 1);
  };
}

/** The bytes of a whole request, to be sent in one write. */
function requestBytes({ url: address, headers, body: text }: HttpRequest, keepAlive: boolean): Uint8Array {
  const url = new URL(address);
  const body = new TextEncoder().encode(text);
  const all = {
    host: url.host,
    ...headers,
    "accept-encoding": "identity",
    "content-length": String(body.length),
    ...(!keepAlive && { connection: "close" }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = `POST ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n`;
  const bytes = new Uint8Array(head.length + body.length);
  // Headers are Latin-1.
  for (let at = 0; at < head.length; at++) bytes[at] = head.charCodeAt(at);
  bytes.set(body, head.length);
  return bytes;
}
