/** What all dialects with JSON events share: limits, endings, and JSON outside of messages. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ChatEvent } from "../../../protocol/chat_event.ts";
import { SseEventTooLargeError } from "../../../protocol/sse_parser.ts";
import { ChatEventWriter } from "../../../upstream/chat_events/chat_event_writer.ts";
import { JsonEventDecoder } from "../../../upstream/chat_events/json_event_decoder.ts";
import { GeminiMapper } from "../../../upstream/gemini/gemini_mapper.ts";
import { ResponsesMapper } from "../../../upstream/responses/responses_mapper.ts";
import { gemini } from "../../../upstream/gemini/gemini.ts";
import { responses } from "../../../upstream/responses/responses.ts";
import { readWire } from "../answer_of.ts";
import { decodeAll, decodeData, decodeText } from "../dialect_answer.ts";

const encoder = new TextEncoder();
const CUT = { type: "StreamChunkError", message: "Silence.", body: { reason: "idle_timeout" } } as const;

const chunk = (text: string, finishReason?: string) => ({
  candidates: [{ content: { parts: [{ text }] }, finishReason }],
});

/** A decoder of Gemini's stream that the test feeds, with a clock. */
class Feed {
  readonly writer = new ChatEventWriter();
  readonly decoder: JsonEventDecoder;
  now = 0;

  constructor(maxEventChars = 1e6) {
    const context = { writer: this.writer, now: () => this.now, startedAt: 0, maxEventChars };
    this.decoder = new JsonEventDecoder(context, (answer) => new GeminiMapper(answer));
  }

  send(...values: unknown[]): void {
    for (const value of values) this.decoder.decode(encoder.encode(`data: ${JSON.stringify(value)}\n\n`));
  }

  get events(): ChatEvent[] {
    return readWire(new TextDecoder().decode(this.writer.take()));
  }
}

Deno.test("JsonEventDecoder ends with its reason when interrupted, and with stop once the finish reason is known", () => {
  const cut = new Feed();
  cut.send(chunk("A"));
  cut.decoder.interrupt(CUT);
  assertEquals(cut.events.at(-1), { type: "error", data: CUT });
  const finished = new Feed();
  finished.send(chunk("A", "MAX_TOKENS"));
  finished.decoder.interrupt(CUT);
  assertEquals(finished.events.at(-1), { type: "stop", data: "length" });
});

Deno.test("JsonEventDecoder ends with the reader's reason when stopped, unless the provider has given one", () => {
  const stopped = new Feed();
  stopped.send(chunk("A"));
  stopped.decoder.stop("cancelled");
  assertEquals(stopped.events.at(-1), { type: "stop", data: "cancelled" });
  const finished = new Feed();
  finished.send(chunk("A", "STOP"));
  finished.decoder.stop("cancelled");
  assertEquals(finished.events.at(-1), { type: "stop", data: "stop" });
});

Deno.test("JsonEventDecoder prefers a failure outside of messages to the interruption that follows it", () => {
  const feed = new Feed();
  feed.send(chunk("A"));
  feed.decoder.decode(encoder.encode('{\n  "error": {"code": 429,\n "message": "a: b"}\n}\n'));
  feed.decoder.interrupt(CUT);
  const last = feed.events.at(-1);
  assert(last?.type === "error" && last.data.type === "RateLimitExceeded");
});

Deno.test("JsonEventDecoder ignores everything after the end", () => {
  const feed = new Feed();
  feed.send(chunk("A"), { error: { message: "x" } }, chunk("B"));
  feed.decoder.end();
  feed.decoder.interrupt(CUT);
  feed.decoder.stop("x");
  assertEquals(feed.events.map(({ type }) => type), ["text", "speed", "error"]);
});

Deno.test("JsonEventDecoder measures the speed with the clock of its context", () => {
  const feed = new Feed();
  feed.now = 100;
  feed.send(chunk("A"));
  feed.now = 350;
  feed.send({
    ...chunk("B", "STOP"),
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 10, totalTokenCount: 11 },
  });
  feed.now = 400;
  feed.decoder.end();
  const speed = feed.events.find(({ type }) => type === "speed");
  assertEquals(speed?.data, { ttft: 100, tps: 40, duration: 250, latency: 400 });
});

Deno.test("JsonEventDecoder throws for an event that is too large, whether in or outside of a message", () => {
  const feed = new Feed(100);
  assertThrows(() => feed.send(chunk("A".repeat(100))), SseEventTooLargeError);
  const bare = encoder.encode('{"error":\n'.repeat(20));
  const last = decodeAll(gemini, [bare], 100).at(-1);
  assert(last?.type === "error" && last.data.body?.reason === "event_too_large");
  const lines = decodeAll(gemini, [encoder.encode(`{\n${"a\n".repeat(65_536)}`)]).at(-1);
  assert(lines?.type === "error" && lines.data.body?.reason === "event_too_large");
});

for (const [name, dialect] of Object.entries({ gemini, responses })) {
  Deno.test(`the ${name} decoder ends an answer with too many tool calls`, () => {
    const call = (at: number) =>
      name === "gemini" ? { candidates: [{ content: { parts: [{ functionCall: { name: "f" } }] } }] } : {
        type: "response.output_item.done",
        output_index: at,
        item: { type: "function_call", name: "f", call_id: `c${at}` },
      };
    const events = decodeData(dialect, ...Array.from({ length: 1030 }, (_, at) => call(at)));
    const last = events.at(-1);
    assertEquals(events.filter(({ type }) => type === "tool_calls").length, 1024);
    assert(last?.type === "error" && last.data.body?.reason === "too_many_tool_calls");
  });

  Deno.test(`the ${name} decoder reads llama.cpp's error field and text in an error event`, () => {
    for (const text of ['error: {"message":"busy","code":503}\n\n', "event: error\ndata: busy\n\n"]) {
      const [event] = decodeText(dialect, text);
      assert(event?.type === "error" && event.data.message === "busy", text);
    }
  });
}

Deno.test("JsonEventDecoder counts what it ignores", () => {
  const feed = new Feed();
  feed.send({ newThing: 1 }, { candidates: [{ content: { parts: [{ hologram: {} }, { text: "A" }] } }] });
  assertEquals(feed.decoder.unknownEvents, 2);
  const context = { writer: new ChatEventWriter(), now: () => 0, startedAt: 0, maxEventChars: 1e6 };
  const decoder = new JsonEventDecoder(context, (answer) => new ResponsesMapper(answer));
  const types = ["response.content_part.added", "response.web_search_call.searching", "response.hologram.delta"];
  for (const type of types) decoder.decode(encoder.encode(`data: ${JSON.stringify({ type })}\n\n`));
  assertEquals(decoder.unknownEvents, 1);
});

Deno.test("toStream turns a whole response into a stream, and returns undefined for an error", () => {
  const whole = decodeText(gemini, gemini.toStream(chunk("A", "STOP"))!);
  assertEquals(whole.map(({ data }) => data).slice(0, 1), ["A"]);
  assertEquals(whole.at(-1), { type: "stop", data: "stop" });
  const output = [{ type: "message", content: [{ type: "output_text", text: "A" }] }];
  const incomplete = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" }, output };
  const cut = decodeText(responses, responses.toStream(incomplete)!);
  assertEquals(cut[0], { type: "text", data: "A" });
  assertEquals(cut.at(-1), { type: "stop", data: "length" });
  for (const dialect of [gemini, responses]) assertEquals(dialect.toStream({ error: {} }), undefined);
});
