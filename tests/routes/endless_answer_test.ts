/** The short form of `endless_answer_fuzz_test.ts`. */
import { assertAnswerPassesThrough } from "./endless_answer.ts";

Deno.test("chat passes an answer of 100 MB on in bounded memory", async () => {
  await assertAnswerPassesThrough(100e6);
});
