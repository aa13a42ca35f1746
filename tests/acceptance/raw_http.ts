/**
 * A client that sends exactly the bytes that it is given, which a proper client would refuse to send.
 * @module
 */

/** How long to wait for a response, in milliseconds. */
const PATIENCE_MS = 10_000;

/** A response. */
export interface RawAnswer {
  /** Undefined when the server closed the connection without a response. */
  readonly status?: number;
  readonly headers: Headers;
  readonly body: string;
}

/** How to send. */
export interface SendOptions {
  /** Closes the sending side afterwards, so that the server does not wait for the rest of an incomplete request. */
  readonly isAll?: boolean;
}

/** Sends bytes to a port of this machine, and reads until the server closes. @throws {Error} when it does not close */
export async function sendRaw(
  port: number,
  request: Uint8Array<ArrayBuffer>,
  { isAll = false }: SendOptions = {},
): Promise<RawAnswer> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    connection.close();
  }, PATIENCE_MS);
  try {
    // Read while writing: a server that refuses a long body responds before it has received all of it.
    const [bytes] = await Promise.all([readToEnd(connection), write(connection, request, isAll)]);
    if (isLate) throw new Error(`no end of the answer within ${PATIENCE_MS} ms, after ${bytes.byteLength} bytes`);
    return parse(bytes);
  } finally {
    clearTimeout(deadline);
    if (!isLate) connection.close();
  }
}

/** A request as bytes, with `Connection: close`. Nothing in it is checked or escaped. */
export function writeRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array<ArrayBuffer> = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const all = { host: "127.0.0.1", connection: "close", ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const length = method === "GET" || method === "OPTIONS" ? "" : `content-length: ${body.byteLength}\r\n`;
  const head = latin1(`${method} ${path} HTTP/1.1\r\n${lines}${length}\r\n`);
  const request = new Uint8Array(head.byteLength + body.byteLength);
  request.set(head);
  request.set(body, head.byteLength);
  return request;
}

/** Characters up to U+00FF as one byte each, others as UTF-8, as careless clients send them. */
function latin1(text: string): Uint8Array<ArrayBuffer> {
  const isLatin = [...text].every((character) => character.charCodeAt(0) < 256);
  return isLatin ? Uint8Array.from(text, (character) => character.charCodeAt(0)) : new TextEncoder().encode(text);
}

async function write(connection: Deno.TcpConn, bytes: Uint8Array, isAll: boolean): Promise<void> {
  try {
    for (let offset = 0; offset < bytes.byteLength;) offset += await connection.write(bytes.subarray(offset));
    if (isAll) await connection.closeWrite();
  } catch {
    // The server stopped reading. Its response is what counts.
  }
}

async function readToEnd(connection: Deno.TcpConn): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let read = await connection.read(buffer); read !== null; read = await connection.read(buffer)) {
      chunks.push(buffer.slice(0, read));
    }
  } catch {
    // A reset counts as closed.
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function parse(bytes: Uint8Array): RawAnswer {
  const text = new TextDecoder().decode(bytes);
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [start = "", ...lines] = head.split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(start)?.[1];
  const headers = new Headers();
  for (const line of status === undefined ? [] : lines) {
    const colon = line.indexOf(":");
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { ...(status !== undefined && { status: Number(status) }), headers, body: rest.join("\r\n\r\n") };
}
