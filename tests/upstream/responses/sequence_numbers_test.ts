/** Which events have come before. */
import { assertEquals } from "@std/assert";
import { SequenceNumbers } from "../../../upstream/responses/sequence_numbers.ts";

for (
  const [name, events, repeated] of [
    ["rise", [[0, "a"], [1, "b"], [2, "b"]], []],
    ["begin in the middle", [[7, "a"], [8, "b"], [7, "a"]], [2]],
    ["are repeated in a row", [[0, "a"], [1, "b"], [2, "b"], [1, "b"], [2, "b"], [3, "c"]], [3, 4]],
    ["are all the same", [[0, "a"], [0, "b"], [0, "b"]], []],
    ["are all the same, with one type", [[0, "b"], [0, "b"], [0, "b"]], []],
    ["begin again with other types", [[0, "a"], [1, "b"], [0, "c"], [1, "b"]], []],
    ["leave some out", [[0, "a"], [1, "b"], [5, "b"], [1, "b"]], []],
    ["are missing", [[undefined, "a"], [null, "a"], ["1", "a"], [0.5, "a"], [1e308, "a"]], []],
  ] as const
) {
  Deno.test(`SequenceNumbers finds the repeated events when the numbers ${name}`, () => {
    const numbers = new SequenceNumbers();
    const found = events.map(([number, type]) => numbers.isRepeated(number, type));
    assertEquals(found.flatMap((isRepeated, at) => isRepeated ? [at] : []), repeated as unknown as number[]);
  });
}
