/** A request in Anthropic's form. */
import { assertEquals, assertThrows } from "@std/assert";
import { ChatError } from "../../../protocol/chat_error.ts";
import type { ChatMessage, ToolCall, ToolDefinition } from "../../../protocol/chat_request.ts";
import { anthropic, DEFAULT_MAX_TOKENS } from "../../../upstream/anthropic/anthropic.ts";
import type { ProviderRequest } from "../../../upstream/chat_events/dialect.ts";
import type { ModelConfig, ProviderQuirks } from "../../../upstream/chat_events/provider_config.ts";

const MODEL = "claude-haiku-4-5";
const USER: ChatMessage = { role: "user", content: "Hi" };
const TOOL: ToolDefinition = {
  type: "function",
  function: { name: "add", description: "Adds.", parameters: { properties: {} }, strict: true },
};
const CALL: ToolCall = { id: "t1", type: "function", function: { name: "add", arguments: '{"a":1}' } };
const RESULT: ChatMessage = { role: "tool", tool_call_id: "t1", content: "2" };
const CACHE = { cache_control: { type: "ephemeral" } };

function request(
  fields: Partial<ProviderRequest>,
  quirks: ProviderQuirks = { promptCaching: false },
  model?: ModelConfig,
) {
  const provider = { baseURL: "https://example.com/v1", ...quirks };
  return anthropic.toRequest({ model: MODEL, messages: [USER], ...fields }, { provider, model });
}

function bodyOf(fields: Partial<ProviderRequest>): Readonly<Record<string, unknown>> {
  return request(fields).body;
}

function messagesOf(...messages: readonly ChatMessage[]): unknown {
  return bodyOf({ messages }).messages;
}

Deno.test("toRequest names the version, and sends what the API requires, for a plain request", () => {
  assertEquals(request({}), {
    path: "messages",
    headers: { "anthropic-version": "2023-06-01" },
    body: {
      model: MODEL,
      max_tokens: DEFAULT_MAX_TOKENS,
      messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
      stream: true,
    },
  });
});

Deno.test("toRequest takes the output limit from the request, else from the model's configuration", () => {
  assertEquals(
    request({ max_tokens: 7, max_completion_tokens: 5 }, {}, { name: MODEL, maxOutputTokens: 9 }).body.max_tokens,
    5,
  );
  assertEquals(request({}, {}, { name: MODEL, maxOutputTokens: 9 }).body.max_tokens, 9);
});

Deno.test("toRequest makes instructions of system and developer messages, and turns of the others", () => {
  const body = bodyOf({
    messages: [
      { role: "system", content: "A" },
      USER,
      { role: "user", content: [{ type: "text", text: "there" }] },
      { role: "developer", content: "B" },
      { role: "assistant", content: "Hello " },
      { role: "assistant", content: "you. " },
    ],
  });
  assertEquals(body.system, [{ type: "text", text: "A" }, { type: "text", text: "B" }]);
  assertEquals(body.messages, [
    { role: "user", content: [{ type: "text", text: "Hi" }, { type: "text", text: "there" }] },
    { role: "assistant", content: [{ type: "text", text: "Hello " }, { type: "text", text: "you." }] },
  ]);
});

Deno.test("toRequest leaves out text of white space only, and messages without anything else", () => {
  assertEquals(messagesOf({ role: "user", content: " \n" }, { role: "assistant", content: "" }, USER), [
    { role: "user", content: [{ type: "text", text: "Hi" }] },
  ]);
});

Deno.test("toRequest sends images, PDFs and texts as blocks of their own", () => {
  const content = [
    { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    { type: "image_url", image_url: { url: "https://example.com/a.png" } },
    { type: "file", file: { file_data: "data:application/pdf;base64,JVBERi0=", filename: "a.pdf" } },
    { type: "file", file: { file_data: "JVBERi0x" } },
    { type: "file", file: { file_data: "data:text/plain;base64,SMO8", filename: "a.txt" } },
    { type: "file", file: { file_data: "https://example.com/b.pdf", filename: "b.pdf" } },
  ] as const;
  assertEquals(messagesOf({ role: "user", content }), [{
    role: "user",
    content: [
      { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" }, title: "a.pdf" },
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0x" } },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "Hü" }, title: "a.txt" },
      { type: "document", source: { type: "url", url: "https://example.com/b.pdf" }, title: "b.pdf" },
    ],
  }]);
});

const UNSUPPORTED: readonly [path: string, fields: Partial<ProviderRequest>][] = [
  ["messages[0].content[0]", {
    messages: [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "A", format: "wav" } }] }],
  }],
  ["messages[0].content[0].image_url.url", {
    messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "ftp://a/b" } }] }],
  }],
  ["messages[0].content[0].file.file_data", {
    messages: [{ role: "user", content: [{ type: "file", file: { file_data: "data:application/zip;base64,AAAA" } }] }],
  }],
  ["tool_choice", { tools: [TOOL], tool_choice: { type: "allowed_tools" } }],
  ["response_format", { response_format: { type: "json_object" } }],
];
for (const [path, fields] of UNSUPPORTED) {
  Deno.test(`toRequest refuses ${path} where the API has nothing for it`, () => {
    const error = assertThrows(() => request(fields), ChatError);
    assertEquals([error.type, error.body.path], ["InvalidRequestFormat", path]);
  });
}

Deno.test("toRequest sends calls with their results in the user's turn", () => {
  const messages = messagesOf(
    USER,
    {
      role: "assistant",
      content: "I add.",
      tool_calls: [CALL, { ...CALL, id: "f.g:0", function: { name: "add", arguments: "{" } }],
    },
    RESULT,
    {
      role: "tool",
      tool_call_id: "f.g:0",
      content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA" } }],
    },
    { role: "user", content: "Well?" },
  );
  assertEquals(messages, [
    { role: "user", content: [{ type: "text", text: "Hi" }] },
    {
      role: "assistant",
      content: [
        { type: "text", text: "I add." },
        { type: "tool_use", id: "t1", name: "add", input: { a: 1 } },
        { type: "tool_use", id: "f_g_0", name: "add", input: {} },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "t1", content: [{ type: "text", text: "2" }] },
        {
          type: "tool_result",
          tool_use_id: "f_g_0",
          content: [{ type: "image", source: { type: "base64", media_type: "image/png", data: "AA" } }],
        },
        { type: "text", text: "Well?" },
      ],
    },
  ]);
});

Deno.test("toRequest sends tools with their schemas, and the names of called tools where the client offers none", () => {
  const { tools, tool_choice } = bodyOf({ tools: [TOOL] });
  assertEquals([tools, tool_choice], [
    [{ name: "add", description: "Adds.", input_schema: { type: "object", properties: {} } }],
    undefined,
  ]);
  const loop = bodyOf({ messages: [USER, { role: "assistant", content: null, tool_calls: [CALL] }, RESULT] });
  assertEquals([loop.tools, loop.tool_choice], [[{ name: "add", input_schema: { type: "object" } }], { type: "none" }]);
  assertEquals("tools" in bodyOf({ tools: [] }), false);
});

const CHOICES: readonly [choice: ProviderRequest["tool_choice"], parallel: boolean | undefined, sent: unknown][] = [
  ["auto", undefined, { type: "auto" }],
  ["none", false, { type: "none" }],
  ["required", undefined, { type: "any" }],
  ["required", false, { type: "any", disable_parallel_tool_use: true }],
  [undefined, false, { type: "auto", disable_parallel_tool_use: true }],
  [{ type: "function", function: { name: "add" } }, true, { type: "tool", name: "add" }],
];
for (const [choice, parallel, sent] of CHOICES) {
  Deno.test(`toRequest sends the choice ${JSON.stringify(choice)} with parallel calls ${parallel}`, () => {
    const fields = {
      ...(choice && { tool_choice: choice }),
      ...(parallel !== undefined && { parallel_tool_calls: parallel }),
    };
    assertEquals(bodyOf({ tools: [TOOL], ...fields }).tool_choice, sent);
  });
}

Deno.test("toRequest returns signed and redacted thinking, and leaves out another provider's", () => {
  const thinkingOf = (reasoning: NonNullable<ChatMessage["reasoning"]>): unknown => {
    const [, answer] = messagesOf(USER, { role: "assistant", content: "A", reasoning }, USER) as {
      content: { type: string }[];
    }[];
    return answer!.content.filter(({ type }) => type !== "text");
  };
  assertEquals(thinkingOf({ content: "Hm.", signature: "QUI=" }), [{
    type: "thinking",
    thinking: "Hm.",
    signature: "QUI=",
  }]);
  assertEquals(thinkingOf({ content: "", signature: "QUI=" }), [{ type: "thinking", thinking: "", signature: "QUI=" }]);
  const state = 'anthropic:[{"chars":2,"signature":"QQ=="},{"data":"UkVE"},{"chars":1,"signature":"Qg=="}]';
  assertEquals(thinkingOf({ content: "abc", signature: state }), [
    { type: "thinking", thinking: "ab", signature: "QQ==" },
    { type: "redacted_thinking", data: "UkVE" },
    { type: "thinking", thinking: "c", signature: "Qg==" },
  ]);
  for (const signature of ["gemini:QUI=", "responses:rs_1:QUI=", "anthropic:{", "anthropic:[7]", ""]) {
    assertEquals(thinkingOf({ content: "abc", signature }), [], signature);
  }
  assertEquals(thinkingOf({ content: "changed", signature: state }), []);
  assertEquals(thinkingOf({ content: "DeepSeek's" }), []);
});

const EFFORTS: readonly [model: string, effort: string | undefined, sent: Readonly<Record<string, unknown>>][] = [
  [MODEL, undefined, {}],
  [MODEL, "none", {}],
  [MODEL, "low", { thinking: { type: "enabled", budget_tokens: 2048 } }],
  ["claude-3-7-sonnet-20250219", "medium", { thinking: { type: "enabled", budget_tokens: 5000 } }],
  ["claude-sonnet-4-20250514", "high", { thinking: { type: "enabled", budget_tokens: 5000 } }],
  ["claude-3-5-haiku-20241022", "high", {}],
  ["claude-opus-4-6", "high", {
    thinking: { type: "adaptive", display: "summarized" },
    output_config: { effort: "high" },
  }],
  ["claude-new-5", "minimal", {
    thinking: { type: "adaptive", display: "summarized" },
    output_config: { effort: "low" },
  }],
];
for (const [model, effort, sent] of EFFORTS) {
  Deno.test(`toRequest makes ${model} think as its generation does when the effort is ${effort}`, () => {
    const body = bodyOf({ model, max_tokens: 10_000, temperature: 0.5, ...(effort && { reasoning_effort: effort }) });
    const { thinking, output_config } = body;
    assertEquals(
      { ...(thinking !== undefined && { thinking }), ...(output_config !== undefined && { output_config }) },
      sent,
    );
    assertEquals("temperature" in body, thinking === undefined);
  });
}

Deno.test("toRequest lets a model not think when it must call a tool, and in a loop that began elsewhere", () => {
  assertEquals("thinking" in bodyOf({ reasoning_effort: "low", tools: [TOOL], tool_choice: "required" }), false);
  const calls = (reasoning?: ChatMessage["reasoning"]): ChatMessage[] => [
    USER,
    { role: "assistant", content: null, tool_calls: [CALL], ...(reasoning && { reasoning }) },
    RESULT,
  ];
  assertEquals("thinking" in bodyOf({ reasoning_effort: "low", tools: [TOOL], messages: calls() }), false);
  const own = calls({ content: "Hm.", signature: "QUI=" });
  assertEquals("thinking" in bodyOf({ reasoning_effort: "low", tools: [TOOL], messages: own }), true);
});

Deno.test("toRequest sends the sampling that the model accepts", () => {
  assertEquals(bodyOf({ temperature: 1.7, top_p: 0.5 }).temperature, 1);
  assertEquals("top_p" in bodyOf({ temperature: 1, top_p: 0.5 }), false);
  assertEquals(bodyOf({ top_p: 0.5 }).top_p, 0.5);
  assertEquals("temperature" in bodyOf({ model: "claude-opus-4-7", temperature: 0.5 }), false);
});

Deno.test("toRequest sends stop sequences that are not white space, and a schema for the answer", () => {
  assertEquals(bodyOf({ stop: ["END", "\n"] }).stop_sequences, ["END"]);
  assertEquals("stop_sequences" in bodyOf({ stop: " " }), false);
  const schema = { type: "object" };
  const { output_config } = bodyOf({ response_format: { type: "json_schema", json_schema: { name: "a", schema } } });
  assertEquals(output_config, { format: { type: "json_schema", schema } });
  assertEquals("output_config" in bodyOf({ response_format: { type: "text" } }), false);
});

Deno.test("toRequest marks instructions, tools and the last two turns for the cache, unless it is switched off", () => {
  const messages: ChatMessage[] = [
    { role: "system", content: "A" },
    { role: "system", content: "B" },
    USER,
    { role: "assistant", content: "1" },
    USER,
    { role: "assistant", content: "2" },
    { role: "user", content: [{ type: "text", text: "C" }, { type: "text", text: "D" }] },
  ];
  const fields = { messages, tools: [TOOL, TOOL] };
  const { system, tools, messages: sent } = request(fields, {}).body as Record<string, { content?: unknown[] }[]>;
  const marks = (items: readonly unknown[]) => items.map((item) => "cache_control" in (item as object));
  assertEquals([marks(system!), marks(tools!)], [[false, true], [false, true]]);
  assertEquals(sent!.map(({ content }) => marks(content!)), [[false], [false], [true], [false], [false, true]]);
  assertEquals(sent![2]!.content, [{ type: "text", text: "Hi", ...CACHE }]);
  assertEquals(JSON.stringify(request(fields).body).includes("cache_control"), false);
});
