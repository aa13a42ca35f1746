/** Tests that the server forwards an endless answer without keeping it in memory. */
import { FUZZ_STREAMS } from "../seeded_random.ts";
import { assertAnswerPassesThrough } from "./endless_answer.ts";

/** 10 GB with the 20,000 of `deno task test:fuzz`. */
const BYTES = FUZZ_STREAMS * 500_000;

Deno.test(`chat streams ${BYTES / 1e9} GB in bounded memory`, async () => {
  await assertAnswerPassesThrough(BYTES);
});
