/**
 * `deno task compile`: builds the component and writes `dist/chat-stream`, one executable with the static files inside. More
 * arguments (`--target`, `--output`) are passed on. Deno downloads the runtime for it from its own server, once.
 * @module
 */
import { build } from "./build.ts";
import { RUNTIME_FLAGS } from "./runtime_flags.ts";

const ROOT = new URL("../", import.meta.url);

/** The files that the program serves. No import names them. */
const INCLUDED = ["static"] as const;

/**
 * The arguments of `deno` that compile the program.
 * @param more passed on; an option given twice counts as it is given last
 */
export function compileArguments(more: readonly string[]): string[] {
  return [
    "compile",
    "--allow-net",
    "--allow-read",
    "--allow-env",
    ...RUNTIME_FLAGS,
    ...INCLUDED.flatMap((path) => ["--include", path]),
    ...(more.some((argument) => /^(?:--output|-o)/.test(argument)) ? [] : ["--output", "dist/chat-stream"]),
    ...more,
    "main.ts",
  ];
}

if (import.meta.main) {
  await build(ROOT);
  const compiler = new Deno.Command(Deno.execPath(), { args: compileArguments(Deno.args), cwd: ROOT });
  Deno.exit((await compiler.spawn().status).code);
}
