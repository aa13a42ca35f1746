/**
 * The example with two servers, Redis and nginx does what it says. It waits for a real lease, so it runs under
 * `deno task test:redis`.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { freePort, HAS_REDIS, isInstalled } from "../redis_server.ts";

const EXAMPLE = new URL("../../examples/redis/run.ts", import.meta.url).pathname;

Deno.test({
  name: "R21 R23 R24 examples/redis kills servers in mid-answer, and its readers finish",
  ignore: !HAS_REDIS || !isInstalled("nginx"),
  async fn() {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--allow-all", EXAMPLE, `--port=${freePort()}`],
      env: { NO_COLOR: "1", OPENAI_API_KEY: "", OPENAI_BASE_URL: "", CONFIG: "" },
      stdout: "piped",
      stderr: "inherit",
    }).output();
    const output = new TextDecoder().decode(stdout);
    assertEquals(code, 0, output);
    const acts = output.split(/\n(?=\d\. )/).slice(1);
    assertEquals(acts.length, 3, output);
    for (const act of acts.slice(0, 2)) assertMatch(act, /both readers have the same events/);
    // A reader at the server that was killed may have had more than Redis.
    assertMatch(acts[2]!, /both readers have the same events|the other reader was ahead: \d+ events, ending: 410/);
    assertMatch(acts[0]!, /ending: stop "stop"/);
    assertMatch(acts[1]!, /ending: stop "stop"/);
    assertMatch(acts[2]!, /ending: error .*"reason":"producer_lost"/);
    // The reader of the third act is at the server that lives on.
    assert(acts.slice(0, 2).every((act) => act.includes("connected 2 times")), output);
  },
});
