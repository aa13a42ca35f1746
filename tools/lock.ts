/**
 * Brings both lock files up to date after a change of the packages in `deno.json`. Run it as
 * `deno run --no-lock --allow-run tools/lock.ts`: a task would not start, because `deno task` first compares `deno.json` with
 * the frozen lock file.
 * @module
 */

/** What a start loads: the program, its build, and what the build bundles. `deno install` would add the test packages. */
const STARTED = [
  "main.ts",
  "components/define.ts",
  "components/chat/chat_client.ts",
  "tools/build.ts",
  "tools/dev.ts",
  "tools/start.ts",
];
const COMMANDS = [
  ["cache", "--frozen=false", ...STARTED],
  ["check", "--quiet", "--frozen=false", "--lock=tests/deno.lock", "."],
];

for (const args of COMMANDS) {
  const { code } = await new Deno.Command("deno", { args, cwd: new URL("../", import.meta.url) }).spawn().status;
  if (code !== 0) Deno.exit(code);
}
