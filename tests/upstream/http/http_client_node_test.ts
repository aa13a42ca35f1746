/**
 * Compares this project's HTTP client with Node's on generated responses. To repeat one, set `FIRST_SEED` to the seed that
 * the failure names and run with `FUZZ_STREAMS=1`.
 */
import { FUZZ_STREAMS } from "../../seeded_random.ts";
import { compareWithNode, HAS_NODE } from "./compare_with_node.ts";

const FIRST_SEED = 1;

Deno.test(
  `HttpClient accepts the same of ${FUZZ_STREAMS} response streams as complete as Node's HTTP client`,
  { ignore: !HAS_NODE },
  async () => {
    await compareWithNode(FIRST_SEED, FUZZ_STREAMS);
  },
);
