/**
 * Translates Anthropic's token counts into the data of our `usage` event. Its input tokens do not include what was read
 * from the cache or written to it; ours do.
 * @module
 */
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { lessParts, readCount, toUsage } from "../chat_events/token_counts.ts";
import { asObject, type Untrusted } from "../chat_events/untrusted_json.ts";
import type { AnthropicUsage } from "./anthropic_event.ts";

/** The counts of a stream, whose later events replace those of earlier ones. Null stands for unchanged. */
export class AnthropicCounts {
  #counts: Untrusted<AnthropicUsage> = {};

  /** All counts so far; undefined while there are none. */
  get usage(): ModelUsage | undefined {
    return toModelUsage(this.#counts);
  }

  /** Takes the counts of an event. */
  take(value: unknown): void {
    const known = Object.entries(asObject<AnthropicUsage>(value) ?? {}).filter(([, count]) => count !== null);
    this.#counts = { ...this.#counts, ...Object.fromEntries(known) };
  }
}

function toModelUsage(counts: Untrusted<AnthropicUsage>): ModelUsage | undefined {
  const uncached = readCount(counts.input_tokens);
  const output = readCount(counts.output_tokens);
  if (uncached === undefined && output === undefined) return undefined;
  const written = readCount(counts.cache_creation_input_tokens) ?? 0;
  const cached = readCount(counts.cache_read_input_tokens) ?? 0;
  const input = uncached === undefined ? undefined : uncached + written + cached;
  const details = asObject<AnthropicUsage["output_tokens_details"]>(counts.output_tokens_details);
  const reasoning = readCount(details?.thinking_tokens);
  return toUsage({
    totalInputTokens: input,
    totalOutputTokens: output,
    totalTokens: input === undefined || output === undefined ? undefined : input + output,
  }, {
    inputCachedTokens: cached,
    inputWriteCacheTokens: written,
    inputCacheMissTokens: cached + written > 0 ? uncached : undefined,
    outputReasoningTokens: reasoning,
    // Without the count of reasoning the rest is not known either.
    outputTextTokens: reasoning === undefined ? undefined : lessParts(output, reasoning),
  });
}
