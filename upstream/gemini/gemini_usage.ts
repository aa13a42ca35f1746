/**
 * Translates Gemini's token counts into the data of our `usage` event.
 * @module
 */
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { lessParts, readCount, toUsage } from "../chat_events/token_counts.ts";
import { asList, asObject, asText, type Untrusted } from "../chat_events/untrusted_json.ts";
import type { GeminiUsage } from "./gemini_chunk.ts";

/** Whether the object has counts: at first, Vertex sends objects without any. */
export function hasCounts(usage: Untrusted<GeminiUsage>): boolean {
  return readCount(usage.promptTokenCount) !== undefined || readCount(usage.totalTokenCount) !== undefined;
}

/** The data of the `usage` event. */
export function toModelUsage(usage: Untrusted<GeminiUsage>): ModelUsage {
  const prompt = readCount(usage.promptTokenCount);
  const candidates = readCount(usage.candidatesTokenCount);
  const reasoning = readCount(usage.thoughtsTokenCount);
  const toolResults = readCount(usage.toolUsePromptTokenCount);
  const total = readCount(usage.totalTokenCount);
  const cached = readCount(usage.cachedContentTokenCount);
  const input = countsByModality(usage.promptTokensDetails);
  const output = countsByModality(usage.candidatesTokensDetails);
  return toUsage({
    totalInputTokens: prompt === undefined ? undefined : sumOfKnown(prompt, toolResults),
    totalOutputTokens: sumOfKnown(candidates, reasoning),
    totalTokens: total,
  }, {
    inputTextTokens: input.get("TEXT"),
    inputAudioTokens: input.get("AUDIO"),
    inputImageTokens: input.get("IMAGE"),
    inputCachedTokens: cached,
    inputCacheMissTokens: cached === undefined ? undefined : lessParts(prompt, cached),
    outputTextTokens: output.get("TEXT") ?? lessParts(candidates, output.get("IMAGE"), output.get("AUDIO")),
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
    const tokens = readCount(detail?.tokenCount);
    if (modality !== undefined && tokens !== undefined) counts.set(modality, tokens);
  }
  return counts;
}

/** The sum of the known counts; undefined where none is known. */
function sumOfKnown(...counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, each) => sum + each);
}
