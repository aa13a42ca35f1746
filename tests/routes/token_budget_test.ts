/**
 * What a request is taken to cost, before and after.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { ChatError, type ChatErrorType } from "../../protocol/chat_error.ts";
import type { RequestEnding } from "../../routes/request_context.ts";
import { estimateInputTokens, TOKENS_PER_IMAGE, tokensUsed } from "../../routes/token_budget.ts";

const ENDED: RequestEnding = { status: 200, error: undefined, run: undefined, totalMs: 0 };

function user(content: string) {
  return { messages: [{ role: "user", content }] } as const;
}

Deno.test("estimateInputTokens is rather too high than too low for text of any script", () => {
  // Rules of thumb of OpenAI's tokenizers: four characters of English, one of Chinese, a third of an emoji.
  assert(estimateInputTokens(user("word ".repeat(1000))) >= 5000 / 4);
  assert(estimateInputTokens(user("漢".repeat(1000))) >= 1000);
  assert(estimateInputTokens(user("🦕".repeat(1000))) >= 1000);
});

Deno.test("estimateInputTokens counts an image by itself and not by its bytes", () => {
  const url = `data:image/png;base64,${"A".repeat(900_000)}`;
  const image = { type: "image_url", image_url: { url } } as const;
  const tokens = estimateInputTokens({ messages: [{ role: "user", content: [image, image] }] });
  assert(tokens >= 2 * TOKENS_PER_IMAGE && tokens < 2 * TOKENS_PER_IMAGE + 100, `${tokens}`);
});

const usage = (summary: object) => ({ ...ENDED, run: { outcome: "stop", events: 3, ...summary } });
const CASES: readonly [name: string, end: RequestEnding, tokens: number, isEstimate: boolean][] = [
  ["the provider's total", usage({ usage: { totalTokens: 42 } }), 42, false],
  ["the provider's parts", usage({ usage: { totalInputTokens: 30, totalOutputTokens: 12 } }), 42, false],
  ["the output beside our input", usage({ usage: { totalOutputTokens: 12 } }), 112, false],
  ["an estimate by events", usage({}), 103, true],
  ["an estimate by time where that is more", { ...usage({}), totalMs: 2000 }, 300, true],
  ["no more than was reserved", { ...usage({}), totalMs: 60_000 }, 1000, true],
  [
    "nothing for a provider's refusal that was passed on",
    { ...ENDED, status: 429, run: { outcome: "passed_on" } },
    0,
    false,
  ],
];

for (const [name, end, tokens, isEstimate] of CASES) {
  Deno.test(`tokensUsed is ${name}`, () => assertEquals(tokensUsed(end, 100, 1000), { tokens, isEstimate }));
}

for (
  const [type, tokens] of [
    ["ProviderBizError", 0],
    ["ProviderNetworkError", 0],
    ["RateLimitExceeded", 0],
    ["ModelNotFound", 0],
    ["ClientLeft", 200],
    ["ProviderTimeout", 200],
  ] as const satisfies readonly (readonly [ChatErrorType, number])[]
) {
  Deno.test(`tokensUsed is ${tokens} after a second that ended before the first byte with ${type}`, () => {
    const error = new ChatError(type, "");
    assertEquals(tokensUsed({ ...ENDED, status: error.status, error, totalMs: 1000 }, 100, 1000).tokens, tokens);
  });
}

Deno.test("tokensUsed counts an answer that broke after it had begun, whole or streamed", () => {
  const error = new ChatError("ProviderBizError", "");
  assertEquals(tokensUsed({ ...usage({}), status: error.status, error }, 100, 1000), { tokens: 103, isEstimate: true });
});
