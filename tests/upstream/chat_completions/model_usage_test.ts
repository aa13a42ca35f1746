/** Translating a provider's token counts. */
import { assertEquals } from "@std/assert";
import type { ModelUsage } from "../../../protocol/chat_event.ts";
import { toModelUsage } from "../../../upstream/chat_completions/model_usage.ts";

const COUNTED: readonly [what: string, usage: Record<string, unknown>, expected: ModelUsage | undefined][] = [
  [
    "OpenAI's counts",
    {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 20, audio_tokens: 10, cache_write_tokens: 4 },
      completion_tokens_details: {
        reasoning_tokens: 30,
        audio_tokens: 5,
        accepted_prediction_tokens: 3,
        rejected_prediction_tokens: 2,
      },
    },
    {
      totalInputTokens: 100,
      totalOutputTokens: 50,
      totalTokens: 150,
      inputTextTokens: 90,
      inputAudioTokens: 10,
      inputCachedTokens: 20,
      inputWriteCacheTokens: 4,
      outputTextTokens: 15,
      outputReasoningTokens: 30,
      outputAudioTokens: 5,
      acceptedPredictionTokens: 3,
      rejectedPredictionTokens: 2,
    },
  ],
  [
    "images",
    {
      prompt_tokens: 9,
      completion_tokens: 8,
      total_tokens: 17,
      prompt_tokens_details: { image_tokens: 4 },
      completion_tokens_details: { image_tokens: 8 },
    },
    {
      totalInputTokens: 9,
      totalOutputTokens: 8,
      totalTokens: 17,
      inputTextTokens: 5,
      inputImageTokens: 4,
      outputImageTokens: 8,
    },
  ],
  [
    "DeepSeek's cache",
    {
      prompt_tokens: 10,
      completion_tokens: 1,
      total_tokens: 11,
      prompt_cache_hit_tokens: 6,
      prompt_cache_miss_tokens: 4,
    },
    {
      totalInputTokens: 10,
      totalOutputTokens: 1,
      totalTokens: 11,
      inputTextTokens: 10,
      inputCachedTokens: 6,
      inputCacheMissTokens: 4,
      outputTextTokens: 1,
    },
  ],
  [
    "Together's cached tokens",
    { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11, cached_tokens: 2 },
    {
      totalInputTokens: 10,
      totalOutputTokens: 1,
      totalTokens: 11,
      inputTextTokens: 10,
      inputCachedTokens: 2,
      outputTextTokens: 1,
    },
  ],
  [
    "OpenRouter's cost",
    { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost: 0.00125 },
    {
      totalInputTokens: 1,
      totalOutputTokens: 1,
      totalTokens: 2,
      inputTextTokens: 1,
      outputTextTokens: 1,
      cost: 0.00125,
    },
  ],
  [
    "Perplexity's citations, which come on top",
    { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, citation_tokens: 100 },
    {
      totalInputTokens: 110,
      totalOutputTokens: 5,
      totalTokens: 115,
      inputTextTokens: 10,
      inputCitationTokens: 100,
      outputTextTokens: 5,
    },
  ],
  [
    "xAI's reasoning outside of the completion",
    {
      prompt_tokens: 12,
      completion_tokens: 1,
      total_tokens: 303,
      completion_tokens_details: { reasoning_tokens: 290 },
    },
    {
      totalInputTokens: 12,
      totalOutputTokens: 291,
      totalTokens: 303,
      inputTextTokens: 12,
      outputTextTokens: 1,
      outputReasoningTokens: 290,
    },
  ],
  [
    "reasoning inside of the completion",
    {
      prompt_tokens: 12,
      completion_tokens: 291,
      total_tokens: 303,
      completion_tokens_details: { reasoning_tokens: 290 },
    },
    {
      totalInputTokens: 12,
      totalOutputTokens: 291,
      totalTokens: 303,
      inputTextTokens: 12,
      outputTextTokens: 1,
      outputReasoningTokens: 290,
    },
  ],
  [
    "details that exceed their total, leaving out the text they contradict",
    {
      prompt_tokens: 5,
      completion_tokens: 3,
      total_tokens: 8,
      prompt_tokens_details: { audio_tokens: 6 },
      completion_tokens_details: { reasoning_tokens: 4 },
    },
    { totalInputTokens: 5, totalOutputTokens: 3, totalTokens: 8, inputAudioTokens: 6, outputReasoningTokens: 4 },
  ],
  ["a missing total as the sum of its parts", { prompt_tokens: 2, completion_tokens: 3 }, {
    totalInputTokens: 2,
    totalOutputTokens: 3,
    totalTokens: 5,
    inputTextTokens: 2,
    outputTextTokens: 3,
  }],
  ["the prompt only, without the rest", { prompt_tokens: 7 }, { totalInputTokens: 7, inputTextTokens: 7 }],
  ["the total only", { total_tokens: 7 }, { totalTokens: 7 }],
  ["zeros", { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }, {
    totalInputTokens: 0,
    totalOutputTokens: 0,
    totalTokens: 0,
  }],
  ["nothing", {}, undefined],
  [
    "nulls",
    { prompt_tokens: null, completion_tokens: null, total_tokens: null, prompt_tokens_details: null },
    undefined,
  ],
  ["details only as nothing", { prompt_tokens_details: { cached_tokens: 3 } }, undefined],
  [
    "invalid counts as nothing",
    { prompt_tokens: "7", completion_tokens: -1, total_tokens: NaN, cached_tokens: {} },
    undefined,
  ],
  ["details of another type as nothing", {
    total_tokens: 1,
    prompt_tokens_details: [7],
    completion_tokens_details: "x",
  }, {
    totalTokens: 1,
  }],
  ["counts above the largest safe integer as nothing", {
    prompt_tokens: 1e308,
    completion_tokens: 2 ** 53,
    total_tokens: 9,
    citation_tokens: 1e308,
    cost: 1e308,
  }, { totalTokens: 9 }],
];

for (const [what, usage, expected] of COUNTED) {
  Deno.test(`toModelUsage translates ${what}`, () => assertEquals(toModelUsage(usage), expected));
}
