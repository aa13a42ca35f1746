/**
 * The quirks of providers, each with its own fixture (`tests/fixtures/openai/<provider>-<quirk>.sse`) and the exact
 * events that it must give, cut in every way.
 */
import { assert, assertEquals } from "@std/assert";
import type { ChatErrorData } from "../../../protocol/chat_error.ts";
import type { ChatEvent, Citation, ModelUsage } from "../../../protocol/chat_event.ts";
import { ChatEventMapper } from "../../../upstream/chat_completions/chat_event_mapper.ts";
import { everyChunking } from "../../chunkings.ts";
import { answerOf, mapChunks } from "../answer_of.ts";

const FIXTURES = new URL("../../fixtures/openai/", import.meta.url);

const text = (data: string): ChatEvent => ({ type: "text", data });
const reasoning = (data: string): ChatEvent => ({ type: "reasoning", data });
const image = (data: string): ChatEvent => ({ type: "base64_image", data });
const stop = (data: string): ChatEvent => ({ type: "stop", data });
const usage = (data: ModelUsage): ChatEvent => ({ type: "usage", data });
const citations = (...list: Citation[]): ChatEvent => ({ type: "grounding", data: { citations: list } });
const cited = (marks: [end: number, ...citations: number[]][], ...citations: Citation[]): ChatEvent => ({
  type: "grounding",
  data: { citations, marks: marks.map(([end, ...citations]) => ({ end, citations })) },
});
const PAGE_B: Citation = { title: "B", url: "https://b.example/" };
const calls = (...list: [index: number, id: string, name: string | null, args: string][]): ChatEvent => ({
  type: "tool_calls",
  data: list.map(([index, id, name, args]) => ({ index, id, type: "function", function: { name, arguments: args } })),
});
const error = (type: ChatErrorData["type"], message: string, body?: ChatErrorData["body"]): ChatEvent => ({
  type: "error",
  data: body === undefined ? { type, message } : { type, message, body },
});
const broken = (reason: "unexpected_end" | "invalid_json"): ChatEvent =>
  error(
    "StreamChunkError",
    reason === "unexpected_end"
      ? "The model provider ended the answer before it was complete."
      : "The model provider sent something that could not be read.",
    { reason },
  );

/** The usage of most fixtures: 4 tokens in, 2 out. */
const COUNTS = {
  totalInputTokens: 4,
  totalOutputTokens: 2,
  totalTokens: 6,
  inputTextTokens: 4,
  outputTextTokens: 2,
} satisfies ModelUsage;

/** Without the `speed` event, which has its own tests. */
const EXPECTED: Readonly<Record<string, readonly ChatEvent[]>> = {
  "any-after-done": [text("Hi"), stop("stop")],
  "any-byte-order-mark-in-text": [text("\uFEFFa\uFEFF"), stop("stop")],
  "any-choice-index-of-another-type": [text("H"), text("i"), stop("stop")],
  "any-choice-without-index": [text("H"), text("i"), stop("stop")],
  "any-chunk-without-choices": [text("Hi"), usage(COUNTS), stop("stop")],
  "any-cr-line-ends": [text("Hi"), stop("stop")],
  "any-cut-between-events": [text("Hi"), text(" the"), broken("unexpected_end")],
  "any-cut-inside-of-a-character": [text("Hi"), broken("unexpected_end")],
  "any-cut-inside-of-an-event": [text("Hi"), broken("unexpected_end")],
  "any-done-alone": [stop("unknown")],
  "any-empty": [broken("unexpected_end")],
  "any-empty-data-in-between": [text("Hi"), stop("stop")],
  "any-error-event-of-another-shape": [text("Hi"), error("ProviderBizError", "The model provider reported an error.")],
  "any-first-choice-is-not-zero": [text("A"), text("B"), stop("length")],
  "any-forged-done": [text("Hi"), broken("invalid_json")],
  "any-halved-emoji": [text("\ud83d"), text("\udc4b"), stop("stop")],
  "any-hostile-fields": [text("Hi"), calls([0, "__proto__", "constructor", "{}"]), stop("stop")],
  "any-invalid-json": [text("Hi"), broken("invalid_json")],
  "any-json-that-is-no-chunk": [text("Hi"), broken("invalid_json")],
  "any-late-error-after-finish": [text("Hi"), usage(COUNTS), error("ProviderBizError", "late")],
  "any-no-space-bom-and-multi-line-data": [text("Hi"), stop("stop")],
  "any-text-after-half-a-think-tag": [text("<th"), text("No."), text("ink>still text"), stop("stop")],
  "any-unknown-fields": [text("Hi"), stop("stop")],
  "any-whole-message-instead-of-a-stream": [text("Hi"), usage(COUNTS), stop("stop")],
  "azure-choice-without-delta": [text("Hi"), stop("stop")],
  "copilot-reasoning-text": [reasoning("We"), text("Hi"), stop("stop")],
  "databricks-reasoning-summary": [reasoning("We"), reasoning(" do"), text("Hi"), stop("stop")],
  "deepseek-r1-think-tags": [
    reasoning("\nWhy"),
    reasoning("?\n"),
    text("\n\nBe"),
    text("cause <think>."),
    stop("stop"),
  ],
  "deepseek-usage-three-times": [
    reasoning("We"),
    text("Hi"),
    usage({ ...COUNTS, inputCachedTokens: 3, inputCacheMissTokens: 1 }),
    stop("stop"),
  ],
  "fastapi-detail": [error("ProviderBizError", "Internal failure")],
  "fastapi-detail-list": [error("ProviderBizError", "body.messages: field required")],
  "gemini-error-list": [text("Hi"), error("ProviderBizError", "The model is overloaded.", { code: "UNAVAILABLE" })],
  "gemini-thought-signature": [
    {
      type: "tool_calls",
      data: [{
        index: 0,
        id: "a",
        type: "function",
        function: { name: "f", arguments: "{}" },
        thoughtSignature: "gemini:s+1=",
      }],
    },
    stop("tool_calls"),
  ],
  "openai-custom-tool": [calls([0, "a", "f", "any text"]), stop("tool_calls")],
  "openai-custom-tool-at-token-limit": [text("Hi"), calls([0, "b", "g", "{}"]), stop("length")],
  "openai-custom-tool-cut": [text("Hi"), broken("unexpected_end")],
  "gemini-call-without-id-or-index": [calls([0, "made_1", "f", '{"v":1}']), usage(COUNTS), stop("stop")],
  "gemini-same-index": [calls([0, "a", "f", "{}"]), calls([1, "b", "f", "{}"]), stop("stop")],
  "gpustack-text-error-field": [text("Hi"), error("ProviderBizError", "the worker is gone")],
  "groq-empty-closing-entry": [calls([0, "a", "f", "{}"]), stop("tool_calls")],
  "groq-error-event": [
    reasoning("We"),
    error("ProviderBizError", "Tool call validation failed", { code: "tool_use_failed", status: 400 }),
  ],
  "groq-error-in-x-groq": [text("Hi"), error("ProviderBizError", "over capacity")],
  "groq-usage-in-x-groq": [text("Hi"), usage(COUNTS), stop("stop")],
  "hunyuan-search-info": [citations({ title: "T", url: "https://example.com/" }), text("A"), stop("stop")],
  "litellm-usage-without-completion": [text("Hi"), usage(COUNTS), stop("stop")],
  "llama-box-error-field": [text("Hi"), error("ProviderBizError", "the model was unloaded", { code: 500 })],
  "minimax-base-resp": [
    text("Hi"),
    error("InsufficientQuota", "The account at the model provider has no quota left.", { code: 1008 }),
  ],
  "minimax-base-resp-success": [text("Hi"), stop("stop")],
  "minimax-reasoning-details": [reasoning("We do"), text("Hi"), stop("stop")],
  "mistral-calls-without-index": [
    calls([0, "a", "plus", '{"a": 1}'], [1, "b", "minus", '{"a": 2}']),
    usage(COUNTS),
    stop("tool_calls"),
  ],
  "mistral-content-parts": [reasoning("12 × 12"), reasoning(" is"), text("1"), text("44"), stop("stop")],
  "mistral-everything-in-one-chunk": [
    citations({ url: "https://example.com/" }),
    reasoning("Hm"),
    text("Hi"),
    text("No"),
    calls([0, "a", "f", "{}"]),
    usage(COUNTS),
    stop("tool_calls"),
  ],
  "moonshot-usage-in-choice": [text("Hi"), usage({ ...COUNTS, inputCachedTokens: 1 }), stop("stop")],
  "nvidia-late-name": [
    calls([0, "a", null, ""]),
    calls([0, "a", "f", "{}"]),
    calls([0, "a", null, " "]),
    stop("tool_calls"),
  ],
  "ollama-arguments-as-object": [calls([0, "made_1", "f", '{"x":1}'], [1, "made_2", "f", '{"x":2}']), stop("stop")],
  "ollama-reasoning": [reasoning("We"), text("Hi"), stop("stop")],
  "openai-annotations": [
    text("See this."),
    cited([[3, 0]], { title: "A page", url: "https://example.com/a" }, { url: "https://example.com/b" }),
    stop("stop"),
  ],
  "openai-annotations-after-emoji": [
    ...["One", ' "two" 👋', "\n漢字 👍", " end."].map(text),
    cited([[12, 0]], PAGE_B),
    cited([[12, 0], [18, 1, 0]], PAGE_B, { title: "A", url: "https://a.example/" }),
    stop("stop"),
  ],
  "openai-content-filter": [
    text("Well"),
    error("ProviderContentPolicyViolation", "The model provider's content policy stopped the answer.", {
      finishReason: "content_filter",
    }),
  ],
  "openai-function-call": [calls([0, "made_1", "f", ""]), calls([0, "made_1", null, '{"x":1}']), stop("function_call")],
  "openai-length": [text("Well"), stop("length")],
  "openai-parallel-tool-calls": [
    calls([0, "call_a", "f", ""]),
    calls([0, "call_a", null, '{"x"']),
    calls([1, "call_b", "g", ""]),
    calls([0, "call_a", null, ":1}"], [1, "call_b", null, "{}"]),
    stop("tool_calls"),
  ],
  "openai-refusal": [text("I cannot "), text("help."), stop("stop")],
  "openai-text-usage": [text("Hel"), text("lo 👋"), usage(COUNTS), stop("stop")],
  "openai-two-choices": [text("A"), text("B"), stop("stop")],
  "openrouter-comments": [text("Hi"), stop("stop")],
  "openrouter-cost": [
    text("Hi"),
    usage({
      ...COUNTS,
      inputCachedTokens: 1,
      inputWriteCacheTokens: 2,
      outputTextTokens: 1,
      outputReasoningTokens: 1,
      cost: 0.00002,
    }),
    stop("stop"),
  ],
  "openrouter-error-midstream": [
    reasoning("We"),
    text("Hi"),
    usage(COUNTS),
    error("ProviderBizError", "Token limit reached", { code: 400 }),
  ],
  "openrouter-finish-error": [text("Hi"), error("ProviderBizError", "The model provider reported an error.")],
  "openrouter-finish-twice": [text("Hi"), usage(COUNTS), stop("stop")],
  "openrouter-images": [
    text("Here"),
    image("data:image/png;base64,QUFB"),
    text("![](<https://example.com/x.png>)"),
    image("data:image/gif;base64,QkJC"),
    image("data:image/webp;base64,Q0ND"),
    stop("stop"),
  ],
  "openrouter-reasoning-summary": [reasoning("We"), text("Hi"), stop("stop")],
  "openrouter-reasoning-twice": [reasoning("We"), reasoning(" do"), text("Hi"), stop("stop")],
  "perplexity-citations-that-change": [
    citations({ url: "https://example.com/a" }),
    text("A"),
    citations({ url: "https://example.com/a" }, { url: "https://example.com/b" }),
    text("B"),
    stop("stop"),
  ],
  "perplexity-running-usage": [
    citations({ title: "A", url: "https://example.com/a" }, { title: "B", url: "https://example.com/b" }),
    text("Hi"),
    text("!"),
    usage({ ...COUNTS, totalInputTokens: 13, totalTokens: 15, inputCitationTokens: 9 }),
    stop("stop"),
  ],
  "qwen-empty-id-later": [calls([0, "call_a", "f", ""]), calls([0, "call_a", null, "{}"]), stop("tool_calls")],
  "qwen-vl-parts-without-type": [
    text("A cat: "),
    text("![](<https://example.com/a%20cat.png>)"),
    image("data:image/png;base64,QUFB"),
    stop("stop"),
  ],
  "qwq-think-tag-never-closed": [reasoning("Why"), reasoning(" "), reasoning("</think"), stop("length")],
  "siliconflow-both-keys": [reasoning("We"), text("Hi"), stop("stop")],
  "snowflake-never-finishes": [text("Hi"), stop("unknown")],
  "tgi-text-error-event": [text("Hi"), error("ProviderBizError", "out of memory")],
  "together-cached-tokens": [text("Hi"), usage({ ...COUNTS, inputCachedTokens: 3 }), stop("stop")],
  "vllm-error-chunk": [text("Hi"), error("ProviderBizError", "out of memory", { code: 500 })],
  "vllm-error-chunk-without-message": [
    text("Hi"),
    error("ProviderBizError", "The model provider reported an error.", { code: 503 }),
  ],
  "vllm-nested-error-chunk": [
    text("Hi"),
    error("RateLimitExceeded", "The model provider is receiving too many requests. Please try again later.", {
      code: 429,
    }),
  ],
  "wenxin-search-results": [citations({ title: "T", url: "https://example.com/" }), text("A"), stop("stop")],
  "writer-no-done": [text("Hi"), stop("stop")],
  "xai-usage-with-every-chunk": [
    text("H"),
    text("i"),
    usage({ ...COUNTS, totalOutputTokens: 12, totalTokens: 16, outputReasoningTokens: 10 }),
    stop("stop"),
  ],
  "xai-whole-call-with-finish": [calls([0, "call_a", "f", '{"v":true}']), usage(COUNTS), stop("tool_calls")],
  "zhipu-link": [citations({ title: "T", url: "https://example.com/" }), text("A"), stop("stop")],
};

function withoutSpeed(events: readonly ChatEvent[]): ChatEvent[] {
  return events.filter(({ type }) => type !== "speed");
}

for (const [name, events] of Object.entries(EXPECTED)) {
  Deno.test(`ChatEventMapper emits the expected events for ${name}, however it is cut`, async () => {
    const bytes = await Deno.readFile(new URL(`${name}.sse`, FIXTURES));
    for (const { name: cut, chunks } of everyChunking(bytes)) {
      assertEquals(withoutSpeed(mapChunks(chunks)), [...events], cut);
    }
  });
}

Deno.test("every fixture has expected events", async () => {
  const names = (await Array.fromAsync(Deno.readDir(FIXTURES))).map(({ name }) => name.replace(/\.sse$/, ""));
  assertEquals(names.sort(), Object.keys(EXPECTED).sort());
});

/** The files with quirks of providers. */
const QUIRKS = [
  "chat_event_mapper.ts",
  "citations.ts",
  "model_usage.ts",
  "openai_chunk.ts",
  "think_tags.ts",
  "tool_calls.ts",
];
const PROVIDERS =
  /\b(?:Azure|Copilot|Databricks|DeepSeek-R1|DeepSeek|FastAPI|GPUStack|Gemini|Groq|Hunyuan|LiteLLM|MiniMax|Mistral|Moonshot|NVIDIA|Ollama|OpenRouter|Perplexity|Qwen-VL|Qwen|QwQ|Snowflake|TGI|Together|Wenxin|Writer|Zhipu|llama-box|vLLM|xAI)\b/g;

Deno.test("every provider in a comment of the mapper has a fixture", async () => {
  for (const file of QUIRKS) {
    const source = await Deno.readTextFile(new URL(`../../../upstream/chat_completions/${file}`, import.meta.url));
    for (const [provider] of source.matchAll(PROVIDERS)) {
      const prefix = `${provider.toLowerCase()}-`;
      assert(
        Object.keys(EXPECTED).some((name) => name.startsWith(prefix)),
        `${file} names ${provider}: no ${prefix}*.sse`,
      );
    }
  }
});

Deno.test("ChatEventMapper emits the same events through the transform, with speed before the ending", async () => {
  for (const [name, expected] of Object.entries(EXPECTED)) {
    const bytes = await Deno.readFile(new URL(`${name}.sse`, FIXTURES));
    const { events } = await answerOf([bytes]);
    const hasContent = expected.some(({ type }) => !["usage", "stop", "error"].includes(type));
    assertEquals(events.at(-2)?.type === "speed", hasContent, name);
    assertEquals(withoutSpeed(events).map(({ type }) => type), expected.map(({ type }) => type), name);
  }
});

/** A mapper with a clock that the test drives. */
function createMapper() {
  const events: ChatEvent[] = [];
  const clock = { now: 0 };
  const mapper = new ChatEventMapper({
    emit: (event) => events.push(event),
    now: () => 1000 + clock.now,
    startedAt: 1000,
    generateId: () => "made",
  });
  const chunk = (value: unknown) => mapper.onMessage({ event: "message", data: JSON.stringify(value), id: "" });
  const send = (delta: unknown, finish_reason: unknown = null) =>
    chunk({ choices: [{ index: 0, delta, finish_reason }] });
  return { events, clock, mapper, chunk, send };
}

Deno.test("ChatEventMapper measures the time to the first content, the duration and the token rate", () => {
  const { events, clock, mapper, chunk, send } = createMapper();
  clock.now = 50;
  send({ role: "assistant", content: "" });
  clock.now = 120.04;
  send({ reasoning: "a" });
  clock.now = 620.04;
  send({ content: "b" }, "stop");
  clock.now = 700;
  chunk({ choices: [], usage: { prompt_tokens: 1, completion_tokens: 20, total_tokens: 21 } });
  mapper.onMessage({ event: "message", data: "[DONE]", id: "" });
  assertEquals(events.find(({ type }) => type === "speed")?.data as unknown, {
    ttft: 120,
    tps: 40,
    duration: 500,
    latency: 700,
  });
});

Deno.test("ChatEventMapper emits no token rate when there is no usage or no duration", () => {
  for (const usage of [undefined, { completion_tokens: 9 }]) {
    const { events, clock, mapper, chunk, send } = createMapper();
    clock.now = 10;
    send({ content: "a" }, "stop");
    chunk({ choices: [], usage });
    mapper.endOfStream();
    assertEquals(events.find(({ type }) => type === "speed")?.data as unknown, { ttft: 10, duration: 0, latency: 10 });
  }
});

Deno.test("ChatEventMapper emits the error when it is interrupted, or stop when it has a finish reason", () => {
  const failed: ChatErrorData = { type: "ServerBusy", message: "Going away." };
  for (const finish of [null, "stop"]) {
    const { events, mapper, send } = createMapper();
    send({ content: "<thi" }, finish);
    mapper.interrupt(failed);
    mapper.interrupt(failed);
    mapper.endOfStream();
    send({ content: "late" });
    assertEquals(withoutSpeed(events), [
      text("<thi"),
      finish === null ? { type: "error", data: failed } : stop("stop"),
    ]);
    assert(mapper.hasEnded);
  }
});

Deno.test("ChatEventMapper emits too_many_tool_calls after the text when there are too many tool calls", () => {
  const { events, chunk, send } = createMapper();
  const tool_calls = Array.from({ length: 2000 }, (_, index) => ({ index, id: `${index}`, function: { name: "f" } }));
  chunk({ choices: [{ delta: { content: "Hi", tool_calls } }, { delta: { content: "late" } }] });
  send({ content: "later" });
  assertEquals(events.filter(({ type }) => type === "text"), [text("Hi")]);
  const end = events.at(-1);
  assertEquals(end?.type === "error" && end.data.body?.reason, "too_many_tool_calls");
});

Deno.test("ChatEventMapper emits invalid_json when arguments are nested too deeply", () => {
  const { events, mapper } = createMapper();
  // With numeric keys V8 uses the recursive JSON.stringify, which overflows the stack.
  const deep = `${'{"0":'.repeat(20_000)}1${"}".repeat(20_000)}`;
  const data = `{"choices":[{"delta":{"content":"Hi","tool_calls":[{"function":{"name":"f","arguments":${deep}}}]}}]}`;
  mapper.onMessage({ event: "message", data, id: "" });
  assert(events.length < 4 && events[1]?.type !== "tool_calls");
  assertEquals(withoutSpeed(events), [text("Hi"), broken("invalid_json")]);
});
