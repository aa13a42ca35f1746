/** The short form of `http_client_fuzz_test.ts`. */
import { compareWithNode, HAS_NODE } from "./compare_with_node.ts";

Deno.test(
  "HttpClient and Node's HTTP client take the same responses of 300 as complete",
  { ignore: !HAS_NODE },
  async () => {
    await compareWithNode(1, 300);
  },
);
