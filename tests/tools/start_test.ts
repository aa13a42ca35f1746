/** Tests `deno task start`: its server, its warning about open files, and the signals that it forwards. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { readOpenFilesLimit } from "../../tools/spawn_server.ts";
import { freePort } from "../program.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const IS_UNIX = Deno.build.os !== "windows";

Deno.test({
  name: "start warns when MAX_STREAMS does not fit the limit of open files, serves on --port, and forwards SIGTERM",
  ignore: !IS_UNIX,
  async fn() {
    const port = freePort();
    const start = [Deno.execPath(), "run", "--quiet", "--allow-all", "tools/start.ts", `--port=${port}`];
    const child = new Deno.Command("sh", {
      args: ["-c", 'ulimit -n 1024; exec "$0" "$@" 2>&1', ...start],
      env: { OPENAI_API_KEY: "", OPENAI_BASE_URL: "", PORT: "1", MAX_STREAMS: "1000" },
      cwd: ROOT,
      stdout: "piped",
    }).spawn();
    const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let printed = "";
    while (!printed.includes("Provider: ")) printed += (await output.read()).value ?? "";
    assertStringIncludes(printed, "WARNING: MAX_STREAMS is 1000, which needs 2100 open files, but the limit is 1024");
    const health = await fetch(`http://127.0.0.1:${port}/healthz`);
    assertEquals(await health.json(), { status: "ok" });
    child.kill("SIGTERM");
    while (!(await output.read()).done);
    assertEquals((await child.status).code, 0);
  },
});

Deno.test({
  name: "readOpenFilesLimit returns a whole number or undefined",
  ignore: !IS_UNIX,
  fn() {
    const limit = readOpenFilesLimit();
    assertEquals(limit === undefined || Number.isSafeInteger(limit), true);
  },
});
