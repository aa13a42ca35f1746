/**
 * Reads a provider's body with the least work: into one small buffer, where a stream's default reader allocates 64 KiB a
 * read. Measured: half the CPU per event on paced streams; see docs/performance.md.
 * @module
 */

/** Room for a few chunks. Each open stream keeps as much. */
export const FIRST_BUFFER_BYTES = 1024;
const MAX_BUFFER_BYTES = 64 * 1024;
const BUFFER_GROWTH = 8;
/** The share of a buffer from which on more is expected. The framing between the pieces of a body takes the rest. */
const NEARLY_FULL = 0.75;

/** How long the end of a body may take after its last words, in milliseconds, before its connection is given up. */
const END_MS = 1000;
/** How many reads that end may take: a provider that goes on talking is not listened to. */
const END_READS = 8;

/** What a provider says, read piece by piece and only when asked. */
export interface ProviderBytes {
  /**
   * The next piece, or undefined at the end, after which there is nothing to ask for. **The pieces share a buffer**: one
   * is valid until the next is asked for.
   *
   * It never rejects. A connection that breaks ends the bytes like a proper end does: what follows decides by what was
   * said, not by how the bytes stopped.
   */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Lets the body go, and with it the request. A read that is under way resolves to undefined. It never rejects. */
  cancel(reason?: unknown): Promise<void>;
}

/** Where the bytes of a body come from. */
export interface ByteSource {
  /**
   * The next bytes of the body, in the memory of `buffer` or of the one given before; undefined at the end. Rejects when
   * the connection breaks.
   */
  read(buffer: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Lets the body go, whether or not it has been read to its end. */
  close(reason: unknown): Promise<void> | void;
}

/**
 * The bytes of a body that `fetch` has opened, or that behaves like one.
 * @param body a byte stream, owned by the result from here on
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

/** The bytes of any other stream, which does not fill a buffer of ours. */
export function providerBytesFrom(stream: ReadableStream<Uint8Array<ArrayBuffer>>): ProviderBytes {
  const reader = stream.getReader();
  return {
    read: () => reader.read().then(({ value }) => value, END),
    cancel: (reason) => reader.cancel(reason).catch(END),
  };
}

/** Copies of the pieces, one by one. Whoever stops taking them lets the body go. */
export async function* piecesOf(bytes: ProviderBytes): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  try {
    for (let piece = await bytes.read(); piece !== undefined; piece = await bytes.read()) yield piece.slice();
  } finally {
    await bytes.cancel();
  }
}

/** Bytes that are there already, in the place of a body: these pieces, one after the other. */
export function providerBytesIn(pieces: Iterable<Uint8Array<ArrayBuffer>>): ProviderBytes {
  const iterator = pieces[Symbol.iterator]();
  return {
    read() {
      const { done, value } = iterator.next();
      return Promise.resolve(done ? undefined : value);
    },
    cancel: () => Promise.resolve(void iterator.return?.()),
  };
}

/** The bytes of a body, read into one buffer that grows where much comes at once. */
export class BodyBytes implements ProviderBytes {
  readonly #source: ByteSource;
  #buffer: ArrayBuffer;
  /** The last words have been heard: only the body's end is to come. */
  #isDone = false;

  /** @param buffer to read into, and free from the second read on */
  constructor(source: ByteSource, buffer: ArrayBuffer = new ArrayBuffer(FIRST_BUFFER_BYTES)) {
    this.#source = source;
    this.#buffer = buffer;
  }

  read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#source.read(new Uint8Array(this.#buffer)).then(this.#take, END);
  }

  readonly #take = (bytes: Uint8Array<ArrayBuffer> | undefined): Uint8Array<ArrayBuffer> | undefined => {
    if (bytes === undefined) return undefined;
    // A buffer that is nearly full says that more was there: a burst is read in fewer, larger pieces.
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
      // What has broken already needs no letting go.
    }
  }

  /** Takes the end of a body that has said its last words: only then can the next request use the same connection. */
  async #readToEnd(): Promise<void> {
    const deadline = setTimeout(() => void this.#close(), END_MS);
    let isOpen = true;
    for (let reads = 0; isOpen && reads < END_READS; reads++) isOpen = await this.read() !== undefined;
    clearTimeout(deadline);
  }
}

/** The end of the bytes where the connection broke. */
const END = () => undefined;

/** True for bytes that end like `data: [DONE]` and its blank line. */
function endsWithDone(bytes: Uint8Array): boolean {
  const { length } = bytes;
  return bytes[length - 3] === CLOSING_BRACKET && bytes[length - 2] === LF && bytes[length - 1] === LF;
}

const LF = 10;
const CLOSING_BRACKET = 93;
