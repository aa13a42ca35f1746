/**
 * The messages of AG-UI as ours, and what is refused.
 */
import { assertEquals, assertThrows } from "@std/assert";
import { ChatError } from "../../../protocol/chat_error.ts";
import { AG_UI_MESSAGES, toChatMessages } from "../../../routes/ag_ui/ag_ui_messages.ts";
import { parseChatRequest } from "../../../routes/parse_chat_request.ts";
import { parseBody } from "../../../routes/request_schema.ts";

const CALL = { id: "a", type: "function", function: { name: "sum", arguments: "{}" } };

/** Name, their messages, ours. */
const CASES: readonly (readonly [name: string, theirs: readonly unknown[], ours: readonly object[]])[] = [
  ["text", [
    { id: "1", role: "developer", content: "Be brief" },
    { id: "2", role: "system", content: "Be kind" },
    { id: "3", role: "user", content: "Hi" },
    { id: "4", role: "assistant", content: "Hello", toolCalls: [] },
    { id: "5", role: "activity", activityType: "plan", content: { a: 1 } },
  ], [
    { role: "developer", content: "Be brief" },
    { role: "system", content: "Be kind" },
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello" },
  ]],
  ["files of every kind", [{
    role: "user",
    content: [
      { type: "text", text: "See" },
      { type: "image", source: { type: "data", value: "AAAA", mimeType: "image/png" } },
      { type: "image", source: { type: "url", value: "https://a.example/a.png" } },
      { type: "audio", source: { type: "data", value: "AAAA", mimeType: "audio/wav" } },
      { type: "document", source: { type: "data", value: "AAAA", mimeType: "application/pdf" } },
    ],
  }], [{
    role: "user",
    content: [
      { type: "text", text: "See" },
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      { type: "image_url", image_url: { url: "https://a.example/a.png" } },
      { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
      { type: "file", file: { file_data: "data:application/pdf;base64,AAAA" } },
    ],
  }]],
  ["a tool loop, with the states of the provider", [
    { role: "reasoning", content: "Hm", encryptedValue: "sig" },
    { role: "assistant", content: "Wait", toolCalls: [{ ...CALL, encryptedValue: "thought" }] },
    { role: "tool", toolCallId: "a", content: "2" },
    { role: "assistant", content: "Done" },
  ], [
    {
      role: "assistant",
      content: "Wait",
      reasoning: { content: "Hm", signature: "sig" },
      tool_calls: [{ ...CALL, thoughtSignature: "thought" }],
    },
    { role: "tool", tool_call_id: "a", content: "2" },
    { role: "assistant", content: "Done" },
  ]],
  ["one answer in several messages", [
    { role: "assistant", toolCalls: [CALL] },
    { role: "reasoning", content: "Hm" },
    { role: "assistant", content: "Wait" },
    { role: "tool", toolCallId: "a", content: "", error: "Broken" },
  ], [
    { role: "assistant", content: "Wait", reasoning: { content: "Hm" }, tool_calls: [CALL] },
    { role: "tool", tool_call_id: "a", content: "Broken" },
  ]],
  ["no reasoning without an answer", [{ role: "reasoning", content: "Hm" }, { role: "user", content: "Hi" }], [
    { role: "user", content: "Hi" },
  ]],
];

for (const [name, theirs, ours] of CASES) {
  Deno.test(`toChatMessages translates AG-UI's ${name}`, () => {
    const messages = toChatMessages(parseBody(AG_UI_MESSAGES, theirs));
    assertEquals(parseChatRequest({ messages }).messages, ours);
  });
}

/** The message, and the start of the refusal. */
const REFUSED: readonly (readonly [message: unknown, refusal: string])[] = [
  [null, "[0] must be an object"],
  [{ role: "__proto__", content: "Hi" }, "[0].role must be one of"],
  [{ role: "user" }, "[0].content must be a string or an array of content parts"],
  [{ role: "user", content: [{ type: "video", source: {} }] }, "[0].content[0].type must be one of"],
  [
    { role: "user", content: [{ type: "document", source: { type: "url", value: "https://a.example" } }] },
    "[0].content[0] must be an image, or a file with its bytes",
  ],
  [{ role: "tool", content: "2" }, "[0].toolCallId must be a string of 1 to 256 characters"],
  [{ role: "assistant", toolCalls: [{ id: "a" }] }, "[0].toolCalls[0].function must be"],
];

for (const [message, refusal] of REFUSED) {
  Deno.test(`AG_UI_MESSAGES refuses a message: ${refusal}`, () => {
    assertThrows(() => parseBody(AG_UI_MESSAGES, [message]), ChatError, refusal);
  });
}
