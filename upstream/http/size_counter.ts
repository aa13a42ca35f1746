/**
 * Counts the bytes of a stream while they pass.
 * @module
 */

/**
 * Bytes in, the same bytes out.
 * @param onSize called before each chunk is passed on, with the number of bytes up to its end. What it throws errors the stream.
 */
export function countSize(
  onSize: (bytes: number) => void,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let size = 0;
  return new TransformStream({
    transform(chunk, controller) {
      onSize(size += chunk.byteLength);
      controller.enqueue(chunk);
    },
  });
}
