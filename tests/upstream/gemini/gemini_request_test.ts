/** A request in Gemini's form. */
import { assertEquals, assertThrows } from "@std/assert";
import { ChatError } from "../../../protocol/chat_error.ts";
import type { ChatMessage, ToolDefinition } from "../../../protocol/chat_request.ts";
import type { ProviderRequest } from "../../../upstream/chat_events/dialect.ts";
import { gemini } from "../../../upstream/gemini/gemini.ts";

const TARGET = { provider: { baseURL: "https://example.com/v1beta" }, model: undefined };
const MODEL = "gemini-2.5-flash";
const USER: ChatMessage = { role: "user", content: "Hi" };
const TOOL: ToolDefinition = {
  type: "function",
  function: { name: "add", description: "Adds.", parameters: { type: "object" } },
};

function request(fields: Partial<ProviderRequest>) {
  return gemini.toRequest({ model: MODEL, messages: [USER], ...fields }, TARGET);
}

function bodyOf(fields: Partial<ProviderRequest>): Readonly<Record<string, unknown>> {
  return request(fields).body;
}

function contentsOf(messages: readonly ChatMessage[], model = MODEL): unknown {
  return bodyOf({ messages, model }).contents;
}

function rejects(fields: Partial<ProviderRequest>, path: string): void {
  const error = assertThrows(() => request(fields), ChatError);
  assertEquals([error.type, error.body.path], ["InvalidRequestFormat", path]);
}

Deno.test("toRequest names the model in the path, and nothing else, for a plain request", () => {
  assertEquals(request({}), {
    path: "models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    body: { contents: [{ role: "user", parts: [{ text: "Hi" }] }] },
  });
  assertEquals(request({ model: "tunedModels/mine" }).path, "tunedModels/mine:streamGenerateContent?alt=sse");
});

Deno.test("toRequest lets no model's name leave its place in the path", () => {
  assertEquals(request({ model: "a:b?c#d" }).path, "models/a%3Ab%3Fc%23d:streamGenerateContent?alt=sse");
  for (const model of ["..", "models/../files", "/x", "x/", "."]) rejects({ model }, "model");
});

Deno.test("toRequest makes instructions of system and developer messages, in order", () => {
  const body = bodyOf({
    messages: [{ role: "system", content: "A" }, USER, { role: "developer", content: [{ type: "text", text: "B" }] }],
  });
  assertEquals(body.systemInstruction, { parts: [{ text: "A" }, { text: "B" }] });
  assertEquals(body.contents, [{ role: "user", parts: [{ text: "Hi" }] }]);
  rejects({ messages: [{ role: "system", content: "A" }] }, "messages");
});

Deno.test("toRequest sends images, PDFs and audio inline, and addresses as they are", () => {
  const content = [
    { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    { type: "file", file: { file_data: "data:application/pdf;base64,BBBB", filename: "a.pdf" } },
    { type: "input_audio", input_audio: { data: "CCCC", format: "wav" } },
    { type: "image_url", image_url: { url: "https://example.com/a.JPG?x" } },
    { type: "image_url", image_url: { url: "https://example.com/a" } },
  ] as const;
  assertEquals(contentsOf([{ role: "user", content }]), [{
    role: "user",
    parts: [
      { inlineData: { mimeType: "image/png", data: "AAAA" } },
      { inlineData: { mimeType: "application/pdf", data: "BBBB" } },
      { inlineData: { mimeType: "audio/wav", data: "CCCC" } },
      { fileData: { mimeType: "image/jpeg", fileUri: "https://example.com/a.JPG?x" } },
      { fileData: { fileUri: "https://example.com/a" } },
    ],
  }]);
  const file = { type: "file", file: { file_data: "BBBB" } } as const;
  rejects({ messages: [{ role: "user", content: [file] }] }, "messages[0].content[0].file.file_data");
});

Deno.test("toRequest returns calls with their signatures, and their responses in one turn", () => {
  const call = (id: string, thoughtSignature?: string) => ({
    id,
    type: "function" as const,
    function: { name: "weather", arguments: '{"city":"Florence"}' },
    ...(thoughtSignature && { thoughtSignature }),
  });
  const messages: ChatMessage[] = [
    USER,
    { role: "assistant", content: null, tool_calls: [call("c1", "gemini:QUJD"), call("c2")] },
    { role: "tool", tool_call_id: "c1", content: "40 °C" },
    { role: "tool", tool_call_id: "c2", content: "41 °C" },
  ];
  const args = { city: "Florence" };
  assertEquals(contentsOf(messages), [
    { role: "user", parts: [{ text: "Hi" }] },
    {
      role: "model",
      parts: [
        { functionCall: { id: "c1", name: "weather", args }, thoughtSignature: "QUJD" },
        { functionCall: { id: "c2", name: "weather", args } },
      ],
    },
    {
      role: "user",
      parts: [
        { functionResponse: { id: "c1", name: "weather", response: { output: "40 °C" } } },
        { functionResponse: { id: "c2", name: "weather", response: { output: "41 °C" } } },
      ],
    },
  ]);
});

Deno.test("toRequest leaves foreign signatures out, and says so where the model requires one", () => {
  const call = { id: "c1", type: "function", function: { name: "f", arguments: "" } } as const;
  const messages: ChatMessage[] = [USER, {
    role: "assistant",
    content: "A",
    reasoning: { content: "Hm.", signature: "EqQBCgIYAhIM" },
    tool_calls: [{ ...call, thoughtSignature: "responses:custom_tool_call" }, { ...call, id: "c2" }],
  }];
  const parts = (thoughtSignature?: string) => [
    { text: "A" },
    { functionCall: { id: "c1", name: "f", args: {} }, ...(thoughtSignature && { thoughtSignature }) },
    { functionCall: { id: "c2", name: "f", args: {} } },
  ];
  const [, old] = contentsOf(messages) as unknown[];
  assertEquals(old, { role: "model", parts: parts() });
  const [, next] = contentsOf(messages, "gemini-3-pro-preview") as unknown[];
  assertEquals(next, { role: "model", parts: parts("skip_thought_signature_validator") });
});

Deno.test("toRequest returns the signature of an answer as a part of its own, after the text", () => {
  const message: ChatMessage = {
    role: "assistant",
    content: "A",
    reasoning: { content: "Hm.", signature: "gemini:QUJD" },
  };
  assertEquals((contentsOf([USER, message]) as unknown[])[1], {
    role: "model",
    parts: [{ text: "A" }, { text: "", thoughtSignature: "QUJD" }],
  });
});

Deno.test("toRequest passes arguments that are no object on as text, and finds a response's name", () => {
  const call = { id: "c1", type: "function", function: { name: "f", arguments: '{"a":' } } as const;
  const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } } as const;
  const [, model, tool] = contentsOf([
    USER,
    { role: "assistant", content: null, refusal: "No.", tool_calls: [call] },
    { role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "seen" }, image] },
  ]) as { parts: unknown[] }[];
  assertEquals(model!.parts, [{ text: "No." }, {
    functionCall: { id: "c1", name: "f", args: { arguments: '{"a":' } },
  }]);
  assertEquals(tool!.parts, [
    { functionResponse: { id: "c1", name: "f", response: { output: "seen" } } },
    { inlineData: { mimeType: "image/png", data: "AAAA" } },
  ]);
  rejects({ messages: [USER, { role: "tool", tool_call_id: "x", content: "?" }] }, "messages[1].tool_call_id");
});

Deno.test("toRequest declares tools with their JSON Schema", () => {
  const bare: ToolDefinition = { type: "function", function: { name: "now" } };
  assertEquals(bodyOf({ tools: [TOOL, bare] }).tools, [{
    functionDeclarations: [
      { name: "add", description: "Adds.", parametersJsonSchema: { type: "object" } },
      { name: "now" },
    ],
  }]);
  assertEquals("tools" in bodyOf({ tools: [], tool_choice: "required" }), false);
});

for (
  const [choice, config] of [
    ["auto", undefined],
    ["none", { mode: "NONE" }],
    ["required", { mode: "ANY" }],
    [{ type: "function", function: { name: "add" } }, { mode: "ANY", allowedFunctionNames: ["add"] }],
    [
      {
        type: "allowed_tools",
        allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "add" } }] },
      },
      { mode: "VALIDATED", allowedFunctionNames: ["add"] },
    ],
  ] as const
) {
  Deno.test(`toRequest translates the tool choice ${JSON.stringify(choice)}`, () => {
    const wanted = config && { functionCallingConfig: config };
    assertEquals(bodyOf({ tools: [TOOL], tool_choice: choice }).toolConfig, wanted);
  });
}

Deno.test("toRequest refuses what Gemini cannot express, with its path", () => {
  rejects({ tools: [TOOL], tool_choice: { type: "custom", custom: { name: "x" } } }, "tool_choice");
  rejects({ response_format: { type: "grammar" } }, "response_format");
  rejects({ reasoning_effort: "extreme" }, "reasoning_effort");
});

Deno.test("toRequest puts the parameters into generationConfig", () => {
  const { generationConfig } = bodyOf({
    temperature: 0,
    top_p: 0.5,
    max_tokens: 100,
    max_completion_tokens: 90,
    stop: "END",
    presence_penalty: 0.1,
    frequency_penalty: 0.2,
    seed: 7,
    parallel_tool_calls: false,
    response_format: { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } },
  });
  assertEquals(generationConfig, {
    temperature: 0,
    topP: 0.5,
    maxOutputTokens: 90,
    stopSequences: ["END"],
    presencePenalty: 0.1,
    frequencyPenalty: 0.2,
    seed: 7,
    responseMimeType: "application/json",
    responseJsonSchema: { type: "object" },
  });
});

for (
  const [model, effort, config] of [
    ["gemini-2.5-flash", "medium", { includeThoughts: true, thinkingBudget: 8192 }],
    ["gemini-2.5-flash", "none", { thinkingBudget: 0 }],
    ["gemini-2.5-pro", "none", { thinkingBudget: 128 }],
    ["publishers/google/models/gemini-2.5-pro", "low", { includeThoughts: true, thinkingBudget: 1024 }],
    ["gemini-3-flash-preview", "minimal", { includeThoughts: true, thinkingLevel: "minimal" }],
    ["gemini-3.1-pro-preview", "minimal", { includeThoughts: true, thinkingLevel: "low" }],
    ["gemini-3.1-pro-preview", "none", { thinkingLevel: "low" }],
    ["gemini-flash-latest", "high", { includeThoughts: true, thinkingLevel: "high" }],
  ] as const
) {
  Deno.test(`toRequest lets ${model} think with effort ${effort}`, () => {
    assertEquals(bodyOf({ model, reasoning_effort: effort }).generationConfig, { thinkingConfig: config });
  });
}
