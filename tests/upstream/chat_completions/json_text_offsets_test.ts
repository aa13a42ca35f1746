/** Text that is still JSON has the offsets of the same text as a string. */
import { assertEquals } from "@std/assert";
import { addJsonText } from "../../../upstream/chat_completions/json_text_offsets.ts";
import { TextOffsets } from "../../../upstream/chat_events/text_offsets.ts";
import { SeededRandom } from "../../seeded_random.ts";
import { STRINGS } from "../hostile_values.ts";

Deno.test("addJsonText counts what the text as a string counts, with halves of pairs and however it is cut", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new SeededRandom(seed);
    const expected = new TextOffsets("code points");
    const offsets = new TextOffsets("code points");
    const parts = random.list(8, () => random.list(6, () => random.pick(STRINGS)).join(""));
    for (const part of parts) {
      expected.add(part);
      const json = new TextEncoder().encode(JSON.stringify(part));
      addJsonText(offsets, json, 1, json.length - 1);
    }
    assertEquals(offsets.providerLength, expected.providerLength, `${seed}: ${JSON.stringify(parts)}`);
    for (let at = 1; at <= expected.providerLength; at++) {
      assertEquals(offsets.toUtf16(at), expected.toUtf16(at), `${seed}: ${at} of ${JSON.stringify(parts)}`);
    }
  }
});
