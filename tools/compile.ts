/**
 * `deno task compile`: builds the component and writes `dist/chat-stream`, one executable with the static files inside. It
 * passes further arguments (`--target`, `--output`) on to `deno compile`, which downloads its runtime once from Deno's own
 * server. `DENORT_BIN=<path>` uses a runtime from the disk instead.
 *
 * The program is embedded as one bundle: 0.5 MB, where its sources and packages would be 26 MB.
 * @module
 */
import { build } from "./build.ts";
import { RUNTIME_FLAGS } from "./runtime_flags.ts";

const ROOT = new URL("../", import.meta.url);

/** The systems that each release has an executable for. */
export const TARGETS: readonly string[] = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

/** The files that the program serves. No import names them. */
const INCLUDED = ["dist/static"] as const;

/**
 * The arguments of `deno` that compile the program.
 * @param more further arguments, put after our own so that they win
 */
export function compileArguments(more: readonly string[]): string[] {
  return [
    "compile",
    "--allow-net",
    "--allow-read",
    "--allow-env",
    // The executable never asks: what it may not do fails.
    "--no-prompt",
    "--bundle",
    "--minify",
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
