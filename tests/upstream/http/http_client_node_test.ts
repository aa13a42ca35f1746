/**
 * Generated responses through this project's HTTP client and through Node's. To look at one again, set `FIRST_SEED` to the
 * seed that the failure names and run with `FUZZ_STREAMS=1`.
 */
import { FUZZ_STREAMS } from "../../seeded_random.ts";
import { compareWithNode, HAS_NODE } from "./compare_with_node.ts";

const FIRST_SEED = 1;

Deno.test(
  `HttpClient and Node's HTTP client accept the same of ${FUZZ_STREAMS} response streams as complete`,
  { ignore: !HAS_NODE },
  async () => {
    await compareWithNode(FIRST_SEED, FUZZ_STREAMS);
  },
);
