/**
 * Ten thousand responses through this project's HTTP client and through Node's. To look at one again, set `FIRST_SEED` to the
 * seed that the failure names and `RESPONSES` to 1.
 */
import { compareWithNode, HAS_NODE } from "./compare_with_node.ts";

const FIRST_SEED = 1;
const RESPONSES = 10_000;

Deno.test(
  `HttpClient and Node's HTTP client take the same responses of ${RESPONSES} as complete`,
  { ignore: !HAS_NODE },
  async () => {
    await compareWithNode(FIRST_SEED, RESPONSES);
  },
);
