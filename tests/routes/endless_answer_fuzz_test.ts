/** An answer that no model writes and a hostile provider may: all of it passes, and none of it stays. */
import { assertAnswerPassesThrough } from "./endless_answer.ts";

Deno.test("chat passes an answer of 10 GB on in bounded memory", async () => {
  await assertAnswerPassesThrough(10e9);
});
