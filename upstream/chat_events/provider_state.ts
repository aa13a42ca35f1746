/**
 * Opaque state that a provider wants back: signatures of reasoning, encrypted reasoning. On our wire it is marked with the
 * dialect that it came from, as `gemini:…`. The history may go to another provider, which would refuse foreign state, and
 * the shape of a signature does not tell its provider: Gemini's and Anthropic's are base64 of similar messages, and
 * encrypted reasoning is any base64.
 * @module
 */

/** State of a dialect, for a `reasoning_signature` event or a `thoughtSignature`. @param states base64, or without spaces */
export function markState(dialect: string, ...states: readonly string[]): string {
  return `${dialect}:${states.join(" ")}`;
}

/**
 * The states in a value from a history; none where the value is missing or another dialect's.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readState } from "./provider_state.ts";
 *
 * assertEquals(readState("gemini", "gemini:AAAA"), ["AAAA"]);
 * assertEquals(readState("gemini", "responses:rs_1:BBBB"), []);
 * ```
 */
export function readState(dialect: string, value: string | undefined): string[] {
  const mark = `${dialect}:`;
  if (value === undefined || !value.startsWith(mark)) return [];
  return value.slice(mark.length).split(" ").filter((state) => state !== "");
}
