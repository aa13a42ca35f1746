/**
 * How the program is run by every task that runs it, besides its permissions.
 * @module
 */

/**
 * Flags for `deno run` and `deno compile`. The memory for young objects stays at half of V8's 16 MiB: many streams that
 * open at once would let it grow to several times that, which is a fifth of what an idle stream takes, and collecting it
 * in smaller steps costs nothing that could be measured (docs/performance.md).
 */
export const RUNTIME_FLAGS: readonly string[] = ["--v8-flags=--max-semi-space-size=8"];
