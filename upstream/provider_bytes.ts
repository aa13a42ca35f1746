/**
 * Reads a provider's body with the least work: one small buffer that is handed back and forth (BYOB), where the default
 * reader allocates 64 KiB a read. Measured: half the CPU per event on paced streams; see docs/performance.md.
 * @module
 */

/** Room for a few chunks. Each open stream keeps as much. */
const FIRST_BUFFER_BYTES = 2 * 1024;
const MAX_BUFFER_BYTES = 64 * 1024;
const BUFFER_GROWTH = 8;

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

/**
 * The bytes of a body.
 * @param reader its BYOB reader, owned by the result from here on
 * @param first bytes already read from it, delivered first
 */
export function readProviderBytes(
  reader: ReadableStreamBYOBReader,
  first?: Uint8Array<ArrayBuffer>,
): ProviderBytes {
  return new BodyBytes(reader, first);
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

class BodyBytes implements ProviderBytes {
  readonly #reader: ReadableStreamBYOBReader;
  #first: Uint8Array<ArrayBuffer> | undefined;
  #buffer = new ArrayBuffer(FIRST_BUFFER_BYTES);
  /** The last words have been heard: only the body's end is to come. */
  #isDone = false;

  constructor(reader: ReadableStreamBYOBReader, first: Uint8Array<ArrayBuffer> | undefined) {
    this.#reader = reader;
    this.#first = first;
  }

  read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const first = this.#first;
    if (first === undefined) return this.#reader.read(new Uint8Array(this.#buffer)).then(this.#take, END);
    this.#first = undefined;
    return Promise.resolve(first);
  }

  readonly #take = (
    { done, value }: ReadableStreamReadResult<Uint8Array<ArrayBuffer>>,
  ): Uint8Array<ArrayBuffer> | undefined => {
    if (done) return undefined;
    // A full buffer says that more was there: a burst is read in fewer, larger pieces.
    const size = value.buffer.byteLength;
    const mayGrow = value.byteLength === size && size < MAX_BUFFER_BYTES;
    this.#buffer = mayGrow ? new ArrayBuffer(Math.min(size * BUFFER_GROWTH, MAX_BUFFER_BYTES)) : value.buffer;
    this.#isDone = endsWithDone(value);
    return value;
  };

  async cancel(reason?: unknown): Promise<void> {
    if (this.#isDone) await readToEnd(this.#reader, this.#buffer);
    // What has broken already needs no letting go.
    await this.#reader.cancel(reason).catch(() => {});
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

/** Takes the end of a body that has said its last words: only then can the next request use the same connection. */
async function readToEnd(reader: ReadableStreamBYOBReader, buffer: ArrayBuffer): Promise<void> {
  const deadline = setTimeout(() => void reader.cancel().catch(() => {}), END_MS);
  try {
    let lent = buffer;
    for (let reads = 0; reads < END_READS; reads++) {
      const { done, value } = await reader.read(new Uint8Array(lent));
      if (done) return;
      lent = value.buffer;
    }
  } catch {
    // The connection broke, and nothing depended on it any more.
  } finally {
    clearTimeout(deadline);
  }
}
