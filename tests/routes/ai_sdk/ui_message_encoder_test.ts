/**
 * Every event of ours as the chunks of the AI SDK, checked by the SDK's own schema and put together by its own reader.
 */
import { assert, assertEquals } from "@std/assert";
import { readUIMessageStream, type UIMessage, type UIMessageChunk, uiMessageChunkSchema } from "ai";
import type { ChatEvent } from "../../../protocol/chat_event.ts";
import { startOf } from "../../../routes/ai_sdk/message_start.ts";
import { UIMessageEncoder } from "../../../routes/ai_sdk/ui_message_encoder.ts";
import { encoded, messagesOf } from "../encoded.ts";

const FORMAT = { headers: {}, createEncoder: () => new UIMessageEncoder(startOf("answer-1")) };
const STOP = { type: "stop", data: "stop" } as const;
const FINISH = [{ type: "finish-step" }, { type: "finish", finishReason: "stop" }];

function call(id: string, name: string | null, text: string, more: object = {}): ChatEvent {
  return {
    type: "tool_calls",
    data: [{ index: 0, id, type: "function", function: { name, arguments: text }, ...more }],
  };
}

/** A source in a citation of the SDK. */
function sourceOf(url: string): object {
  return { type: "source", sourceType: "url", id: url, url };
}

/** Name, events, and the chunks between `start-step` and the end. */
const CASES: readonly (readonly [name: string, events: readonly ChatEvent[], chunks: readonly object[]])[] = [
  ["text in one part", [{ type: "text", data: "Hel" }, { type: "text", data: "lo\n\n" }, STOP], [
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "Hel" },
    { type: "text-delta", id: "1", delta: "lo\n\n" },
    { type: "text-end", id: "1" },
    ...FINISH,
  ]],
  ["reasoning and text in a part each", [
    { type: "reasoning", data: "Hm" },
    { type: "text", data: "Hi" },
    { type: "reasoning", data: "More" },
    STOP,
  ], [
    { type: "reasoning-start", id: "1" },
    { type: "reasoning-delta", id: "1", delta: "Hm" },
    { type: "reasoning-end", id: "1" },
    { type: "text-start", id: "2" },
    { type: "text-delta", id: "2", delta: "Hi" },
    { type: "text-end", id: "2" },
    { type: "reasoning-start", id: "3" },
    { type: "reasoning-delta", id: "3", delta: "More" },
    { type: "reasoning-end", id: "3" },
    ...FINISH,
  ]],
  ["a provider's state with the reasoning that it signs", [
    { type: "reasoning", data: "Hm" },
    { type: "reasoning_signature", data: "c2ln" },
    { type: "text", data: "Hi" },
    STOP,
  ], [
    { type: "reasoning-start", id: "1" },
    { type: "reasoning-delta", id: "1", delta: "Hm" },
    { type: "reasoning-end", id: "1", providerMetadata: { "chat-stream": { signature: "c2ln" } } },
    { type: "text-start", id: "2" },
    { type: "text-delta", id: "2", delta: "Hi" },
    { type: "text-end", id: "2" },
    ...FINISH,
  ]],
  ["a provider's state without reasoning", [
    { type: "text", data: "Hi" },
    { type: "reasoning_signature", data: "x" },
    STOP,
  ], [
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "Hi" },
    { type: "text-end", id: "1" },
    { type: "reasoning-start", id: "2" },
    { type: "reasoning-end", id: "2", providerMetadata: { "chat-stream": { signature: "x" } } },
    ...FINISH,
  ]],
  ["a call in fragments", [
    call("a", "weather", ""),
    call("a", null, '{"city":'),
    call("a", null, '"Köln"}'),
    { type: "stop", data: "tool_calls" },
  ], [
    { type: "tool-input-start", toolCallId: "a", toolName: "weather" },
    { type: "tool-input-delta", toolCallId: "a", inputTextDelta: '{"city":' },
    { type: "tool-input-delta", toolCallId: "a", inputTextDelta: '"Köln"}' },
    { type: "tool-input-available", toolCallId: "a", toolName: "weather", input: { city: "Köln" } },
    { type: "finish-step" },
    { type: "finish", finishReason: "tool-calls" },
  ]],
  ["calls side by side, with a late name and a state", [
    call("a", null, '{"x"'),
    call("b", "now", "", { thoughtSignature: "sig" }),
    call("a", "sum", ":1}"),
    STOP,
  ], [
    { type: "tool-input-start", toolCallId: "b", toolName: "now" },
    { type: "tool-input-start", toolCallId: "a", toolName: "sum" },
    { type: "tool-input-delta", toolCallId: "a", inputTextDelta: '{"x":1}' },
    { type: "tool-input-available", toolCallId: "a", toolName: "sum", input: { x: 1 } },
    {
      type: "tool-input-available",
      toolCallId: "b",
      toolName: "now",
      providerMetadata: { "chat-stream": { thoughtSignature: "sig" } },
      input: {},
    },
    ...FINISH,
  ]],
  ["input that is not JSON as an error of the call", [call("a", "sum", '{"x'), { type: "stop", data: "length" }], [
    { type: "tool-input-start", toolCallId: "a", toolName: "sum" },
    { type: "tool-input-delta", toolCallId: "a", inputTextDelta: '{"x' },
    {
      type: "tool-input-error",
      toolCallId: "a",
      toolName: "sum",
      input: '{"x',
      errorText: "The model sent a tool call whose input is not valid JSON.",
    },
    { type: "finish-step" },
    { type: "finish", finishReason: "length" },
  ]],
  ["a call that was cut before its input as an error of the call", [
    call("a", "wipe", ""),
    { type: "stop", data: "length" },
  ], [
    { type: "tool-input-start", toolCallId: "a", toolName: "wipe" },
    {
      type: "tool-input-error",
      toolCallId: "a",
      toolName: "wipe",
      input: "",
      errorText: "The model sent a tool call whose input is not valid JSON.",
    },
    { type: "finish-step" },
    { type: "finish", finishReason: "length" },
  ]],
  ["no call without a name", [call("a", null, "{}"), STOP], FINISH],
  ["an image as a file", [{ type: "base64_image", data: "data:image/webp;base64,AAAA" }, STOP], [
    { type: "file", url: "data:image/webp;base64,AAAA", mediaType: "image/webp" },
    ...FINISH,
  ]],
  ["the last sources, each once, and what is known of the answer", [
    { type: "grounding", data: { citations: [{ url: "https://old.example" }] } },
    {
      type: "grounding",
      data: {
        citations: [{ url: "https://a.example", title: "A" }, { url: "https://b.example" }, {
          url: "https://b.example",
        }],
        searchQueries: ["q"],
      },
    },
    { type: "usage", data: { totalTokens: 3 } },
    { type: "speed", data: { ttft: 1, duration: 2, latency: 3 } },
    STOP,
  ], [
    { type: "source-url", sourceId: "https://a.example", url: "https://a.example", title: "A" },
    { type: "source-url", sourceId: "https://b.example", url: "https://b.example" },
    {
      type: "message-metadata",
      messageMetadata: {
        usage: { totalTokens: 3 },
        speed: { ttft: 1, duration: 2, latency: 3 },
        searchQueries: ["q"],
      },
    },
    ...FINISH,
  ]],
  ["where each text part cites its sources", [
    { type: "text", data: "\u{1f600}ü\n\u0001" },
    { type: "text", data: 'a\ud800"b' },
    { type: "grounding", data: { citations: [{ url: "https://a.example" }], marks: [{ end: 6, citations: [0] }] } },
    { type: "reasoning", data: "Hm" },
    { type: "text", data: "Hi" },
    { type: "text", data: " there" },
    {
      type: "grounding",
      data: {
        citations: [{ url: "https://a.example" }, { url: "https://b.example", title: "B" }],
        marks: [{ end: 6, citations: [0] }, { end: 11, citations: [0, 1] }, { end: 17, citations: [1] }],
      },
    },
    STOP,
  ], [
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "\u{1f600}ü\n\u0001" },
    { type: "text-delta", id: "1", delta: 'a\ud800"b' },
    { type: "text-end", id: "1", citations: [{ source: sourceOf("https://a.example"), endIndex: 6 }] },
    { type: "reasoning-start", id: "2" },
    { type: "reasoning-delta", id: "2", delta: "Hm" },
    { type: "reasoning-end", id: "2" },
    { type: "text-start", id: "3" },
    { type: "text-delta", id: "3", delta: "Hi" },
    { type: "text-delta", id: "3", delta: " there" },
    {
      type: "text-end",
      id: "3",
      citations: [
        { source: sourceOf("https://a.example"), endIndex: 2 },
        { source: { ...sourceOf("https://b.example"), title: "B" }, endIndex: 2 },
        { source: { ...sourceOf("https://b.example"), title: "B" }, endIndex: 8 },
      ],
    },
    { type: "source-url", sourceId: "https://a.example", url: "https://a.example" },
    { type: "source-url", sourceId: "https://b.example", url: "https://b.example", title: "B" },
    ...FINISH,
  ]],
  ["an unknown finish reason as other", [{ type: "stop", data: "pause_turn" }], [
    { type: "finish-step" },
    { type: "finish", finishReason: "other" },
  ]],
  ["a stop by the user as an abort, without the input of open calls", [
    { type: "text", data: "Hi" },
    call("a", "sum", "{}"),
    { type: "stop", data: "cancelled" },
  ], [
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: "Hi" },
    { type: "text-end", id: "1" },
    { type: "tool-input-start", toolCallId: "a", toolName: "sum" },
    { type: "tool-input-delta", toolCallId: "a", inputTextDelta: "{}" },
    { type: "abort", reason: "cancelled" },
  ]],
  ["an error in the stream, without the input of open calls", [
    call("a", "sum", "{}"),
    { type: "error", data: { type: "StreamChunkError", message: "The connection was lost." } },
  ], [
    { type: "tool-input-start", toolCallId: "a", toolName: "sum" },
    { type: "tool-input-delta", toolCallId: "a", inputTextDelta: "{}" },
    { type: "error", errorText: "The connection was lost." },
    { type: "finish", finishReason: "error" },
  ]],
  ["nothing for empty text", [{ type: "text", data: "" }, { type: "reasoning", data: "" }, STOP], FINISH],
];

for (const [name, events, chunks] of CASES) {
  Deno.test(`UIMessageEncoder sends ${name}`, async () => {
    const wire = encoded(FORMAT, events);
    assert(wire.endsWith("data: [DONE]\n\n"));
    const sent = messagesOf(wire);
    assertEquals(sent, [{ type: "start", messageId: "answer-1" }, { type: "start-step" }, ...chunks]);
    for (const chunk of sent) assert((await uiMessageChunkSchema().validate!(chunk)).success, JSON.stringify(chunk));
  });
}

Deno.test("UIMessageEncoder sends a message that the SDK's reader puts together", async () => {
  const message = await read([
    { type: "reasoning", data: "Hm" },
    { type: "text", data: "Hello" },
    call("a", "weather", '{"city":"Köln"}'),
    { type: "usage", data: { totalTokens: 3 } },
    { type: "stop", data: "tool_calls" },
  ]);
  assertEquals(message.metadata, { usage: { totalTokens: 3 } });
  assertEquals(message.parts.map(({ type }) => type), ["step-start", "reasoning", "text", "tool-weather"]);
  const tool = message.parts.at(-1)!;
  assert("input" in tool && tool.state === "input-available");
  assertEquals(tool.input, { city: "Köln" });
});

Deno.test("UIMessageEncoder sends chunks that the SDK's reader accepts when all kinds follow each other in every order", async () => {
  const kinds: readonly ChatEvent[] = [
    { type: "text", data: "Hi" },
    { type: "reasoning", data: "Hm" },
    { type: "reasoning_signature", data: "sig" },
    call("a", "sum", "{}"),
    { type: "base64_image", data: "data:image/png;base64,AAAA" },
  ];
  for (const first of kinds) {
    for (const second of kinds) {
      for (const third of kinds) {
        const { parts } = await read([first, second, third, STOP]);
        const text = [first, second, third].map(({ type }) => type === "text" ? "Hi" : "").join("");
        assertEquals(parts.map((part) => part.type === "text" ? part.text : "").join(""), text);
        assert(parts.every((part) => !("state" in part) || part.state !== "streaming"));
      }
    }
  }
});

Deno.test("UIMessageEncoder sends hostile data as data", async () => {
  const input = '{"__proto__":{"polluted":1},"constructor":{"x":1},"text":"</script>\\u2028\\n\\ndata: [DONE]"}';
  const message = await read([call("__proto__", "constructor", input), call("toString", "__proto__", "{}"), STOP]);
  const tools = message.parts.filter((part) => "toolCallId" in part);
  assertEquals(tools.map(({ type }) => type), ["tool-constructor", "tool-__proto__"]);
  assertEquals(JSON.stringify(tools[0]!.input), JSON.stringify(JSON.parse(input)));
  assertEquals(({} as Record<string, unknown>).polluted, undefined);
});

Deno.test("UIMessageEncoder ends the stream when a call's input nests very deep", () => {
  const encoder = new UIMessageEncoder("");
  const events = [call("a", "sum", "[".repeat(200_000) + "]".repeat(200_000)), STOP];
  const wire = encoder.begin() + events.map((event) => encoder.encode(event)).join("");
  assertEquals(messagesOf(wire).slice(-2), FINISH);
});

async function read(events: readonly ChatEvent[]): Promise<UIMessage> {
  const chunks = messagesOf(encoded(FORMAT, events)) as UIMessageChunk[];
  let last: UIMessage | undefined;
  for await (const message of readUIMessageStream({ stream: ReadableStream.from(chunks), terminateOnError: true })) {
    last = message;
  }
  return last!;
}
