/**
 * Translates the token counts of the Responses API into the data of our `usage` event.
 * @module
 */
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { lessParts, readCount, toUsage } from "../chat_events/token_counts.ts";
import { asObject, type Untrusted } from "../chat_events/untrusted_json.ts";
import type { ResponsesUsage } from "./responses_event.ts";

/** The data of the `usage` event; undefined where the object has no counts. */
export function toModelUsage(usage: Untrusted<ResponsesUsage>): ModelUsage | undefined {
  const input = readCount(usage.input_tokens);
  const output = readCount(usage.output_tokens);
  const total = readCount(usage.total_tokens);
  if (input === undefined && output === undefined && total === undefined) return undefined;
  const inputDetails = asObject<ResponsesUsage["input_tokens_details"]>(usage.input_tokens_details);
  const outputDetails = asObject<ResponsesUsage["output_tokens_details"]>(usage.output_tokens_details);
  const cached = readCount(inputDetails?.cached_tokens);
  const reasoning = readCount(outputDetails?.reasoning_tokens);
  return toUsage({
    totalInputTokens: input,
    totalOutputTokens: output,
    totalTokens: total ?? (input === undefined || output === undefined ? undefined : input + output),
  }, {
    inputCachedTokens: cached,
    inputCacheMissTokens: cached === undefined || cached === 0 ? undefined : lessParts(input, cached),
    inputWriteCacheTokens: readCount(inputDetails?.cache_write_tokens),
    outputTextTokens: lessParts(output, reasoning),
    outputReasoningTokens: reasoning,
  });
}
