/** A request in the form of the Responses API. */
import { assertEquals, assertThrows } from "@std/assert";
import { ChatError } from "../../../protocol/chat_error.ts";
import type { ChatMessage, ToolDefinition } from "../../../protocol/chat_request.ts";
import type { ProviderRequest } from "../../../upstream/chat_events/dialect.ts";
import { responses } from "../../../upstream/responses/responses.ts";

const TARGET = { provider: { baseURL: "https://example.com/v1" }, model: undefined };
const USER: ChatMessage = { role: "user", content: "Hi" };
const TOOL: ToolDefinition = { type: "function", function: { name: "add", parameters: { type: "object" } } };

function bodyOf(fields: Partial<ProviderRequest>): Readonly<Record<string, unknown>> {
  const { path, body } = responses.toRequest({ model: "gpt-4o", messages: [USER], ...fields }, TARGET);
  assertEquals(path, "responses");
  return body;
}

function inputOf(messages: readonly ChatMessage[]): unknown {
  return bodyOf({ messages }).input;
}

function rejects(fields: Partial<ProviderRequest>, path: string): void {
  const error = assertThrows(() => bodyOf(fields), ChatError);
  assertEquals([error.type, error.body.path], ["InvalidRequestFormat", path]);
}

Deno.test("toRequest streams and stores nothing", () => {
  const input = [{ role: "user", content: "Hi" }];
  assertEquals(bodyOf({}), { model: "gpt-4o", input, stream: true, store: false });
});

for (
  const [model, effort, include, reasoning] of [
    ["gpt-4o", undefined, false, undefined],
    ["gpt-5-mini", undefined, true, undefined],
    ["openai/gpt-5.2", undefined, true, undefined],
    ["gpt-5-chat-latest", undefined, false, undefined],
    ["o4-mini", "high", true, { effort: "high", summary: "auto" }],
    ["gpt-5.1", "none", false, { effort: "none" }],
    ["some-model", "low", true, { effort: "low", summary: "auto" }],
  ] as const
) {
  Deno.test(`toRequest ${include ? "wants" : "does not want"} encrypted reasoning of ${model} with effort ${effort}`, () => {
    const body = bodyOf({ model, ...(effort && { reasoning_effort: effort }) });
    assertEquals(body.include, include ? ["reasoning.encrypted_content"] : undefined);
    assertEquals(body.reasoning, reasoning);
  });
}

Deno.test("toRequest keeps roles and order, and translates the parts of content", () => {
  const content = [
    { type: "text", text: "Look" },
    { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
    { type: "file", file: { file_data: "data:application/pdf;base64,BBBB" } },
    { type: "file", file: { file_data: "https://example.com/b.pdf", filename: "b.pdf" } },
    { type: "input_audio", input_audio: { data: "CCCC", format: "wav" } },
  ] as const;
  assertEquals(
    inputOf([{ role: "system", content: "S" }, { role: "user", content }, { role: "developer", content: "D" }]),
    [
      { role: "system", content: "S" },
      {
        role: "user",
        content: [
          { type: "input_text", text: "Look" },
          { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
          { type: "input_file", filename: "file.pdf", file_data: "data:application/pdf;base64,BBBB" },
          { type: "input_file", file_url: "https://example.com/b.pdf" },
          { type: "input_audio", input_audio: { data: "CCCC", format: "wav" } },
        ],
      },
      { role: "developer", content: "D" },
    ],
  );
});

Deno.test("toRequest puts encrypted reasoning before the calls that it led to, and outputs after them", () => {
  const call = {
    id: "call_1",
    type: "function",
    function: { name: "weather", arguments: '{"city":"Florence"}' },
  } as const;
  const reasoning = { content: "Hm.", signature: "responses:rs_1:QUJD :REVG" };
  const image = { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } } as const;
  assertEquals(
    inputOf([
      USER,
      { role: "assistant", content: "A", reasoning, tool_calls: [call] },
      { role: "tool", tool_call_id: "call_1", content: "40 °C" },
      { role: "tool", tool_call_id: "call_2", content: [{ type: "text", text: "seen" }, image] },
    ]),
    [
      { role: "user", content: "Hi" },
      { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "QUJD" },
      { type: "reasoning", summary: [], encrypted_content: "REVG" },
      { role: "assistant", content: "A" },
      { type: "function_call", call_id: "call_1", name: "weather", arguments: '{"city":"Florence"}' },
      { type: "function_call_output", call_id: "call_1", output: "40 °C" },
      {
        type: "function_call_output",
        call_id: "call_2",
        output: [
          { type: "input_text", text: "seen" },
          { type: "input_image", image_url: "https://example.com/a.png", detail: "low" },
        ],
      },
    ],
  );
});

Deno.test("toRequest leaves out foreign reasoning, and reasoning that nothing follows", () => {
  const foreign = { content: "Hm.", signature: "gemini:QUJD" };
  const own = { content: "Hm.", signature: "responses:rs_1:QUJD" };
  assertEquals(
    inputOf([
      { role: "assistant", content: "A", reasoning: foreign },
      { role: "assistant", content: "", reasoning: own },
      { role: "assistant", content: null, refusal: "No." },
      { role: "assistant", content: [{ type: "text", text: "B" }] },
    ]),
    [
      { role: "assistant", content: "A" },
      { role: "assistant", content: [{ type: "refusal", refusal: "No." }] },
      { role: "assistant", content: [{ type: "output_text", text: "B" }] },
    ],
  );
});

Deno.test("toRequest returns a custom tool's call and its output as such", () => {
  const call = { id: "call_1", type: "function", function: { name: "patch", arguments: "*** Begin" } } as const;
  assertEquals(
    inputOf([
      { role: "assistant", content: null, tool_calls: [{ ...call, thoughtSignature: "responses:custom_tool_call" }] },
      { role: "tool", tool_call_id: "call_1", content: "ok" },
    ]),
    [
      { type: "custom_tool_call", call_id: "call_1", name: "patch", input: "*** Begin" },
      { type: "custom_tool_call_output", call_id: "call_1", output: "ok" },
    ],
  );
});

Deno.test("toRequest declares tools flat, and not strict where the client does not say so", () => {
  const strict: ToolDefinition = { type: "function", function: { name: "now", description: "N", strict: true } };
  assertEquals(bodyOf({ tools: [TOOL, strict], parallel_tool_calls: false }), {
    ...bodyOf({}),
    tools: [
      { type: "function", name: "add", parameters: { type: "object" }, strict: false },
      { type: "function", name: "now", description: "N", parameters: { type: "object", properties: {} }, strict: true },
    ],
    parallel_tool_calls: false,
  });
  assertEquals(bodyOf({ tools: [], tool_choice: "auto", parallel_tool_calls: true }), bodyOf({}));
});

for (
  const [choice, wanted] of [
    ["required", "required"],
    [{ type: "function", function: { name: "add" } }, { type: "function", name: "add" }],
    [
      {
        type: "allowed_tools",
        allowed_tools: { mode: "auto", tools: [{ type: "function", function: { name: "add" } }] },
      },
      { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "add" }] },
    ],
  ] as const
) {
  Deno.test(`toRequest translates the tool choice ${JSON.stringify(choice)}`, () => {
    assertEquals(bodyOf({ tools: [TOOL], tool_choice: choice }).tool_choice, wanted);
  });
}

Deno.test("toRequest puts the response format into text.format", () => {
  const schema = { type: "object" };
  assertEquals(bodyOf({ response_format: { type: "text" } }).text, undefined);
  assertEquals(bodyOf({ response_format: { type: "json_object" } }).text, { format: { type: "json_object" } });
  assertEquals(
    bodyOf({ response_format: { type: "json_schema", json_schema: { name: "dog", schema, strict: true } } }).text,
    { format: { type: "json_schema", name: "dog", schema, strict: true } },
  );
});

Deno.test("toRequest passes the parameters that the API has, and refuses those that would change the answer", () => {
  const { temperature, top_p, max_output_tokens } = bodyOf({ temperature: 0, top_p: 1, max_tokens: 9, seed: 1 });
  assertEquals([temperature, top_p, max_output_tokens], [0, 1, 9]);
  assertEquals(bodyOf({ presence_penalty: 0, frequency_penalty: 0 }), bodyOf({}));
  rejects({ stop: ["END"] }, "stop");
  rejects({ presence_penalty: 0.1 }, "presence_penalty");
  rejects({ tools: [TOOL], tool_choice: { type: "function" } }, "tool_choice");
  const image = { type: "image_url", image_url: { url: "https://example.com/" } } as const;
  rejects({ messages: [USER, { role: "assistant", content: [image] }] }, "messages[1].content[0]");
});
