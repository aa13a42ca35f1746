/**
 * One connection to a host, over which requests go one after the other, and answers are read with the least work.
 * @module
 */
import { afterBlankLine } from "./blank_line.ts";
import { type AnswerHead, BadAnswerError, parseHead } from "./http_response.ts";
import { BodyBytes, type ByteSource, FIRST_BUFFER_BYTES, type ProviderBytes } from "./provider_bytes.ts";

/** The longest head of an answer, in bytes: twice what Node takes. */
const MAX_HEAD_BYTES = 32 * 1024;

/** An answer: its head, and its body to be read. */
export interface HttpAnswer extends Pick<AnswerHead, "status" | "headers"> {
  readonly bytes: ProviderBytes;
}

/** A read under way. */
interface PendingRead {
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** How many bytes came; null where the host has closed. */
  readonly read: Promise<number | null>;
}

/** The beginning of an answer. */
interface AnswerStart {
  readonly head: AnswerHead;
  /** What came with the head. Its memory is free when that has been read. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/** A connection that is open, and asked one thing at a time. */
export class HttpConnection {
  readonly #conn: Deno.Conn;
  readonly #onIdle: (connection: HttpConnection) => void;
  #isOpen = true;
  #idleSince = 0;
  /**
   * While nobody asks: the read that will bring the next answer. That it ends before anybody has asked says that the host
   * has closed the connection, or is not to be trusted with it.
   */
  #watch: PendingRead | undefined;

  /** @param onIdle called when an answer has been read to its end and the connection can be asked again */
  constructor(conn: Deno.Conn, onIdle: (connection: HttpConnection) => void) {
    this.#conn = conn;
    this.#onIdle = onIdle;
  }

  /** True where the connection can be asked, for all that is known, and has not waited longer than `ms` milliseconds. */
  isFresh(ms: number): boolean {
    return this.#isOpen && performance.now() - this.#idleSince < ms;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#conn.close();
  }

  /**
   * Sends a request. The connection is closed when `signal` aborts, also while the answer is being read.
   * @param request all of it
   * @returns the answer; or undefined where the host has closed without a word a connection that it had answered on
   *   before: it may not have heard the request
   */
  async ask(request: Uint8Array, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const abort = () => this.close();
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    let isWritten = false;
    const end = (isAtEnd: boolean) => {
      signal.removeEventListener("abort", abort);
      if (isAtEnd && isWritten && this.#isOpen) this.#wait();
      else this.close();
    };
    const watch = this.#watch;
    this.#watch = undefined;
    this.#conn.ref();
    try {
      // A host may answer before it has heard all. That it hears nothing any more is seen at reading.
      this.#write(request).then(() => isWritten = true, () => {});
      const start = await this.#readHead(watch);
      if (start === undefined) return void end(false);
      const { head, rest } = start;
      return { ...head, bytes: new BodyBytes(new AnswerBody(this.#conn, head, rest, end), rest.buffer) };
    } catch (error) {
      end(false);
      throw error;
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }

  /** Reads as far as the end of the head, and perhaps beyond. */
  async #readHead(watch: PendingRead | undefined): Promise<AnswerStart | undefined> {
    let buffer = watch?.buffer ?? new Uint8Array(FIRST_BUFFER_BYTES);
    let filled = await watch?.read.catch(() => null) ?? 0;
    if (watch !== undefined && filled === 0) return undefined;
    for (let start = 0, seen = 0;;) {
      for (let end = -1; (end = afterBlankLine(buffer.subarray(0, filled), seen)) !== -1; start = seen = end) {
        const head = parseHead(buffer.subarray(start, end));
        // What is said on the way there, such as 103, is nothing to us.
        if (head.status >= 200) return { head, rest: buffer.subarray(end, filled) };
      }
      seen = Math.max(start, filled - 3);
      if (filled === MAX_HEAD_BYTES) throw new BadAnswerError("the head of the answer is too long");
      if (filled === buffer.length) {
        const larger = new Uint8Array(filled * 2);
        larger.set(buffer);
        buffer = larger;
      }
      const read = await this.#conn.read(buffer.subarray(filled));
      if (read === null) throw new BadAnswerError("the host closed the connection before its answer was there");
      filled += read;
    }
  }

  /** Until somebody asks again. */
  #wait(): void {
    this.#idleSince = performance.now();
    const buffer = new Uint8Array(FIRST_BUFFER_BYTES);
    const watch = this.#watch = { buffer, read: this.#conn.read(buffer) };
    const closeUnasked = () => {
      if (this.#watch === watch) this.close();
    };
    watch.read.then(closeUnasked, closeUnasked);
    // No reason for the process to stay.
    this.#conn.unref();
    this.#onIdle(this);
  }
}

/** The body of one answer. */
class AnswerBody implements ByteSource {
  readonly #conn: Deno.Conn;
  readonly #decoder: AnswerHead["body"];
  readonly #isPersistent: boolean;
  readonly #onEnd: (isAtEnd: boolean) => void;
  #piece: Uint8Array<ArrayBuffer> | undefined;
  #isOver = false;

  /**
   * @param rest what was read with the head
   * @param onEnd called once, when nothing more will be read, with whether the connection is at the end of this answer and
   *   may be asked again
   */
  constructor(
    conn: Deno.Conn,
    { body, isPersistent }: AnswerHead,
    rest: Uint8Array<ArrayBuffer>,
    onEnd: (isAtEnd: boolean) => void,
  ) {
    this.#conn = conn;
    this.#decoder = body;
    this.#isPersistent = isPersistent;
    this.#onEnd = onEnd;
    if (rest.length > 0) this.#piece = body.decode(rest);
  }

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const decoder = this.#decoder;
    let piece = this.#piece;
    this.#piece = undefined;
    // A read may bring nothing but the framing between two pieces.
    while (!piece?.length && decoder.state === "open") {
      const read = await this.#conn.read(buffer);
      if (read === null) break;
      piece = decoder.decode(buffer.subarray(0, read));
    }
    if (piece?.length) return piece;
    this.close();
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd(this.#decoder.state === "complete" && this.#isPersistent);
  }
}
