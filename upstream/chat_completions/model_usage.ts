/**
 * Translates a provider's token counts into the data of our `usage` event. Every number is the provider's, or a sum or
 * difference of its numbers. Nothing is estimated, and inconsistent counts are left out.
 * @module
 */
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { type OpenAIUsage } from "./openai_chunk.ts";
import { lessParts, readCount, toUsage } from "../chat_events/token_counts.ts";
import { asObject, type Untrusted } from "../chat_events/untrusted_json.ts";

/** The data of the `usage` event; undefined where the object has no counts. */
export function toModelUsage(usage: Untrusted<OpenAIUsage>): ModelUsage | undefined {
  const input = asObject<OpenAIUsage["prompt_tokens_details"]>(usage.prompt_tokens_details) ?? {};
  const output = asObject<OpenAIUsage["completion_tokens_details"]>(usage.completion_tokens_details) ?? {};
  const prompt = readCount(usage.prompt_tokens);
  const completion = readCount(usage.completion_tokens);
  const total = readCount(usage.total_tokens);
  if (prompt === undefined && completion === undefined && total === undefined) return undefined;

  const citations = readCount(usage.citation_tokens) ?? 0;
  const reasoning = readCount(output.reasoning_tokens) ?? 0;
  const reasoningApart = total !== undefined && reasoning > 0 &&
    total === (prompt ?? 0) + (completion ?? 0) + reasoning;
  const totalInput = sum(prompt, citations);
  // xAI does not include reasoning in `completion_tokens`. Only the total shows that.
  const totalOutput = reasoningApart ? sum(completion, reasoning) : completion;
  const cached = readCount(input.cached_tokens) ?? readCount(usage.prompt_cache_hit_tokens) ??
    readCount(usage.cached_tokens);
  const inputAudio = readCount(input.audio_tokens);
  const inputImage = readCount(input.image_tokens);
  const outputAudio = readCount(output.audio_tokens);
  const outputImage = readCount(output.image_tokens);

  return toUsage({
    totalInputTokens: totalInput,
    totalOutputTokens: totalOutput,
    totalTokens: total === undefined ? sumOfBoth(totalInput, totalOutput) : total + citations,
  }, {
    inputTextTokens: lessParts(prompt, inputAudio, inputImage),
    inputAudioTokens: inputAudio,
    inputImageTokens: inputImage,
    inputCachedTokens: cached,
    inputCacheMissTokens: readCount(usage.prompt_cache_miss_tokens),
    inputWriteCacheTokens: readCount(input.cache_write_tokens),
    inputCitationTokens: citations,
    outputTextTokens: lessParts(totalOutput, reasoning, outputAudio, outputImage),
    outputReasoningTokens: reasoning,
    outputAudioTokens: outputAudio,
    outputImageTokens: outputImage,
    acceptedPredictionTokens: readCount(output.accepted_prediction_tokens),
    rejectedPredictionTokens: readCount(output.rejected_prediction_tokens),
    cost: readCount(usage.cost),
  });
}

function sum(base: number | undefined, extra: number): number | undefined {
  return base === undefined ? undefined : base + extra;
}

function sumOfBoth(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}
