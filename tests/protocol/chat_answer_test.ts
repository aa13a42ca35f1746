/** Tests how events build an answer. */
import { assertEquals } from "@std/assert";
import { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import type { ChatEvent, ToolCallDelta } from "../../protocol/chat_event.ts";

function call(index: number, id: string, name: string | null, args: string): ToolCallDelta {
  return { index, id, type: "function", function: { name, arguments: args } };
}

function finished(id: string, name: string, args: string) {
  return { id, type: "function", function: { name, arguments: args } } as const;
}

const ANSWERS: readonly [what: string, events: readonly ChatEvent[], answer: ChatAnswer][] = [
  ["nothing", [], { text: "" }],
  ["text", [{ type: "text", data: "Hel" }, { type: "text", data: "lo" }], { text: "Hello" }],
  [
    "reasoning apart from text",
    [{ type: "reasoning", data: "a" }, { type: "text", data: "x" }, { type: "reasoning", data: "b" }],
    { text: "x", reasoning: "ab" },
  ],
  [
    "the last signature of the reasoning, and those of calls",
    [
      { type: "reasoning_signature", data: "s1" },
      { type: "reasoning_signature", data: "s2" },
      { type: "tool_calls", data: [{ ...call(0, "a", "f", "{}"), thoughtSignature: "t" }, call(1, "b", "g", "{}")] },
      { type: "tool_calls", data: [call(0, "a", null, ""), { ...call(1, "b", null, ""), thoughtSignature: "late" }] },
    ],
    {
      text: "",
      reasoning_signature: "s2",
      tool_calls: [
        { ...finished("a", "f", "{}"), thoughtSignature: "t" },
        { ...finished("b", "g", "{}"), thoughtSignature: "late" },
      ],
    },
  ],
  [
    "tool calls, joined by id",
    [
      { type: "tool_calls", data: [call(0, "a", "f", '{"x'), call(1, "b", "g", "{}")] },
      { type: "tool_calls", data: [call(0, "a", null, '":1}')] },
    ],
    { text: "", tool_calls: [finished("a", "f", '{"x":1}'), finished("b", "g", "{}")] },
  ],
  [
    "the first name of a call, which arrives late",
    [{ type: "tool_calls", data: [call(0, "a", null, ""), call(0, "a", "f", "{"), call(0, "a", "g", "}")] }],
    { text: "", tool_calls: [finished("a", "f", "{}")] },
  ],
  [
    "images in order",
    [{ type: "base64_image", data: "data:image/png;base64,A" }, {
      type: "base64_image",
      data: "data:image/png;base64,B",
    }],
    { text: "", base64_images: ["data:image/png;base64,A", "data:image/png;base64,B"] },
  ],
  [
    "the last grounding",
    [{ type: "grounding", data: { citations: [] } }, { type: "grounding", data: { citations: [{ url: "u" }] } }],
    { text: "", grounding: { citations: [{ url: "u" }] } },
  ],
  [
    "usage, speed and the finish reason",
    [
      { type: "usage", data: { totalTokens: 3 } },
      { type: "speed", data: { ttft: 1, duration: 2, latency: 3 } },
      { type: "stop", data: "stop" },
    ],
    { text: "", usage: { totalTokens: 3 }, speed: { ttft: 1, duration: 2, latency: 3 }, stop: "stop" },
  ],
  [
    "an error instead of a finish reason, with the text before it",
    [{ type: "text", data: "Hel" }, { type: "error", data: { type: "StreamChunkError", message: "It broke." } }],
    { text: "Hel", error: { type: "StreamChunkError", message: "It broke." } },
  ],
];

for (const [what, events, answer] of ANSWERS) {
  Deno.test(`reduceChatAnswer collects ${what}`, () => {
    assertEquals(events.reduce(reduceChatAnswer, EMPTY_ANSWER), answer);
  });
}

Deno.test("reduceChatAnswer does not change its argument", () => {
  const before: ChatAnswer = {
    text: "a",
    tool_calls: [finished("a", "f", "{")],
    base64_images: ["data:image/png;base64,A"],
  };
  const copy = structuredClone(before);
  reduceChatAnswer(before, { type: "text", data: "b" });
  reduceChatAnswer(before, { type: "tool_calls", data: [call(0, "a", null, "}"), call(1, "b", "g", "")] });
  reduceChatAnswer(before, { type: "base64_image", data: "data:image/png;base64,B" });
  assertEquals(before, copy);
});
