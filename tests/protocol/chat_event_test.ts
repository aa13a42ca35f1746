/** Tests that events are formatted and parsed. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type ChatEvent, formatChatEvent, HEARTBEAT, isTerminal, parseChatEvent } from "../../protocol/chat_event.ts";
import { type SseMessage, SseParser } from "../../protocol/sse_parser.ts";
import { everyChunking } from "../chunkings.ts";

/** One event of each type. A new type without a sample does not compile. */
const SAMPLES: { readonly [T in ChatEvent["type"]]: Extract<ChatEvent, { type: T }>["data"] } = {
  text: 'a "quoted"\r\nline\u2028and 漢字 👩‍🚀 \ud800 \\ data: x',
  reasoning: "",
  reasoning_signature: "EqQB+/==",
  tool_calls: [{
    index: 0,
    id: "call_1",
    type: "function",
    function: { name: null, arguments: '{"a":"\n"}' },
    thoughtSignature: "s",
  }],
  base64_image: "data:image/png;base64,AAAA",
  grounding: { citations: [{ title: "T", url: "https://example.com/" }], searchQueries: ["q"] },
  usage: { totalInputTokens: 1, totalOutputTokens: 2, totalTokens: 3 },
  speed: { ttft: 1.5, duration: 20, latency: 30 },
  stop: "length",
  error: { type: "StreamChunkError", message: "It broke.", body: { reason: "unexpected_end" } },
};

for (const [type, data] of Object.entries(SAMPLES)) {
  const event = { type, data } as ChatEvent;

  Deno.test(`formatChatEvent writes ${type} as three lines that parseChatEvent reads, however they are cut`, () => {
    const wire = formatChatEvent(41, event);
    const lines = wire.split("\n");
    assertEquals(lines.length, 5);
    assertEquals([lines[0], lines[1], lines[3], lines[4]], ["id: 41", `event: ${type}`, "", ""]);
    assert(lines[2]?.startsWith("data: ") && !wire.includes("\r"));
    for (const { name, chunks } of everyChunking(new TextEncoder().encode(HEARTBEAT + wire))) {
      const messages: SseMessage[] = [];
      const parser = new SseParser({ onMessage: (message) => messages.push(message) });
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
      assertEquals(messages.map(({ id }) => id), ["41"], name);
      assertEquals(messages.map(parseChatEvent), [event], name);
    }
  });

  Deno.test(`isTerminal is ${type === "stop" || type === "error"} for ${type}`, () => {
    assertEquals(isTerminal(event), type === "stop" || type === "error");
  });
}

Deno.test("parseChatEvent returns undefined when the type is unknown, whatever its data", () => {
  for (const event of ["message", "data", "ping", "constructor", "__proto__", "TEXT", " text"]) {
    assertEquals(parseChatEvent({ event, data: "not JSON", id: "" }), undefined);
  }
});

const WRONG_DATA: readonly [type: ChatEvent["type"], data: string][] = [
  ["text", ""],
  ["text", "plain"],
  ["text", "null"],
  ["text", '{"text":"a"}'],
  ["reasoning", "1"],
  ["base64_image", "[]"],
  ["stop", "true"],
  ["tool_calls", "{}"],
  ["tool_calls", '"call"'],
  ["grounding", "null"],
  ["usage", "3"],
  ["speed", '"fast"'],
  ["error", "null"],
  ["error", '"broken"'],
];

for (const [event, data] of WRONG_DATA) {
  Deno.test(`parseChatEvent throws a SyntaxError when ${event} holds ${data === "" ? "nothing" : data}`, () => {
    assertThrows(() => parseChatEvent({ event, data, id: "" }), SyntaxError);
  });
}
