/**
 * A provider that writes what an attack wants, byte for byte, and keeps connections open.
 * @module
 */

/** A request, and the connection to respond on. */
export interface RawRequest {
  /** `POST` and so on. */
  readonly method: string;
  readonly body: string;
  /** How many requests came before it, on all connections. */
  readonly index: number;
  /** How many requests came before it on this connection. */
  readonly indexOnConnection: number;
  write(data: string | Uint8Array<ArrayBuffer>): Promise<void>;
}

/** Responds to a request. @returns false to close the connection */
export type Respond = (request: RawRequest) => Promise<boolean>;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** A running provider. Use it with `await using`. */
export class RawProvider implements AsyncDisposable {
  /** The requests that have arrived. */
  requests = 0;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #connections = new Set<Deno.Conn>();
  readonly #respond: Respond;
  readonly #serving: Promise<void>;

  constructor(respond: Respond) {
    this.#respond = respond;
    this.#serving = this.#accept();
  }

  /** The address to use as `OPENAI_BASE_URL`. */
  get baseURL(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}/v1`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
    await this.#serving;
  }

  async #accept(): Promise<void> {
    const serving: Promise<void>[] = [];
    try {
      for await (const connection of this.#listener) serving.push(this.#serve(connection));
    } catch {
      // The listener was closed.
    }
    await Promise.all(serving);
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    this.#connections.add(connection);
    try {
      for (let indexOnConnection = 0;; indexOnConnection++) {
        const request = await readRequest(connection);
        if (request === undefined) break;
        const index = this.requests++;
        const write = (data: string | Uint8Array<ArrayBuffer>) => writeAll(connection, data);
        if (!await this.#respond({ ...request, index, indexOnConnection, write })) break;
      }
    } catch {
      // The server has left.
    }
    this.#connections.delete(connection);
    try {
      connection.close();
    } catch {
      // Closed already.
    }
  }
}

async function readRequest(connection: Deno.Conn): Promise<Pick<RawRequest, "method" | "body"> | undefined> {
  let text = "";
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const end = text.indexOf("\r\n\r\n");
    const length = Number(/content-length: *(\d+)/i.exec(text)?.[1] ?? 0);
    if (end !== -1 && text.length >= end + 4 + length) {
      return { method: text.split(" ")[0]!, body: text.slice(end + 4) };
    }
    const read = await connection.read(buffer);
    if (read === null) return undefined;
    text += decoder.decode(buffer.subarray(0, read));
  }
}

async function writeAll(connection: Deno.Conn, data: string | Uint8Array<ArrayBuffer>): Promise<void> {
  const bytes = typeof data === "string" ? encoder.encode(data) : data;
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

/** A whole response with a length. */
export function response(head: string, body: string | Uint8Array<ArrayBuffer> = ""): Uint8Array<ArrayBuffer> {
  const bytes = typeof body === "string" ? encoder.encode(body) : body;
  const start = encoder.encode(`HTTP/1.1 ${head}\r\ncontent-length: ${bytes.length}\r\n\r\n`);
  const all = new Uint8Array(start.length + bytes.length);
  all.set(start);
  all.set(bytes, start.length);
  return all;
}
