/**
 * Reads a provider's body with the least work: one small buffer that is handed back and forth (BYOB), where the default
 * reader allocates 64 KiB a read. Measured: half the CPU per event on paced streams; see docs/performance.md.
 * @module
 */

const FIRST_BUFFER_BYTES = 4 * 1024;
const MAX_BUFFER_BYTES = 64 * 1024;

/** How long the end of a body may take after its last words, in milliseconds, before its connection is given up. */
const END_MS = 1000;
/** How many reads that end may take: a provider that goes on talking is not listened to. */
const END_READS = 8;

/**
 * The body's bytes as a stream that reads only when asked. **The chunks share a buffer**: one is valid until the next is
 * asked for, so its reader must be done with it by then, as a `TransformStream` with a synchronous transform is.
 *
 * A connection that breaks ends the stream like a proper end does: what follows decides by what was said, not by how
 * the bytes stopped, and an errored stream would drop what is queued before the break. Cancelling it cancels the body,
 * and with it the request.
 *
 * @param reader the body's BYOB reader, owned by the stream from here on
 * @param first bytes already read from it, delivered first
 */
export function readProviderBytes(
  reader: ReadableStreamBYOBReader,
  first?: Uint8Array<ArrayBuffer>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let buffer = new ArrayBuffer(FIRST_BUFFER_BYTES);
  let isDone = false;
  return new ReadableStream({
    start(controller) {
      if (first !== undefined) controller.enqueue(first);
    },
    async pull(controller) {
      try {
        const { done, value } = await reader.read(new Uint8Array(buffer));
        if (done) return controller.close();
        // A full buffer says that more was there: a burst is read in fewer, larger pieces.
        const wasFull = value.byteLength === value.buffer.byteLength && value.byteLength < MAX_BUFFER_BYTES;
        buffer = wasFull ? new ArrayBuffer(value.byteLength * 4) : value.buffer;
        isDone = endsWithDone(value);
        controller.enqueue(value);
      } catch {
        controller.close();
      }
    },
    async cancel(reason) {
      if (isDone) await readToEnd(reader);
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

/** True for bytes that end like `data: [DONE]` and its blank line. */
function endsWithDone(bytes: Uint8Array): boolean {
  const { length } = bytes;
  return bytes[length - 3] === CLOSING_BRACKET && bytes[length - 2] === LF && bytes[length - 1] === LF;
}

const LF = 10;
const CLOSING_BRACKET = 93;

/** Takes the end of a body that has said its last words: only then can the next request use the same connection. */
async function readToEnd(reader: ReadableStreamBYOBReader): Promise<void> {
  const deadline = setTimeout(() => void reader.cancel().catch(() => {}), END_MS);
  try {
    for (let reads = 0; reads < END_READS; reads++) {
      if ((await reader.read(new Uint8Array(256))).done) return;
    }
  } catch {
    // The connection broke, and nothing depended on it any more.
  } finally {
    clearTimeout(deadline);
  }
}
