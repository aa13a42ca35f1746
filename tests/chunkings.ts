/**
 * The ways in which a network may cut bytes into chunks. A stream's reader must give the same result for all of them.
 * @module
 */
import { SeededRandom } from "./seeded_random.ts";

/** One way of cutting bytes. The joined chunks are the bytes. */
export interface Chunking {
  /** How the bytes are cut, for the message of a failed assertion. */
  readonly name: string;
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
}

const RANDOM_SEEDS = 8;

/** Bytes in one chunk, byte by byte, message by message, cut in two at each position, and in random chunks, some empty. */
export function* everyChunking(bytes: Uint8Array<ArrayBuffer>): Generator<Chunking> {
  yield* fewChunkings(bytes);
  for (let at = 1; at < bytes.length; at++) {
    yield { name: `cut at ${at}`, chunks: [bytes.subarray(0, at), bytes.subarray(at)] };
  }
}

/** The same without the cuts in two, for long streams. */
export function* fewChunkings(bytes: Uint8Array<ArrayBuffer>): Generator<Chunking> {
  yield { name: "whole", chunks: [bytes] };
  yield { name: "byte by byte", chunks: Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)) };
  yield { name: "message by message", chunks: cutAtBlankLines(bytes) };
  for (let seed = 1; seed <= RANDOM_SEEDS; seed++) {
    yield { name: `random chunks, seed ${seed}`, chunks: cutAtRandom(bytes, new SeededRandom(seed)) };
  }
}

/** Chunks that end after a blank line, as from a provider that sends each message separately. */
export function cutAtBlankLines(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let start = 0;
  for (let at = 1; at < bytes.length; at++) {
    const endsBlankLine = bytes[at] === LF && (bytes[at - 1] === LF || (bytes[at - 1] === CR && bytes[at - 2] === LF));
    if (!endsBlankLine) continue;
    chunks.push(bytes.subarray(start, at + 1));
    start = at + 1;
  }
  if (start < bytes.length) chunks.push(bytes.subarray(start));
  return chunks;
}

const LF = 10;
const CR = 13;

/** Chunks of 0 to 2 × `meanBytes` bytes. */
export function cutAtRandom(
  bytes: Uint8Array<ArrayBuffer>,
  random: SeededRandom,
  meanBytes = Math.max(4, bytes.length / 16),
): Uint8Array<ArrayBuffer>[] {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + random.below(2 * meanBytes));
    chunks.push(bytes.subarray(at, end));
    at = end;
  }
  return chunks;
}
