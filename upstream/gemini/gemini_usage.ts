/**
 * Translates Gemini's token counts into the data of our `usage` event.
 * @module
 */
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { count, less, presentCounts, sumOfKnown, type TokenCount } from "../chat_events/token_counts.ts";
import { asList, asObject, asText, type Untrusted } from "../chat_events/untrusted_json.ts";
import type { GeminiUsage } from "./gemini_chunk.ts";

/** The data of the `usage` event; undefined where the object has no counts: Vertex sends such objects at first. */
export function toModelUsage(usage: Untrusted<GeminiUsage>): ModelUsage | undefined {
  const prompt = count(usage.promptTokenCount);
  const candidates = count(usage.candidatesTokenCount);
  const reasoning = count(usage.thoughtsTokenCount);
  const toolResults = count(usage.toolUsePromptTokenCount);
  const total = count(usage.totalTokenCount);
  if ([prompt, candidates, reasoning, total].every((each) => each === undefined)) return undefined;
  const cached = count(usage.cachedContentTokenCount);
  const input = countsByModality(usage.promptTokensDetails);
  const output = countsByModality(usage.candidatesTokensDetails);
  return presentCounts({
    totalInputTokens: prompt === undefined ? undefined : sumOfKnown(prompt, toolResults),
    totalOutputTokens: sumOfKnown(candidates, reasoning),
    totalTokens: total,
  }, {
    inputTextTokens: input.get("TEXT"),
    inputAudioTokens: input.get("AUDIO"),
    inputImageTokens: input.get("IMAGE"),
    inputCachedTokens: cached,
    inputCacheMissTokens: cached === undefined ? undefined : less(prompt, cached),
    outputTextTokens: output.get("TEXT") ?? less(candidates, output.get("IMAGE"), output.get("AUDIO")),
    outputReasoningTokens: reasoning,
    outputAudioTokens: output.get("AUDIO"),
    outputImageTokens: output.get("IMAGE"),
  });
}

function countsByModality(details: unknown): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of asList(details)) {
    const detail = asObject<{ modality: unknown; tokenCount: unknown }>(item);
    const modality = asText(detail?.modality);
    const tokens: TokenCount = count(detail?.tokenCount);
    if (modality !== undefined && tokens !== undefined) counts.set(modality, tokens);
  }
  return counts;
}
