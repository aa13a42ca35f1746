/**
 * Computes how much of the pending text to show next, so that text which arrives in bursts appears evenly. Pure. More
 * pending text is shown faster, so the display never falls far behind.
 * @module
 */

/** The time in which the pending text appears, in milliseconds. */
const CATCH_UP_MS = 200;
/** The minimum to show per step, in UTF-16 code units. */
const MIN_CHARS = 2;
/** The maximum length of a grapheme that is kept whole, in UTF-16 code units: bounds the work for hostile text. */
const MAX_GRAPHEME_CHARS = 64;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Returns the index up to which to show `text`, `elapsedMs` after it was shown up to `shown`. The index is never inside
 * a grapheme, nor after a last grapheme that later text may extend, such as an emoji before a joiner.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nextShown } from "./smooth_text.ts";
 *
 * assertEquals(nextShown("Hello world", 0, 100), 6); // half of the pending text in half of the time
 * assertEquals(nextShown("👩‍👩‍👧 at home", 0, 1), 8); // a grapheme stays whole
 * assertEquals(nextShown("👩‍👩‍👧", 0, 1000), 0); // the last grapheme may still grow
 * ```
 */
export function nextShown(text: string, shown: number, elapsedMs: number): number {
  const limit = settledLength(text, shown);
  const wanted = shown + Math.max(MIN_CHARS, Math.ceil((text.length - shown) * Math.min(1, elapsedMs / CATCH_UP_MS)));
  if (wanted >= limit) return limit;
  const near = text.slice(shown, Math.min(limit, wanted + MAX_GRAPHEME_CHARS));
  const grapheme = segmenter.segment(near).containing(wanted - shown);
  if (grapheme === undefined || grapheme.index === wanted - shown) return wanted;
  return shown + grapheme.index + grapheme.segment.length;
}

/**
 * The length of the text that later text cannot change. An ASCII character counts as final: combining marks are rare.
 */
function settledLength(text: string, shown: number): number {
  if (text.length <= shown || text.charCodeAt(text.length - 1) < 0x80) return text.length;
  const start = Math.max(shown, text.length - MAX_GRAPHEME_CHARS);
  const last = segmenter.segment(text.slice(start)).containing(text.length - start - 1);
  return start + (last?.index ?? text.length - start);
}
