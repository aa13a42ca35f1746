/**
 * Random answers with hostile strings in the formats of other clients: what each client's own reader makes of them.
 */
import { assert, assertEquals } from "@std/assert";
import { verifyEvents } from "@ag-ui/client";
import type { BaseEvent } from "@ag-ui/core";
import { EventSchemas } from "@ag-ui/core/schemas";
import { readUIMessageStream, type UIMessage, type UIMessageChunk, uiMessageChunkSchema } from "ai";
import { from, lastValueFrom, toArray } from "rxjs";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { AgUiEncoder } from "../../routes/ag_ui/ag_ui_encoder.ts";
import { startOf } from "../../routes/ai_sdk/message_start.ts";
import { UIMessageEncoder } from "../../routes/ai_sdk/ui_message_encoder.ts";
import { createRecode } from "../../routes/event_recoder.ts";
import type { EventEncoder } from "../../routes/stream_format.ts";
import { FUZZ_STREAMS, SeededRandom } from "../seeded_random.ts";
import { bytesOf, messagesOf } from "./encoded.ts";

/** Strings that have broken parsers of streams and of JSON. */
const STRINGS = [
  "a",
  "",
  " ",
  "\n\ndata: [DONE]\n\n",
  "\r\n\r\nevent: stop\r\ndata: 1\r\n\r\n",
  "\r",
  ": ping",
  "\u2028\u2029\u0085\u000b\u000c",
  "\ufeff",
  "\ud800",
  "\udc00\ud83d",
  "👩‍👩‍👧",
  "\0",
  "__proto__",
  "</script>",
  '"}',
] as const;
const IDS = ["a", "b", "__proto__", "constructor", "a\n\ndata: x", "\ud800", "\u2028"] as const;
const ENDS: readonly ChatEvent[] = [
  { type: "stop", data: "stop" },
  { type: "stop", data: "tool_calls" },
  { type: "stop", data: "length" },
  { type: "stop", data: "cancelled" },
  { type: "error", data: { type: "StreamChunkError", message: "\n\ndata: x" } },
];

function randomEvent(random: SeededRandom): ChatEvent {
  const text = random.pick(STRINGS);
  const name = random.chance(0.5) ? null : random.pick(["sum", "__proto__", "a\nb", "\ud800"]);
  const json = random.pick(["", "{", "}", '{"__proto__":1}', '"', text]);
  const called = { name, arguments: json };
  const more = random.chance(0.2) ? { thoughtSignature: text } : {};
  return random.pick<ChatEvent>([
    { type: "text", data: text },
    { type: "reasoning", data: text },
    { type: "reasoning_signature", data: text },
    { type: "tool_calls", data: [{ index: 0, id: random.pick(IDS), type: "function", function: called, ...more }] },
    { type: "base64_image", data: `data:image/png;base64,${text}` },
    { type: "grounding", data: { citations: [{ url: text, title: text }], searchQueries: [text] } },
    { type: "usage", data: { totalTokens: 1 } },
    { type: "speed", data: { ttft: 1, duration: 1, latency: 1 } },
  ]);
}

function randomAnswer(seed: number): ChatEvent[] {
  const random = new SeededRandom(seed);
  const events = Array.from({ length: random.below(12) }, () => randomEvent(random));
  return [...events, random.pick(ENDS)];
}

/** The messages of an answer. Asserts that they are the same where its bytes are cut in random places. */
function encode(createEncoder: () => EventEncoder, events: readonly ChatEvent[], seed: number) {
  const format = { headers: {}, createEncoder };
  const bytes = bytesOf(events);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const whole = decoder.decode(createRecode(format)!(bytes));
  const random = new SeededRandom(seed);
  const recode = createRecode(format)!;
  let wire = "";
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + random.below(50);
    wire += decoder.decode(recode(bytes.subarray(at, end)));
    at = end;
  }
  assertEquals(wire, whole, `seed ${seed}`);
  return messagesOf(whole);
}

/** The text of an answer as a client has it. */
function textOf(events: readonly ChatEvent[]): string {
  return events.map((event) => event.type === "text" ? event.data : "").join("");
}

Deno.test("UIMessageEncoder sends random streams that the SDK's reader puts together", async () => {
  for (let seed = 1; seed <= FUZZ_STREAMS; seed++) {
    const events = randomAnswer(seed);
    const chunks = encode(() => new UIMessageEncoder(startOf("m")), events, seed);
    for (const chunk of chunks) assert((await uiMessageChunkSchema().validate!(chunk)).success, JSON.stringify(chunk));
    const isError = chunks.some(({ type }) => type === "error");
    const stream = ReadableStream.from(chunks.filter(({ type }) => type !== "error") as unknown as UIMessageChunk[]);
    let message: UIMessage | undefined;
    for await (message of readUIMessageStream({ stream, terminateOnError: true }));
    const text = message?.parts.map((part) => part.type === "text" ? part.text : "").join("") ?? "";
    assertEquals(text, textOf(events), `seed ${seed}`);
    assertEquals(isError, events.at(-1)!.type === "error");
    const mayRun = message?.parts.some((part) => "state" in part && part.state === "input-available") ?? false;
    assert(
      !mayRun || (!isError && events.at(-1)!.data !== "cancelled"),
      `seed ${seed}: a tool of a broken answer may run`,
    );
  }
});

Deno.test("AgUiEncoder sends random streams that AG-UI's verifier accepts", async () => {
  for (let seed = 1; seed <= FUZZ_STREAMS; seed++) {
    const events = randomAnswer(seed);
    const sent = encode(() => new AgUiEncoder("t", "r"), events, seed);
    for (const event of sent) assert(EventSchemas.safeParse(event).success, JSON.stringify(event));
    const verified = from(sent as unknown as BaseEvent[]).pipe(verifyEvents(false), toArray());
    assertEquals((await lastValueFrom(verified)).length, sent.length, `seed ${seed}`);
    const text = sent.map(({ type, delta }) => type === "TEXT_MESSAGE_CONTENT" ? delta : "").join("");
    assertEquals(text, textOf(events), `seed ${seed}`);
  }
});
