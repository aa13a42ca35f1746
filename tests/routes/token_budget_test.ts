/** Tests the estimated and the counted tokens of a request, and budgets with clients that leave and hostile providers. @module */
import { assert, assertEquals } from "@std/assert";
import { NO_RATE_LIMITS, RateLimits } from "../../routes/rate_limits.ts";
import { contentChunk, sse } from "../fake_openai.ts";
import { eventsOf, TestServer, textOf } from "../test_server.ts";
import { ChatError, type ChatErrorType } from "../../protocol/chat_error.ts";
import type { RequestEnding } from "../../routes/request_context.ts";
import {
  estimateInputTokens,
  FILE_CHARS_PER_TOKEN,
  TOKENS_PER_FILE,
  TOKENS_PER_IMAGE,
  tokensUsed,
} from "../../routes/token_budget.ts";

const ENDED: RequestEnding = { status: 200, error: undefined, run: undefined, totalMs: 0 };

function user(content: string) {
  return { messages: [{ role: "user", content }] } as const;
}

Deno.test("estimateInputTokens is not too low for text of any script", () => {
  // Rules of thumb of OpenAI's tokenizers: four characters of English, one of Chinese, a third of an emoji.
  assert(estimateInputTokens(user("word ".repeat(1000))) >= 5000 / 4);
  assert(estimateInputTokens(user("漢".repeat(1000))) >= 1000);
  assert(estimateInputTokens(user("🦕".repeat(1000))) >= 1000);
});

Deno.test("estimateInputTokens counts a fixed number for an image, not its bytes", () => {
  const url = `data:image/png;base64,${"A".repeat(900_000)}`;
  const image = { type: "image_url", image_url: { url } } as const;
  const tokens = estimateInputTokens({ messages: [{ role: "user", content: [image, image] }] });
  assert(tokens >= 2 * TOKENS_PER_IMAGE && tokens < 2 * TOKENS_PER_IMAGE + 100, `${tokens}`);
});

Deno.test("estimateInputTokens counts a file by its size, and an address as one page", () => {
  const file = (file_data: string) => ({ type: "file", file: { file_data } }) as const;
  const content = [file("A".repeat(FILE_CHARS_PER_TOKEN * 10_000)), file("https://files.example/a.pdf")];
  const tokens = estimateInputTokens({ messages: [{ role: "user", content }] });
  assert(tokens >= 10_000 + TOKENS_PER_FILE && tokens < 10_100 + TOKENS_PER_FILE, `${tokens}`);
});

const usage = (summary: object) => ({ ...ENDED, run: { outcome: "stop", events: 3, ...summary } });
const CASES: readonly [name: string, end: RequestEnding, tokens: number, isEstimate: boolean][] = [
  ["the provider's total", usage({ usage: { totalTokens: 42 } }), 42, false],
  ["the provider's parts", usage({ usage: { totalInputTokens: 30, totalOutputTokens: 12 } }), 42, false],
  ["the provider's output and the estimated input", usage({ usage: { totalOutputTokens: 12 } }), 112, false],
  ["an estimate from the events", usage({}), 103, true],
  ["an estimate from the time where that is more", { ...usage({}), totalMs: 2000 }, 300, true],
  ["an estimate from the text where that is more", usage({ contentBytes: 600 }), 400, true],
  ["no more than was reserved", { ...usage({}), totalMs: 60_000 }, 1000, true],
  ["no more than was reserved for text that its limit allows", usage({ contentBytes: 2700 }), 1000, true],
  ["more than was reserved where the provider wrote more", usage({ contentBytes: 6000 }), 2100, true],
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

Deno.test("tokensUsed adds the input for each further try", () => {
  for (const [name, end, tokens] of CASES) {
    assertEquals(tokensUsed(end, 100, 1000, 3).tokens, tokens + 200, name);
  }
});

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
  Deno.test(`tokensUsed is ${tokens} when ${type} ends a request after a second and before the first byte`, () => {
    const error = new ChatError(type, "");
    assertEquals(tokensUsed({ ...ENDED, status: error.status, error, totalMs: 1000 }, 100, 1000).tokens, tokens);
  });
}

Deno.test("tokensUsed counts an answer that fails after its first events", () => {
  const error = new ChatError("ProviderBizError", "");
  assertEquals(tokensUsed({ ...usage({}), status: error.status, error }, 100, 1000), { tokens: 103, isEstimate: true });
});

/** Forty chunks of a hundred tokens. */
const FOUR_THOUSAND_TOKENS = Array.from({ length: 40 }, () => sse(contentChunk("word ".repeat(100)))[0]!);

function limitsOf(tokensPerDay: number): RateLimits {
  return new RateLimits({ ...NO_RATE_LIMITS, tokensPerDay, limitLocal: true });
}

Deno.test("/api/chat refuses requests before abandoned answers cost twice the budget", async () => {
  using rates = limitsOf(20_000);
  await using server = new TestServer({
    script: () => ({ body: FOUR_THOUSAND_TOKENS, end: "stall" }),
    limits: { rates },
  });
  let refused = 0;
  for (let count = 0; count < 99; count++) {
    const client = new AbortController();
    const response = await server.chat(undefined, { signal: client.signal });
    if (response.status === 429) {
      refused++;
      await response.body?.cancel();
    } else {
      await readUntilText(response, 40 * 500);
      client.abort();
    }
    // The budget is settled before the request is logged.
    await server.nextLogEntry();
  }
  const spent = 4000 * server.provider.requests.length;
  assert(spent < 40_000, `${spent} tokens`);
  assertEquals(refused, 99 - server.provider.requests.length);
});

Deno.test("/api/chat ends an answer beyond its output limit when the budget is used up", async () => {
  using rates = limitsOf(10_000);
  function* endless() {
    while (true) yield* FOUR_THOUSAND_TOKENS;
  }
  await using server = new TestServer({ script: () => ({ body: endless() }), limits: { rates } });
  const events = await eventsOf(await server.chat());
  const last = events.at(-1);
  assertEquals(last?.type === "error" && last.data, {
    type: "RateLimitExceeded",
    message: "The day's budget does not cover this request. Please try again later.",
    body: { limit: { name: "tokens-per-day", quota: 10_000, windowSeconds: 86_400 } },
  });
  assertEquals(events.filter(({ type }) => type === "stop" || type === "error").length, 1);
  const text = textOf(events);
  assertEquals(text, "word ".repeat(text.length / 5));
  assert(text.length / 5 > 5000 && text.length / 5 <= 20_000, `${text.length / 5} tokens`);
  await server.provider.until(({ openSockets }) => openSockets === 0);
  assertEquals((await server.nextLogEntry()).outcome, "RateLimitExceeded");
});

Deno.test("/api/chat sends a whole answer beyond its output limit while the budget covers it", async () => {
  using rates = limitsOf(100_000);
  const body = [...FOUR_THOUSAND_TOKENS, ...FOUR_THOUSAND_TOKENS, ...sse("[DONE]")];
  await using server = new TestServer({ script: () => ({ body }), limits: { rates } });
  const events = await eventsOf(await server.chat());
  assertEquals([textOf(events), events.at(-1)?.type], ["word ".repeat(8000), "stop"]);
});

for (
  const [name, fields, limit] of [
    ["the reserved tokens where the client has no limit", {}, { max_tokens: 4096 }],
    ["the client's max_tokens", { max_tokens: 50 }, { max_tokens: 50 }],
    ["the client's max_completion_tokens", { max_completion_tokens: 60 }, { max_tokens: 60 }],
    ["the smaller limit of two", { max_tokens: 50, max_completion_tokens: 60 }, { max_tokens: 50 }],
  ] as const
) {
  Deno.test(`/api/chat sends the provider ${name} when there is a budget`, async () => {
    using rates = limitsOf(100_000);
    await using server = new TestServer({ script: () => ({ body: sse("[DONE]") }), limits: { rates } });
    await eventsOf(await server.chat({ messages: [{ role: "user", content: "Hi" }], ...fields }));
    const { max_tokens, max_completion_tokens } = server.provider.requests[0]!.body;
    assertEquals(JSON.stringify({ max_tokens, max_completion_tokens }), JSON.stringify(limit));
  });
}

/** Reads until so many characters of text have arrived. */
async function readUntilText(response: Response, chars: number): Promise<void> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (let wire = ""; wire.split("word ").length - 1 < chars / 5;) {
    const { value, done } = await reader.read();
    assert(!done, "the answer ended early");
    wire += value;
  }
}

Deno.test("tokensUsed counts a failed request that a provider may have read, and the input of each further one", () => {
  const error = new ChatError("ProviderNetworkError", "");
  const failed = { ...ENDED, status: error.status, error };
  assertEquals([0, 1, 3].map((paid) => tokensUsed(failed, 100, 1000, paid).tokens), [0, 100, 300]);
  assertEquals(tokensUsed(usage({ usage: { totalTokens: 42 } }), 100, 1000, 2).tokens, 142);
});
