/** Offsets of providers in a text. */
import { assertEquals } from "@std/assert";
import { TextOffsets } from "../../../upstream/chat_events/text_offsets.ts";
import { SeededRandom } from "../../seeded_random.ts";

const SAMPLES = ["a", "é", "漢", "👍", " ", "\n", '"', "\\", "\u0007", "word", "👩‍🚀"];
const encoder = new TextEncoder();

/** Each boundary between two characters: its offset in bytes, code points and UTF-16 code units. */
function boundaries(text: string): { readonly bytes: number; readonly points: number; readonly units: number }[] {
  let bytes = 0;
  let units = 0;
  return Array.from(text, (char, at) => {
    bytes += encoder.encode(char).length;
    units += char.length;
    return { bytes, points: at + 1, units };
  });
}

Deno.test("TextOffsets converts every offset between characters, however the text is cut", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new SeededRandom(seed);
    const text = random.list(30, () => random.pick(SAMPLES)).join("");
    const byBytes = new TextOffsets("bytes");
    const byPoints = new TextOffsets("code points");
    for (let at = 0; at < text.length;) {
      // A cut may lie within a surrogate pair.
      const end = at + 1 + random.below(4);
      byBytes.add(text.slice(at, end));
      byPoints.add(text.slice(at, end));
      at = end;
    }
    for (const { bytes, points, units } of boundaries(text)) {
      assertEquals(byBytes.toUtf16(bytes), units, `${seed}: byte ${bytes} of ${JSON.stringify(text)}`);
      assertEquals(byPoints.toUtf16(points), units, `${seed}: point ${points} of ${JSON.stringify(text)}`);
    }
  }
});

Deno.test("TextOffsets never gives an offset within a character", () => {
  const offsets = new TextOffsets("bytes");
  offsets.add("é👍漢");
  assertEquals([1, 2, 3, 4, 5, 6, 7, 8, 9].map((at) => offsets.toUtf16(at)), [0, 1, 1, 1, 1, 3, 3, 3, 4]);
});

Deno.test("TextOffsets gives nothing for an offset that is not in the text", () => {
  const offsets = new TextOffsets("code points");
  assertEquals(offsets.toUtf16(1), undefined);
  offsets.add("abc");
  for (const offset of [0, -1, 4, 1e308, Infinity, NaN, 1.5, "2", null, undefined, {}]) {
    assertEquals(offsets.toUtf16(offset), undefined, String(offset));
  }
  assertEquals(offsets.toUtf16(3), 3);
});

Deno.test("TextOffsets keeps a limited number of runs, and converts the offsets before the limit", () => {
  const offsets = new TextOffsets("bytes");
  for (let at = 0; at < 20_000; at++) offsets.add("aé");
  assertEquals(offsets.toUtf16(3 * 8192), 2 * 8192);
  assertEquals(offsets.toUtf16(3 * 8192 + 1), undefined);
});
