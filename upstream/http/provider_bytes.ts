/**
 * Reads a provider's body into one small buffer that is reused. A stream's default reader allocates 64 KiB for each read,
 * which doubles the CPU time of a paced event (docs/performance.md).
 * @module
 */

/** Room for a few chunks. Each open stream holds one such buffer. */
export const FIRST_BUFFER_BYTES = 1024;
const MAX_BUFFER_BYTES = 64 * 1024;
const BUFFER_GROWTH = 8;
/** A read that fills this share of the buffer suggests that more bytes were waiting. Framing takes the rest. */
const NEARLY_FULL = 0.75;

/** How long the end of a body may take after `[DONE]`, in milliseconds, before its connection is closed. */
const END_MS = 1000;
/** How many reads that end may take, for a provider that keeps sending. */
const END_READS = 8;

/** A provider's body, read chunk by chunk on demand. */
export interface ProviderBytes {
  /**
   * The next chunk; undefined at the end, after which `read` must not be called. **The chunks share a buffer**: each is
   * valid until the next call.
   *
   * It never rejects. A broken connection ends the bytes like a complete body: the content decides whether the answer is
   * complete.
   */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Cancels the body and its request. A pending read resolves to undefined. It never rejects. */
  cancel(reason?: unknown): Promise<void>;
}

/** The source of a body's bytes. */
export interface ByteSource {
  /**
   * The next bytes of the body, in the memory of `buffer` or of the buffer before; undefined at the end. Rejects when the
   * connection breaks.
   */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Releases the body, whether it was read to its end or not. */
  close(reason: unknown): Promise<void> | void;
}

/**
 * The bytes of a `fetch` body.
 * @param body a byte stream; the result owns it
 */
export function readProviderBytes(body: ReadableStream<Uint8Array<ArrayBuffer>>): ProviderBytes {
  const reader = body.getReader({ mode: "byob" });
  return new BodyBytes({
    read: async (buffer) => {
      const { done, value } = await reader.read(buffer);
      return done ? undefined : value;
    },
    close: (reason) => reader.cancel(reason),
  });
}

/** The bytes of a stream that is not a byte stream and cannot fill our buffer. */
export function providerBytesFrom(stream: ReadableStream<Uint8Array<ArrayBuffer>>): ProviderBytes {
  const reader = stream.getReader();
  return {
    read: () => reader.read().then(({ value }) => value, END),
    cancel: (reason) => reader.cancel(reason).catch(END),
  };
}

/** Copies of the chunks. Returning early cancels the body. */
export async function* chunksOf(bytes: ProviderBytes): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  try {
    for (let chunk = await bytes.read(); chunk !== undefined; chunk = await bytes.read()) yield chunk.slice();
  } finally {
    await bytes.cancel();
  }
}

/** A body of chunks in memory. */
export function providerBytesIn(chunks: Iterable<Uint8Array<ArrayBuffer>>): ProviderBytes {
  const iterator = chunks[Symbol.iterator]();
  return {
    read() {
      const { done, value } = iterator.next();
      return Promise.resolve(done ? undefined : value);
    },
    cancel: () => Promise.resolve(void iterator.return?.()),
  };
}

/** A body that is read into one buffer, which grows where much arrives at once. */
export class BodyBytes implements ProviderBytes {
  readonly #source: ByteSource;
  #buffer: ArrayBuffer;
  /** The last read ended with `[DONE]`: only the end of the body is missing. */
  #isDone = false;

  /** @param buffer to read into; `source` may still use it until the first read resolves */
  constructor(source: ByteSource, buffer: ArrayBuffer = new ArrayBuffer(FIRST_BUFFER_BYTES)) {
    this.#source = source;
    this.#buffer = buffer;
  }

  read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#source.read(new Uint8Array(this.#buffer)).then(this.#take, END);
  }

  readonly #take = (bytes: Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> | undefined => {
    if (bytes === undefined) return undefined;
    // A nearly full buffer suggests a burst, which larger reads serve better.
    const size = bytes.buffer.byteLength;
    const mayGrow = bytes.byteLength >= size * NEARLY_FULL && size < MAX_BUFFER_BYTES;
    this.#buffer = mayGrow ? new ArrayBuffer(Math.min(size * BUFFER_GROWTH, MAX_BUFFER_BYTES)) : bytes.buffer;
    this.#isDone = endsWithDone(bytes);
    return bytes;
  };

  async cancel(reason?: unknown): Promise<void> {
    if (this.#isDone) await this.#readToEnd();
    await this.#close(reason);
  }

  async #close(reason?: unknown): Promise<void> {
    try {
      await this.#source.close(reason);
    } catch {
      // The connection was broken already.
    }
  }

  /** Reads the end of the body after `[DONE]`: only then can another request use the connection. */
  async #readToEnd(): Promise<void> {
    const deadline = setTimeout(() => void this.#close(), END_MS);
    let isOpen = true;
    for (let reads = 0; isOpen && reads < END_READS; reads++) isOpen = await this.read() !== undefined;
    clearTimeout(deadline);
  }
}

/** A broken connection ends the bytes. */
const END = () => undefined;

/** True for bytes that end like `data: [DONE]` with its blank line. */
function endsWithDone(bytes: Uint8Array): boolean {
  const { length } = bytes;
  return bytes[length - 3] === CLOSING_BRACKET && bytes[length - 2] === LF && bytes[length - 1] === LF;
}

const LF = 10;
const CLOSING_BRACKET = 93;
