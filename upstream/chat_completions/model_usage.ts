/**
 * Translates a provider's token counts into the data of our `usage` event. Every number is the provider's, or a sum or
 * difference of its numbers. Nothing is estimated, and inconsistent counts are left out.
 * @module
 */
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { type OpenAIUsage } from "./openai_chunk.ts";
import { asObject, type Untrusted } from "../chat_events/untrusted_json.ts";

/** The data of the `usage` event; undefined where the object has no counts. */
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
  // xAI does not include reasoning in `completion_tokens`. Only the total shows that.
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

/** A count: not negative, and at most the largest safe integer, so that sums stay finite. */
function count(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}

function sum(base: number | undefined, extra: number): number | undefined {
  return base === undefined ? undefined : base + extra;
}

function sumOfBoth(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

/** `whole` minus its parts; undefined where they exceed it: some providers send details that contradict their totals. */
function less(whole: number | undefined, ...parts: readonly (number | undefined)[]): number | undefined {
  if (whole === undefined) return undefined;
  const rest = parts.reduce<number>((left, part) => left - (part ?? 0), whole);
  return rest >= 0 ? rest : undefined;
}

/** The known totals, zero included, and the details above zero. */
function present(totals: Record<string, number | undefined>, details: Record<string, number | undefined>): ModelUsage {
  return Object.fromEntries([
    ...Object.entries(totals).filter(([, value]) => value !== undefined),
    ...Object.entries(details).filter(([, value]) => value !== undefined && value > 0),
  ]);
}
