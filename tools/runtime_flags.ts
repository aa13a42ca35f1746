/**
 * The flags, besides permissions, that every task runs the program with.
 * @module
 */

/**
 * Flags for `deno run` and `deno compile`. They keep V8's memory for young objects at half of its 16 MiB. Many streams
 * that open at once would otherwise let it grow several times over, which is a fifth of the memory of an idle stream.
 * Collecting in smaller steps had no measurable cost (docs/performance.md).
 */
export const RUNTIME_FLAGS: readonly string[] = ["--v8-flags=--max-semi-space-size=8"];
