/**
 * One HTTP/1.1 connection: requests one after the other, and response bodies read with the least work.
 * @module
 */
import { afterBlankLine } from "./blank_line.ts";
import { BodyBytes, type ByteSource, FIRST_BUFFER_BYTES, type ProviderBytes } from "./provider_bytes.ts";
import { BadResponseError, parseHead, type ResponseHead } from "./response_head.ts";

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

/** An open connection, used by one request at a time. */
export class HttpConnection {
  readonly #conn: Deno.Conn;
  readonly #onIdle: (connection: HttpConnection) => void;
  #isOpen = true;
  #idleSince = 0;
  /**
   * The read that will bring the next response. If it resolves while the connection is idle, the host has closed the
   * connection or sent something unasked: close it.
   */
  #idleRead: PendingRead | undefined;

  /** @param onIdle called when a response has been read to its end and the connection can be used again */
  constructor(conn: Deno.Conn, onIdle: (connection: HttpConnection) => void) {
    this.#conn = conn;
    this.#onIdle = onIdle;
  }

  /** True where the connection is open and has been idle for less than `ms` milliseconds. */
  isFresh(ms: number): boolean {
    return this.#isOpen && performance.now() - this.#idleSince < ms;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#conn.close();
  }

  /**
   * Sends a request. The connection is closed when `signal` aborts, also while the body is being read.
   * @param request all of its bytes
   * @returns the response; undefined where the host closed a used connection without a response: it may not have received
   *   the request
   */
  async send(
    request: Uint8Array,
    signal: AbortSignal,
  ): Promise<{ head: ResponseHead; body: ProviderBytes } | undefined> {
    const abort = () => this.close();
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    let isWritten = false;
    const finish = (isReusable: boolean) => {
      signal.removeEventListener("abort", abort);
      if (isReusable && isWritten && this.#isOpen) this.#becomeIdle();
      else this.close();
    };
    const idleRead = this.#idleRead;
    this.#idleRead = undefined;
    this.#conn.ref();
    try {
      // A host may respond before it has read the whole request. A failed write shows in the reads.
      this.#write(request).then(() => isWritten = true, () => {});
      const start = await this.#readHead(idleRead);
      if (start === undefined) return void finish(false);
      const { head, rest } = start;
      return { head, body: new BodyBytes(new ResponseBody(this.#conn, head, rest, finish), rest.buffer) };
    } catch (error) {
      finish(false);
      throw error;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }

  /** Reads up to the end of the head, and perhaps beyond it. */
  async #readHead(idleRead: PendingRead | undefined): Promise<ResponseStart | undefined> {
    let buffer = idleRead?.buffer ?? new Uint8Array(FIRST_BUFFER_BYTES);
    let filled = await idleRead?.read.catch(() => null) ?? 0;
    if (idleRead !== undefined && filled === 0) return undefined;
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
      const read = await this.#conn.read(buffer.subarray(filled));
      if (read === null) throw new BadResponseError("the host closed the connection before its response");
      filled += read;
    }
  }

  #becomeIdle(): void {
    this.#idleSince = performance.now();
    const buffer = new Uint8Array(FIRST_BUFFER_BYTES);
    const idleRead = this.#idleRead = { buffer, read: this.#conn.read(buffer) };
    const closeIfIdle = () => {
      if (this.#idleRead === idleRead) this.close();
    };
    idleRead.read.then(closeIfIdle, closeIfIdle);
    // Don't keep the process alive.
    this.#conn.unref();
    this.#onIdle(this);
  }
}

/** The body of one response. */
class ResponseBody implements ByteSource {
  readonly #conn: Deno.Conn;
  readonly #decoder: ResponseHead["body"];
  readonly #isPersistent: boolean;
  readonly #onEnd: (isReusable: boolean) => void;
  #chunk: Uint8Array<ArrayBuffer> | undefined;
  #isOver = false;

  /**
   * @param rest what was read together with the head
   * @param onEnd called once, when nothing more will be read; `isReusable` says that the connection stands at the end of
   *   this response and the host allows another request
   */
  constructor(
    conn: Deno.Conn,
    { body, isPersistent }: ResponseHead,
    rest: Uint8Array<ArrayBuffer>,
    onEnd: (isReusable: boolean) => void,
  ) {
    this.#conn = conn;
    this.#decoder = body;
    this.#isPersistent = isPersistent;
    this.#onEnd = onEnd;
    if (rest.length > 0) this.#chunk = body.decode(rest);
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const decoder = this.#decoder;
    let chunk = this.#chunk;
    this.#chunk = undefined;
    // A read may bring framing only.
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
    this.#onEnd(this.#decoder.state === "complete" && this.#isPersistent);
  }
}
