/**
 * One HTTP/1.1 connection: sends one request at a time and reads its response.
 * @module
 */
import { afterBlankLine } from "./blank_line.ts";
import { BodyBytes, type ByteSource, FIRST_BUFFER_BYTES, type ProviderBytes } from "./provider_bytes.ts";
import { BadResponseError, parseHead, type ResponseHead } from "./response_head.ts";
import { UnsentError } from "./send_request.ts";

/** The longest head of a response, in bytes: twice Node's limit. */
const MAX_HEAD_BYTES = 32 * 1024;

/** A read that has not resolved yet. */
interface PendingRead {
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** The number of bytes, or null at the end of the connection. */
  readonly read: Promise<number | null>;
}

/** The beginning of a response. */
interface ResponseStart {
  readonly head: ResponseHead;
  /** Bytes of the body that arrived with the head. Their memory may be reused once they have been read. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/** The callbacks and the limit of a connection. */
export interface HttpConnectionOptions {
  /** Called when a response has been read to its end and the connection can be used again. */
  readonly onIdle: (connection: HttpConnection) => void;
  /** Called when the connection is closed. */
  readonly onClose: (connection: HttpConnection) => void;
  /** How long an idle connection stays open, in milliseconds. The host may name a shorter time. */
  readonly maxIdleMs: number;
}

/** An open connection, used by one request at a time. */
export class HttpConnection {
  readonly #conn: Deno.Conn;
  readonly #options: HttpConnectionOptions;
  #isOpen = true;
  /** The number of bytes of the current request that were written. */
  #bytesWritten = 0;
  /**
   * The read for the next response. If it resolves while the connection is idle, the host has closed the connection or sent
   * unexpected bytes: close it.
   */
  #idleRead: PendingRead | undefined;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(conn: Deno.Conn, options: HttpConnectionOptions) {
    this.#conn = conn;
    this.#options = options;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    clearTimeout(this.#idleTimer);
    this.#conn.close();
    this.#options.onClose(this);
  }

  /**
   * Sends a request. The connection is closed when `signal` aborts, also while the body is being read.
   * @param request all of its bytes
   * @throws {UnsentError} when no byte of the request was written
   * @throws {BadResponseError} when the host does not speak HTTP/1.1
   * @throws {Error} when the connection breaks or ends without a response
   */
  async send(request: Uint8Array, signal: AbortSignal): Promise<{ head: ResponseHead; body: ProviderBytes }> {
    const abort = () => this.close();
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    let isWritten = false;
    const finish = (idleMs: number) => {
      signal.removeEventListener("abort", abort);
      if (idleMs > 0 && isWritten && this.#isOpen) this.#becomeIdle(idleMs);
      else this.close();
    };
    const idleRead = this.#leaveIdle();
    this.#bytesWritten = 0;
    // A host may respond before it has read the whole request. A failed write makes the reads fail too.
    const write = this.#write(request).then(() => {
      isWritten = true;
    }, () => {});
    try {
      const { head, rest } = await this.#readHead(idleRead);
      return { head, body: new BodyBytes(new ResponseBody(this.#conn, head, rest, finish), rest.buffer) };
    } catch (error) {
      finish(0);
      // Only then is the number of written bytes final.
      await write;
      if (this.#bytesWritten === 0) throw new UnsentError(signal.aborted ? signal.reason : error);
      signal.throwIfAborted();
      throw error;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    while (this.#bytesWritten < bytes.length) {
      this.#bytesWritten += await this.#conn.write(bytes.subarray(this.#bytesWritten));
    }
  }

  /** Reads the head, and perhaps the beginning of the body. */
  async #readHead(idleRead: PendingRead | undefined): Promise<ResponseStart> {
    let buffer = idleRead?.buffer ?? new Uint8Array(FIRST_BUFFER_BYTES);
    let filled = idleRead === undefined ? 0 : receivedBytes(await idleRead.read);
    for (let start = 0, seen = 0;;) {
      for (let end = -1; (end = afterBlankLine(buffer.subarray(0, filled), seen)) !== -1; start = seen = end) {
        const head = parseHead(buffer.subarray(start, end));
        // Skip 1xx responses.
        if (head.status >= 200) return { head, rest: buffer.subarray(end, filled) };
      }
      seen = Math.max(start, filled - 3);
      if (filled === MAX_HEAD_BYTES) throw new BadResponseError("the head of the response is too long");
      if (filled === buffer.length) {
        const larger = new Uint8Array(filled * 2);
        larger.set(buffer);
        buffer = larger;
      }
      filled += receivedBytes(await this.#conn.read(buffer.subarray(filled)));
    }
  }

  #becomeIdle(idleMs: number): void {
    const buffer = new Uint8Array(FIRST_BUFFER_BYTES);
    const idleRead = this.#idleRead = { buffer, read: this.#conn.read(buffer) };
    const closeIfIdle = () => {
      if (this.#idleRead === idleRead) this.close();
    };
    idleRead.read.then(closeIfIdle, closeIfIdle);
    this.#idleTimer = setTimeout(closeIfIdle, Math.min(idleMs, this.#options.maxIdleMs));
    // Neither keeps the process alive.
    Deno.unrefTimer(this.#idleTimer);
    this.#conn.unref();
    this.#options.onIdle(this);
  }

  #leaveIdle(): PendingRead | undefined {
    const idleRead = this.#idleRead;
    this.#idleRead = undefined;
    clearTimeout(this.#idleTimer);
    this.#conn.ref();
    return idleRead;
  }
}

/** The result of a read. @throws {Deno.errors.UnexpectedEof} at the end of the connection */
function receivedBytes(read: number | null): number {
  if (read === null) throw new Deno.errors.UnexpectedEof("the host closed the connection without a response");
  return read;
}

/** The body of one response. */
class ResponseBody implements ByteSource {
  readonly #conn: Deno.Conn;
  readonly #decoder: ResponseHead["body"];
  readonly #keepAliveMs: number;
  readonly #onEnd: (idleMs: number) => void;
  #chunk: Uint8Array<ArrayBuffer> | undefined;
  #isOver = false;

  /**
   * @param rest the bytes that were read together with the head
   * @param onEnd called once, when nothing more will be read. `idleMs` is how long the host accepts another request on the
   *   connection: 0 for not at all, or when the body was not read to its end
   */
  constructor(
    conn: Deno.Conn,
    { body, keepAliveMs }: ResponseHead,
    rest: Uint8Array<ArrayBuffer>,
    onEnd: (idleMs: number) => void,
  ) {
    this.#conn = conn;
    this.#decoder = body;
    this.#keepAliveMs = keepAliveMs;
    this.#onEnd = onEnd;
    if (rest.length > 0) this.#chunk = body.decode(rest);
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const decoder = this.#decoder;
    let chunk = this.#chunk;
    this.#chunk = undefined;
    // A read may return framing only.
    while (!chunk?.length && decoder.state === "open") {
      const read = await this.#conn.read(buffer);
      if (read === null) break;
      chunk = decoder.decode(buffer.subarray(0, read));
    }
    if (chunk?.length) return chunk;
    this.close();
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd(this.#decoder.state === "complete" ? this.#keepAliveMs : 0);
  }
}
