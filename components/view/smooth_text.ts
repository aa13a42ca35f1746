/**
 * How much of the waiting text to show next, so that text which arrives in bursts runs evenly. Pure. The more is
 * waiting the more is shown, so the screen is never far behind.
 * @module
 */

/** How long the text that waits now takes to appear, in milliseconds. */
const CATCH_UP_MS = 200;
/** The least that is shown at once, in UTF-16 code units. */
const MIN_CHARS = 2;
/** No grapheme worth waiting for is longer, in UTF-16 code units: a bound for hostile text. */
const MAX_GRAPHEME_CHARS = 64;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * Where to show `text` up to, `elapsedMs` after it was shown up to `shown`: never inside a grapheme, and never behind
 * one at the end that later text might still extend, such as an emoji that is joined with another.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nextShown } from "./smooth_text.ts";
 *
 * assertEquals(nextShown("Hello world", 0, 100), 6); // half of what waits, in half of the time
 * assertEquals(nextShown("👩‍👩‍👧 at home", 0, 1), 8); // the family is not torn apart
 * assertEquals(nextShown("👩‍👩‍👧", 0, 1000), 0); // and may still grow
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

/** How far the text cannot change any more. A plain letter is taken as it is: accents after it are rare in streams. */
function settledLength(text: string, shown: number): number {
  if (text.length <= shown || text.charCodeAt(text.length - 1) < 0x80) return text.length;
  const start = Math.max(shown, text.length - MAX_GRAPHEME_CHARS);
  const last = segmenter.segment(text.slice(start)).containing(text.length - start - 1);
  return start + (last?.index ?? text.length - start);
}
