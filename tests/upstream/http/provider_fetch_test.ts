/** `fetch` in the place of our HTTP client: the chat must not notice. */
import { assertEquals, assertMatch } from "@std/assert";

const ROOT = new URL("../../../", import.meta.url).pathname;
const CHAT_TESTS = ["chat_test.ts", "faults_test.ts", "access_test.ts"].map((name) => `tests/routes/${name}`);

Deno.test("the chat's tests pass with fetch in the place of HttpClient", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "--allow-all", ...CHAT_TESTS],
    cwd: ROOT,
    env: { TEST_CLIENT: "fetch", NO_COLOR: "1" },
  }).output();
  const output = new TextDecoder().decode(stdout);
  assertEquals(code, 0, output);
  assertMatch(output, /ok \| \d{2,} passed \| 0 failed/);
});
