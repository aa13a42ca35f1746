/**
 * Translates a provider's token counts into our `usage` event. Every number comes from the provider or from adding and
 * subtracting what it sent; nothing is estimated, and a count that does not add up is left out.
 * @module
 */
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { type OpenAIUsage } from "./openai_chunk.ts";
import { asObject, type Untrusted } from "../chat_events/untrusted_json.ts";

/** The usage event's data, or undefined where the object holds no count at all. */
export function toModelUsage(usage: Untrusted<OpenAIUsage>): ModelUsage | undefined {
  const input = asObject<OpenAIUsage["prompt_tokens_details"]>(usage.prompt_tokens_details) ?? {};
  const output = asObject<OpenAIUsage["completion_tokens_details"]>(usage.completion_tokens_details) ?? {};
  const prompt = count(usage.prompt_tokens);
  const completion = count(usage.completion_tokens);
  const total = count(usage.total_tokens);
  if (prompt === undefined && completion === undefined && total === undefined) return undefined;

  const citations = count(usage.citation_tokens) ?? 0;
  const reasoning = count(output.reasoning_tokens) ?? 0;
  const reasoningApart = total !== undefined && reasoning > 0 &&
    total === (prompt ?? 0) + (completion ?? 0) + reasoning;
  const totalInput = sum(prompt, citations);
  // xAI counts reasoning outside of completion_tokens; only its total tells.
  const totalOutput = reasoningApart ? sum(completion, reasoning) : completion;
  const cached = count(input.cached_tokens) ?? count(usage.prompt_cache_hit_tokens) ?? count(usage.cached_tokens);
  const inputAudio = count(input.audio_tokens);
  const inputImage = count(input.image_tokens);
  const outputAudio = count(output.audio_tokens);
  const outputImage = count(output.image_tokens);

  return present({
    totalInputTokens: totalInput,
    totalOutputTokens: totalOutput,
    totalTokens: total === undefined ? sumOfBoth(totalInput, totalOutput) : total + citations,
  }, {
    inputTextTokens: less(prompt, inputAudio, inputImage),
    inputAudioTokens: inputAudio,
    inputImageTokens: inputImage,
    inputCachedTokens: cached,
    inputCacheMissTokens: count(usage.prompt_cache_miss_tokens),
    inputWriteCacheTokens: count(input.cache_write_tokens),
    inputCitationTokens: citations,
    outputTextTokens: less(totalOutput, reasoning, outputAudio, outputImage),
    outputReasoningTokens: reasoning,
    outputAudioTokens: outputAudio,
    outputImageTokens: outputImage,
    acceptedPredictionTokens: count(output.accepted_prediction_tokens),
    rejectedPredictionTokens: count(output.rejected_prediction_tokens),
    cost: count(usage.cost),
  });
}

/** A number of something: not negative, and not beyond what is exact, so that sums stay numbers too. */
function count(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

function sum(base: number | undefined, extra: number): number | undefined {
  return base === undefined ? undefined : base + extra;
}

function sumOfBoth(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

/** What remains of `whole`, or undefined where the parts exceed it: some providers' details contradict their totals. */
function less(whole: number | undefined, ...parts: readonly (number | undefined)[]): number | undefined {
  if (whole === undefined) return undefined;
  const rest = parts.reduce<number>((left, part) => left - (part ?? 0), whole);
  return rest >= 0 ? rest : undefined;
}

/** The totals that are known, zero or not, and the details that say something. */
function present(totals: Record<string, number | undefined>, details: Record<string, number | undefined>): ModelUsage {
  return Object.fromEntries([
    ...Object.entries(totals).filter(([, value]) => value !== undefined),
    ...Object.entries(details).filter(([, value]) => value !== undefined && value > 0),
  ]);
}
