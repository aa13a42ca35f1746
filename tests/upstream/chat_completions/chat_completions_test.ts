/** A chat completion request, in the provider's own fields. */
import { assertEquals } from "@std/assert";
import type { ChatMessage, ToolDefinition } from "../../../protocol/chat_request.ts";
import { chatCompletions } from "../../../upstream/chat_completions/chat_completions.ts";
import type { ProviderRequest } from "../../../upstream/chat_events/dialect.ts";
import type { ProviderQuirks } from "../../../upstream/chat_events/provider_config.ts";

const USER: ChatMessage = { role: "user", content: "Hi" };
const TOOL: ToolDefinition = { type: "function", function: { name: "f" } };
const ADDRESS = { baseURL: "https://example.com/v1" };

function bodyOf(fields: Partial<ProviderRequest>, quirks: ProviderQuirks = {}): Readonly<Record<string, unknown>> {
  const request = { model: "m", messages: [USER], ...fields };
  return chatCompletions.toRequest(request, { provider: { ...ADDRESS, ...quirks }, model: undefined }).body;
}

Deno.test("toRequest sends the known fields, and requests the usage", () => {
  assertEquals(bodyOf({ temperature: 1, seed: 2 }), {
    model: "m",
    messages: [USER],
    temperature: 1,
    seed: 2,
    stream: true,
    stream_options: { include_usage: true },
  });
  assertEquals("stream_options" in bodyOf({}, { streamOptions: false }), false);
});

Deno.test("toRequest sends the smallest output limit in the provider's field", () => {
  const limits = ({ max_tokens, max_completion_tokens }: Readonly<Record<string, unknown>>) => [
    max_tokens,
    max_completion_tokens,
  ];
  assertEquals(limits(bodyOf({ max_completion_tokens: 9 })), [9, undefined]);
  assertEquals(limits(bodyOf({ max_tokens: 9 }, { outputLimitField: "max_completion_tokens" })), [undefined, 9]);
  assertEquals(limits(bodyOf({ max_tokens: 9, max_completion_tokens: 5 })), [5, undefined]);
  assertEquals(limits(bodyOf({})), [undefined, undefined]);
});

Deno.test("toRequest sends no empty list of tools, and no choice without tools", () => {
  const { tools, tool_choice } = bodyOf({ tools: [], tool_choice: "auto", parallel_tool_calls: false });
  assertEquals([tools, tool_choice], [undefined, undefined]);
  assertEquals(bodyOf({ tools: [TOOL], tool_choice: "auto" }).tool_choice, "auto");
});

Deno.test("toRequest returns reasoning and signatures only where the provider has fields for them", () => {
  const call = { id: "a", type: "function" as const, function: { name: "f", arguments: "{}" } };
  const messages: ChatMessage[] = [
    USER,
    {
      role: "assistant",
      content: null,
      reasoning: { content: "Hm.", signature: "QUI=" },
      tool_calls: [{ ...call, thoughtSignature: "gemini:QUI=" }, { ...call, id: "b", thoughtSignature: "x:QUI=" }],
    },
  ];
  const answerOf = (quirks: ProviderQuirks) => (bodyOf({ messages }, quirks).messages as unknown[])[1];
  const plain = { role: "assistant", content: null, tool_calls: [call, { ...call, id: "b" }] };
  assertEquals(answerOf({}), plain);
  assertEquals(answerOf({ reasoningField: "reasoning_content" }), { ...plain, reasoning_content: "Hm." });
  assertEquals(answerOf({ thoughtSignatures: true }), {
    ...plain,
    tool_calls: [{ ...call, extra_content: { google: { thought_signature: "QUI=" } } }, { ...call, id: "b" }],
  });
});

Deno.test("toRequest sends an empty reasoning_content for answers of another provider in a conversation with calls", () => {
  const call = { id: "c", type: "function", function: { name: "f", arguments: "{}" } } as const;
  const messages: ChatMessage[] = [
    USER,
    { role: "assistant", content: null, tool_calls: [call] },
    { role: "tool", tool_call_id: "c", content: "7" },
    { role: "assistant", content: "a", reasoning: { content: "Hm." } },
  ];
  const reasoningIn = (quirks: ProviderQuirks, sent = messages, model = "m") =>
    (bodyOf({ messages: sent, model }, quirks).messages as Record<string, unknown>[]).map((message) => [
      message.reasoning_content,
      message.reasoning,
    ]);
  const [none, hm] = [[undefined, undefined], "Hm."];
  assertEquals(reasoningIn({ reasoningField: "reasoning_content" }), [none, ["", undefined], none, [hm, undefined]]);
  assertEquals(reasoningIn({ reasoningField: "reasoning" }), [none, none, none, [undefined, hm]]);
  assertEquals(reasoningIn({}), [none, none, none, none]);
  const viaOpenRouter = (model: string) => reasoningIn({ reasoningField: "reasoning" }, messages, model);
  assertEquals(viaOpenRouter("deepseek/deepseek-v4-pro"), [none, ["", undefined], none, [hm, hm]]);
  assertEquals(viaOpenRouter("mistralai/mistral-large"), [none, none, none, [undefined, hm]]);
  const plain: ChatMessage[] = [USER, { role: "assistant", content: "a" }, USER];
  assertEquals(reasoningIn({ reasoningField: "reasoning_content" }, plain), [none, none, none]);
});

Deno.test("toRequest sends images, sound and PDFs as they are", () => {
  const content = [
    { type: "text", text: "What is this?" },
    { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
    { type: "input_audio", input_audio: { data: "BBBB", format: "mp3" } },
    { type: "file", file: { file_data: "data:application/pdf;base64,CCCC", filename: "a.pdf" } },
  ] as const;
  assertEquals(bodyOf({ messages: [{ role: "user", content }] }).messages, [{ role: "user", content }]);
});

Deno.test("toRequest sends a refusal in the history as content", () => {
  const { messages } = bodyOf({ messages: [USER, { role: "assistant", content: "", refusal: "No." }] });
  assertEquals(messages, [USER, { role: "assistant", content: "No." }]);
});

const REFUSALS: readonly [body: unknown, quirks: ProviderQuirks, changed: ProviderQuirks | undefined][] = [
  [{ error: { message: "Unrecognized request argument: stream_options" } }, {}, { streamOptions: false }],
  [{ detail: [{ loc: ["body", "stream_options"], msg: "Extra inputs are not permitted" }] }, {}, {
    streamOptions: false,
  }],
  [{ error: { message: "stream_options" } }, { streamOptions: false }, undefined],
  [
    {
      error: {
        message:
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      },
    },
    {},
    { outputLimitField: "max_completion_tokens" },
  ],
  [
    {
      detail: [{
        type: "extra_forbidden",
        loc: ["body", "max_completion_tokens"],
        msg: "Extra inputs are not permitted",
      }],
    },
    { outputLimitField: "max_completion_tokens" },
    { outputLimitField: "max_tokens" },
  ],
  [{ error: { message: "max_tokens is too large: 9000. This model supports at most 4096." } }, {}, undefined],
  [{ error: { message: "Unsupported parameter: seed" } }, {}, undefined],
];
for (const [body, quirks, changed] of REFUSALS) {
  Deno.test(`adapt ${changed ? "changes" : "keeps"} the settings ${JSON.stringify(quirks)} for ${JSON.stringify(body)}`, () => {
    const provider = { ...ADDRESS, ...quirks };
    assertEquals(chatCompletions.adapt!(JSON.stringify(body), provider), changed && { ...provider, ...changed });
  });
}
