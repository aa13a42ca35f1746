/**
 * The note on the tokens that an answer used.
 * @module
 */
import type { ModelUsage } from "../../protocol/chat_event.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { fillString } from "../locales/core_strings.ts";

/** Describes the usage; empty if the provider reported none. */
export function describeUsage(usage: ModelUsage | undefined, strings: ChatStrings): string {
  const { totalInputTokens: input, totalOutputTokens: output, totalTokens: total } = usage ?? {};
  if (input !== undefined && output !== undefined) {
    return fillString(strings.tokens, { in: input.toLocaleString(), out: output.toLocaleString() });
  }
  return total === undefined ? "" : fillString(strings.totalTokens, { total: total.toLocaleString() });
}
