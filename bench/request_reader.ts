/**
 * Reads HTTP/1.1 requests from a connection, one after the other. It knows only what the servers under test send, and
 * is cheap, because it shares the machine with them.
 * @module
 */

/** A whole request. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

const LATIN1 = new TextDecoder("latin1");
const UTF8 = new TextDecoder();

/** Reads the requests of one connection. */
export class RequestReader {
  readonly #connection: Deno.Conn;
  readonly #buffer = new Uint8Array(16_384);
  #unread: Uint8Array<ArrayBuffer> = new Uint8Array();

  /** @param connection only read from, and never closed here */
  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  /** The next request; undefined when the client has closed or broken the connection. */
  async next(): Promise<WireRequest | undefined> {
    for (;;) {
      const parsed = parseRequest(this.#unread);
      if (parsed !== undefined) {
        this.#unread = this.#unread.slice(parsed.end);
        return parsed.request;
      }
      const size = await this.#connection.read(this.#buffer).catch(() => null);
      if (size === null) return undefined;
      this.#unread = concat(this.#unread, this.#buffer.subarray(0, size));
    }
  }
}

/**
 * The request at the start of `bytes` and where it ends; undefined for an incomplete one.
 * @throws {SyntaxError} when the bytes are not HTTP/1.1
 */
export function parseRequest(bytes: Uint8Array): { readonly request: WireRequest; readonly end: number } | undefined {
  // One character a byte, so that positions in text and bytes are the same.
  const text = LATIN1.decode(bytes);
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const head = text.slice(0, headEnd);
  const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r?$/m.exec(head) ?? [];
  if (method === undefined || path === undefined) throw new SyntaxError("Cannot read a request: no request line");
  const bodyStart = headEnd + 4;
  if (/^transfer-encoding:.*chunked/im.test(head)) {
    const chunked = parseChunkedBody(bytes, text, bodyStart);
    return chunked && { request: { method, path, body: chunked.body }, end: chunked.end };
  }
  const end = bodyStart + Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
  if (bytes.length < end) return undefined;
  return { request: { method, path, body: UTF8.decode(bytes.subarray(bodyStart, end)) }, end };
}

function parseChunkedBody(bytes: Uint8Array, text: string, start: number) {
  const parts: Uint8Array[] = [];
  for (let at = start;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return undefined;
    const size = parseInt(text.slice(at, lineEnd), 16);
    const end = lineEnd + 2 + size + 2;
    if (bytes.length < end) return undefined;
    if (size === 0) return { body: UTF8.decode(concat(...parts)), end };
    parts.push(bytes.subarray(lineEnd + 2, end - 2));
    at = end;
  }
}

function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
