import { assert, assertEquals } from "@std/assert";
import { nextShown } from "../../../components/view/smooth_text.ts";

/** The indices up to which `text` is shown, frame by frame, when all of it has arrived. */
function stops(text: string, frameMs: number): number[] {
  const places: number[] = [];
  for (let shown = 0; shown < text.length;) {
    const next = nextShown(text, shown, frameMs);
    if (next === shown) break;
    places.push(shown = next);
  }
  return places;
}

const GRAPHEMES = ["e\u0301", "👩‍👩‍👧‍👦", "🇳🇴", "नि", "👍🏽", "각", "a"];

Deno.test("nextShown never stops inside a grapheme", () => {
  const text = GRAPHEMES.join("").repeat(20) + ".";
  const boundaries = new Set([...new Intl.Segmenter().segment(text)].map(({ index }) => index).concat(text.length));
  for (const frameMs of [1, 8, 16, 33, 100]) {
    for (const place of stops(text, frameMs)) assert(boundaries.has(place), `${place} at ${frameMs} ms`);
  }
});

for (const grapheme of GRAPHEMES.slice(0, -1)) {
  Deno.test(`nextShown holds ${grapheme} back at the end, as it may still grow`, () => {
    assertEquals(nextShown(`ab${grapheme}`, 0, 10_000), 2);
  });
}

Deno.test("nextShown shows pending text in proportion to its length, and all of it in 200 ms", () => {
  assertEquals(nextShown("x".repeat(1000), 0, 20), 100);
  assertEquals(nextShown("x".repeat(100), 0, 20), 10);
  assertEquals(nextShown("x".repeat(1000), 0, 200), 1000);
});

Deno.test("nextShown advances even for a frame of 0 ms", () => {
  assertEquals(stops("hello", 0).at(-1), 5);
});

Deno.test("nextShown reaches the end of a hostile text that is one endless grapheme", () => {
  const text = "a" + "\u0301".repeat(100_000) + ".";
  assertEquals(stops(text, 16).at(-1), text.length);
});
