/**
 * Code and calls that the provider runs itself. They are shown among the reasoning, and never as tool calls: a client would
 * answer those.
 * @module
 */

/**
 * A Markdown block of code, as a paragraph of its own. Its fence is longer than any in the code.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { shownCode } from "./shown_code.ts";
 *
 * assertEquals(shownCode("python", "1 + 1").split("\n")[3], "1 + 1");
 * ```
 */
export function shownCode(language: string, code: string): string {
  const fences = code.match(/`{3,}/g) ?? [];
  const fence = "`".repeat(fences.reduce((longest, { length }) => Math.max(longest, length + 1), 3));
  const name = /^[\w+#.-]{1,32}$/.test(language) ? language.toLowerCase() : "";
  return `\n\n${fence}${name}\n${code}${code.endsWith("\n") ? "" : "\n"}${fence}\n\n`;
}
