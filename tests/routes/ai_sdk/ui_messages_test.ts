/**
 * The messages of the AI SDK as ours, and what is refused.
 */
import { assertEquals, assertThrows } from "@std/assert";
import { ChatError } from "../../../protocol/chat_error.ts";
import { toChatMessages, UI_MESSAGES } from "../../../routes/ai_sdk/ui_messages.ts";
import { parseChatRequest } from "../../../routes/parse_chat_request.ts";
import { parseBody } from "../../../routes/request_schema.ts";

const PNG = "data:image/png;base64,AAAA";

function base64(text: string): string {
  return new TextEncoder().encode(text).toBase64();
}

function tool(state: string, more: object = {}): object {
  return { type: "tool-sum", toolCallId: "a", state, input: { x: 1 }, ...more };
}

const CALL = { id: "a", type: "function", function: { name: "sum", arguments: '{"x":1}' } };

/** Name, their messages, ours. */
const CASES: readonly (readonly [name: string, theirs: readonly unknown[], ours: readonly object[]])[] = [
  ["text", [
    { id: "1", role: "system", parts: [{ type: "text", text: "Be " }, { type: "text", text: "brief" }] },
    { id: "2", role: "user", parts: [{ type: "text", text: "Hi", state: "done" }], metadata: { a: 1 } },
    { id: "3", role: "assistant", parts: [{ type: "step-start" }, { type: "text", text: "Hello" }] },
  ], [
    { role: "system", content: "Be brief" },
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello" },
  ]],
  ["files of every kind", [{
    role: "user",
    parts: [
      { type: "text", text: "See" },
      { type: "file", mediaType: "image/png", url: PNG, filename: "a.png" },
      { type: "file", mediaType: "image/*", url: "https://a.example/a.png" },
      { type: "file", mediaType: "audio/mpeg", url: "data:audio/mpeg;base64,AAAA" },
      { type: "file", mediaType: "text/csv", url: `data:text/csv;base64,${base64("ä;b")}`, filename: "t.csv" },
      { type: "file", mediaType: "application/pdf", url: "data:application/pdf;base64,AAAA", filename: "d.pdf" },
    ],
  }], [{
    role: "user",
    content: [
      { type: "text", text: "See" },
      { type: "image_url", image_url: { url: PNG } },
      { type: "image_url", image_url: { url: "https://a.example/a.png" } },
      { type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } },
      { type: "text", text: "t.csv:\nä;b" },
      { type: "file", file: { file_data: "data:application/pdf;base64,AAAA", filename: "d.pdf" } },
    ],
  }]],
  ["a tool loop of two rounds, with the states of the provider", [{
    role: "assistant",
    parts: [
      { type: "step-start" },
      { type: "reasoning", text: "Hm", providerMetadata: { "chat-stream": { signature: "sig" } } },
      { type: "text", text: "Wait" },
      tool("output-available", {
        output: { y: 2 },
        callProviderMetadata: { "chat-stream": { thoughtSignature: "thought" } },
      }),
      { type: "step-start" },
      { type: "dynamic-tool", toolName: "now", toolCallId: "b", state: "output-available", input: {}, output: "12:00" },
      { type: "step-start" },
      { type: "text", text: "Done" },
    ],
  }], [
    {
      role: "assistant",
      content: "Wait",
      reasoning: { content: "Hm", signature: "sig" },
      tool_calls: [{ ...CALL, thoughtSignature: "thought" }],
    },
    { role: "tool", tool_call_id: "a", content: '{"y":2}' },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "b", type: "function", function: { name: "now", arguments: "{}" } }],
    },
    { role: "tool", tool_call_id: "b", content: "12:00" },
    { role: "assistant", content: "Done" },
  ]],
  [
    "the result of a tool that failed",
    [{ role: "assistant", parts: [tool("output-error", { errorText: "Broken" })] }],
    [
      { role: "assistant", content: null, tool_calls: [CALL] },
      { role: "tool", tool_call_id: "a", content: "Broken" },
    ],
  ],
  ["a call whose input could not be read, as it came", [
    { role: "assistant", parts: [tool("output-error", { input: '{"x', errorText: "No JSON" })] },
    { role: "assistant", parts: [tool("output-error", { input: null, rawInput: '{"y', errorText: "No JSON" })] },
  ], [
    { role: "assistant", content: null, tool_calls: [{ ...CALL, function: { name: "sum", arguments: '{"x' } }] },
    { role: "tool", tool_call_id: "a", content: "No JSON" },
    { role: "assistant", content: null, tool_calls: [{ ...CALL, function: { name: "sum", arguments: '{"y' } }] },
    { role: "tool", tool_call_id: "a", content: "No JSON" },
  ]],
  ["the refusal of a user", [{ role: "assistant", parts: [tool("output-denied")] }], [
    { role: "assistant", content: null, tool_calls: [CALL] },
    { role: "tool", tool_call_id: "a", content: "The user did not allow this tool to run." },
  ]],
  ["a result of null", [{ role: "assistant", parts: [tool("output-available", { output: null })] }], [
    { role: "assistant", content: null, tool_calls: [CALL] },
    { role: "tool", tool_call_id: "a", content: "null" },
  ]],
  ["no call without a result", [
    { role: "user", parts: [{ type: "text", text: "Hi" }] },
    { role: "assistant", parts: [tool("input-streaming"), tool("input-available"), tool("approval-requested")] },
    { role: "assistant", parts: [tool("output-available", { output: 1, preliminary: true })] },
    { role: "assistant", parts: [tool("output-available", { output: 1, providerExecuted: true })] },
    { role: "assistant", parts: [{ type: "reasoning", text: "Hm" }] },
  ], [{ role: "user", content: "Hi" }]],
  ["no part that is not for the model", [{
    role: "user",
    parts: [
      { type: "data-weather", data: { a: 1 } },
      { type: "source-url", sourceId: "1", url: "https://a.example" },
      { type: "some-part-of-tomorrow", __proto__: { a: 1 }, constructor: 1 },
      { type: "__proto__" },
      { type: "text", text: "Hi" },
    ],
  }], [{ role: "user", content: "Hi" }]],
  ["no state of others", [{
    role: "assistant",
    parts: [
      {
        type: "reasoning",
        text: "Hm",
        providerMetadata: JSON.parse('{"__proto__":{"chat-stream":{"signature":"x"}},"chat-stream":{"signature":1}}'),
      },
      { type: "text", text: "Hi" },
    ],
  }], [{ role: "assistant", content: "Hi", reasoning: { content: "Hm" } }]],
];

for (const [name, theirs, ours] of CASES) {
  Deno.test(`toChatMessages translates ${name}`, () => {
    const messages = toChatMessages(parseBody(UI_MESSAGES, theirs));
    assertEquals(parseChatRequest({ messages }).messages, ours);
  });
}

const DEEP = JSON.parse("[".repeat(500) + "]".repeat(500));

/** The part, and the message that refuses it. */
const REFUSED: readonly (readonly [part: unknown, message: string])[] = [
  [null, "[0].parts[0] must be an object, found null"],
  [{ text: "Hi" }, "[0].parts[0].type must be a string, found nothing"],
  [{ type: 1 }, "[0].parts[0].type must be a string, found the number 1"],
  [{ type: "text", text: 1 }, "[0].parts[0].text must be a string, found the number 1"],
  [
    { type: "file", mediaType: "application/pdf", url: "https://a.example/a.pdf" },
    "[0].parts[0] must be an image, or a file with its bytes as a data: URL in base64, found an object",
  ],
  [
    tool("output-available", { output: DEEP }),
    "[0].parts[0].output must be at most 100 levels deep, found an array of 1",
  ],
  [
    tool("output-available", { input: DEEP }),
    "[0].parts[0].input must be at most 100 levels deep, found an array of 1",
  ],
  [
    { type: "tool-sum", state: "output-available" },
    "[0].parts[0].toolCallId must be a string of 1 to 256 characters, found nothing",
  ],
];

for (const [part, message] of REFUSED) {
  Deno.test(`UI_MESSAGES refuses a part: ${message}`, () => {
    const error = assertThrows(() => parseBody(UI_MESSAGES, [{ role: "user", parts: [part] }]), ChatError);
    assertEquals([error.type, error.message], ["InvalidRequestFormat", message]);
  });
}

Deno.test("UI_MESSAGES refuses other shapes", () => {
  for (const messages of [undefined, {}, [], [1], [{ role: "tool", parts: [] }], [{ role: "user", content: "Hi" }]]) {
    assertThrows(() => parseBody(UI_MESSAGES, messages), ChatError);
  }
  const many = Array.from({ length: 201 }, () => ({ role: "user", parts: [] }));
  assertThrows(() => parseBody(UI_MESSAGES, many), ChatError, "an array of at most 200 items");
});
