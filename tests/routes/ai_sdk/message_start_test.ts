/**
 * The beginning of an answer that continues a message: the SDK's own reader makes the same message of it.
 */
import { assert, assertEquals } from "@std/assert";
import { readUIMessageStream, type UIMessage, type UIMessageChunk, uiMessageChunkSchema } from "ai";
import { MAX_START_CHARS, replayedStartOf } from "../../../routes/ai_sdk/message_start.ts";
import { messagesOf } from "../encoded.ts";

const CITATION = { source: { type: "source", sourceType: "url", id: "a", url: "https://a.example" }, endIndex: 2 };
const STATE = { "chat-stream": { signature: "c2ln" } };
const CALL = { state: "output-available", input: { of: "ann" }, output: { city: "Köln" } };

/** A part of each kind, as the SDK keeps it. */
const PARTS = [
  { type: "step-start" },
  { type: "reasoning", text: "Hm", state: "done", providerMetadata: STATE },
  { type: "text", text: "Hi", state: "done", citations: [CITATION] },
  { type: "file", mediaType: "image/png", url: "https://a.example/a.png" },
  { type: "source-url", sourceId: "a", url: "https://a.example", title: "A" },
  { type: "data-weather", id: "w", data: { degrees: 21 } },
  { ...CALL, type: "tool-city", toolCallId: "1", callProviderMetadata: STATE },
  { ...CALL, type: "dynamic-tool", toolName: "city", toolCallId: "2", title: "City" },
  { ...CALL, type: "tool-city", toolCallId: "3", output: null },
  { type: "tool-city", toolCallId: "4", state: "output-error", input: {}, rawInput: "{}", errorText: "No." },
  { type: "tool-city", toolCallId: "5", state: "output-denied", input: {}, rawInput: "{}" },
  { type: "step-start" },
  { type: "text", text: "Then", state: "done" },
];

Deno.test("replayedStartOf sends chunks of which the SDK makes the same message", async () => {
  const metadata = { usage: { totalTokens: 3 } };
  const sent = messagesOf(replayedStartOf("m", { id: "m", role: "assistant", metadata, parts: PARTS })!);
  for (const chunk of sent) assert((await uiMessageChunkSchema().validate!(chunk)).success, JSON.stringify(chunk));
  let message: UIMessage | undefined;
  const stream = ReadableStream.from(sent as UIMessageChunk[]);
  for await (const each of readUIMessageStream({ stream, terminateOnError: true })) message = each;
  const { id, parts, ...rest } = JSON.parse(JSON.stringify(message));
  assertEquals([id, rest.metadata], ["m", metadata]);
  assertEquals(parts.map(withoutDetails), PARTS.map(withoutDetails));
});

Deno.test("replayedStartOf makes no client run a tool again", () => {
  const types = messagesOf(replayedStartOf("m", { parts: PARTS })!).map(({ type }) => type);
  assertEquals([types.includes("tool-input-available"), types.includes("tool-input-start")], [false, true]);
});

Deno.test("replayedStartOf returns nothing for a message that is too large or too deep", () => {
  const partsOf = (chars: number) => [{ type: "text", text: "x".repeat(chars) }];
  assertEquals(replayedStartOf("m", { parts: partsOf(MAX_START_CHARS) }), undefined);
  assert(replayedStartOf("m", { parts: partsOf(MAX_START_CHARS / 2) }) !== undefined);
  const deep = JSON.parse("[".repeat(5000) + "]".repeat(5000));
  assertEquals(replayedStartOf("m", { parts: [{ type: "data-deep", data: deep }] }), undefined);
});

/** The raw text of an input that was parsed, and the SDK's own id of reasoning, are of no use to anybody. */
function withoutDetails({ rawInput: _, ...part }: Record<string, unknown>): object {
  return part.type === "reasoning" ? { ...part, id: undefined } : part;
}
