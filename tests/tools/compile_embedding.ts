/**
 * Tests what `deno task compile` embeds, with the installed Deno in place of the runtime that it would download. Such a
 * file does not run the program. Compiling takes seconds and 130 MB of disk, so `deno task test:compile` runs this.
 * @module
 */
import { assert, assertMatch } from "@std/assert";
import { compileArguments } from "../../tools/compile.ts";
import { build } from "../../tools/build.ts";

const ROOT = new URL("../../", import.meta.url);

Deno.test("deno task compile embeds the program and its static files, and no test", async () => {
  await build(ROOT);
  const folder = await Deno.makeTempDir();
  const compiler = new Deno.Command(Deno.execPath(), {
    args: compileArguments(["--output", `${folder}/chat-stream`]),
    cwd: ROOT,
    env: { DENORT_BIN: Deno.execPath(), NO_COLOR: "1" },
  });
  const { success, stdout, stderr } = await compiler.output();
  const printed = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assert(success, printed);
  assertMatch(printed, /main\.ts \(/);
  assertMatch(printed, /dist\/(?:\*|static)/);
  assert(!/tests|playwright|examples/.test(printed), printed);
  const { size } = await Deno.stat(`${folder}/chat-stream`);
  const { size: runtime } = await Deno.stat(Deno.execPath());
  console.log(`Embedded: ${((size - runtime) / 1e6).toFixed(1)} MB`);
  await Deno.remove(folder, { recursive: true });
});
