/** Anthropic's streams: each fixture shows one peculiarity. */
import { assertEquals } from "@std/assert";
import { StreamClock } from "../../../upstream/chat_events/stream_clock.ts";
import { ChatEventStream, type StreamSummary } from "../../../upstream/chat_event_stream.ts";
import { anthropic } from "../../../upstream/anthropic/anthropic.ts";
import { NO_TIMEOUTS } from "../answer_of.ts";
import { decodeText } from "../dialect_answer.ts";
import { testFixtures } from "../dialect_fixtures.ts";

testFixtures(anthropic, "anthropic", {
  "text": { text: "Grüße 👋", usage: { totalInputTokens: 9, totalOutputTokens: 7, totalTokens: 16 }, stop: "stop" },
  "text-blocks-interleaved-with-pings": { text: "AB", stop: "stop" },
  "text-in-block-start": { text: "Whole", stop: "stop" },
  "thinking-signed": {
    text: "Four.",
    reasoning: "Let me see.",
    signature: "QUJDREU=",
    usage: { totalOutputTokens: 20, outputReasoningTokens: 15, outputTextTokens: 5 },
    stop: "stop",
  },
  "thinking-omitted": { text: "A", signature: "QUJD", stop: "stop" },
  "thinking-twice": {
    text: "A",
    reasoning: "One.Zwölf.",
    signature: 'anthropic:[{"chars":4,"signature":"QQ=="},{"chars":6,"signature":"Qg=="}]',
    calls: [["t1", "f", "{}"]],
    stop: "tool_calls",
  },
  "thinking-redacted": { text: "A", signature: 'anthropic:[{"data":"UkVE"},{"data":"UkUy"}]', stop: "stop" },
  "tool-in-fragments": { text: "I look.", calls: [["t1", "weather", '{"city":"Zürich"}']], stop: "tool_calls" },
  "tools-parallel": { calls: [["t1", "add", '{"a":1}'], ["t2", "add", '{"a":2}']], stop: "tool_calls" },
  "tools-interleaved": { calls: [["t1", "a", '{"x":1}'], ["t2", "b", "{}"]], stop: "tool_calls" },
  "tool-without-arguments": { calls: [["t1", "now", "{}"]], stop: "tool_calls" },
  "tool-with-whole-input": { calls: [["t1", "f", '{"a":1}']], stop: "tool_calls" },
  "tool-without-id": { calls: [["made", "f", "{}"], ["same", "g", "{}"], ["made", "h", "{}"]], stop: "tool_calls" },
  "tool-cut-at-token-limit": { calls: [["t1", "f", '{"a":"lo']], stop: "length" },
  "tool-cut-off": { calls: [["t1", "f", ""]], error: ["StreamChunkError", "unexpected_end"] },
  "server-tools": { text: "Done.", stop: "stop" },
  "web-search-citations": {
    text: "It is 4.0.",
    grounding: {
      citations: [{ title: "A", url: "https://a.example/" }, { url: "https://b.example/" }],
      marks: [{ end: 6, citations: [0] }, { end: 10, citations: [0, 1] }],
      searchQueries: ["ruby"],
    },
    stop: "stop",
  },
  "document-citations": {
    text: "A",
    grounding: { citations: [{ title: "S", url: "https://s.example/" }], marks: [{ end: 1, citations: [0] }] },
    stop: "stop",
  },
  "usage-with-cache": {
    text: "A",
    usage: {
      totalInputTokens: 123,
      totalOutputTokens: 8,
      totalTokens: 131,
      inputCachedTokens: 100,
      inputWriteCacheTokens: 20,
      inputCacheMissTokens: 3,
    },
    stop: "stop",
  },
  "refusal": {
    text: "No",
    usage: { totalOutputTokens: 2 },
    error: ["ProviderContentPolicyViolation", "refusal"],
  },
  "pause-turn": { text: "Wait", stop: "pause_turn" },
  "token-limit": { text: "Once", stop: "length" },
  "context-window-exceeded": { text: "Once", stop: "length" },
  "unknown-stop-reason": { text: "A", stop: "new_reason" },
  "no-stop-reason": { text: "A", stop: "unknown" },
  "cut-after-stop-reason": { text: "A", stop: "stop" },
  "cut": { text: "A", error: ["StreamChunkError", "unexpected_end"] },
  "empty": { error: ["StreamChunkError", "unexpected_end"] },
  "error-first": { error: ["ProviderBizError"] },
  "error-after-text": { text: "A", error: ["RateLimitExceeded"] },
  "error-without-envelope": { error: ["ProviderBizError"] },
  "error-as-text": { error: ["ProviderBizError"] },
  "unknown-events": { text: "A", stop: "stop" },
  "joined-late": { text: "A", stop: "stop" },
  "unreadable-event": { text: "A", error: ["StreamChunkError", "invalid_json"] },
  "no-event-names": { text: "A", stop: "stop" },
  "hostile-fields": { text: "A", calls: [["made", "", "{}"]], stop: "__proto__" },
});

Deno.test("the stream's summary counts the events, blocks and deltas that are not known", async () => {
  let summary: StreamSummary | undefined;
  const stream = new ChatEventStream(anthropic.createDecoder, {
    timeouts: NO_TIMEOUTS,
    clock: new StreamClock(1e9, () => 0),
    onEnd: (ended) => summary = ended,
  });
  const url = new URL("../../fixtures/anthropic/unknown-events.sse", import.meta.url);
  await new Response(new Blob([await Deno.readFile(url)]).stream().pipeThrough(stream)).text();
  assertEquals(summary?.unknownEvents, 4);
});

Deno.test("toStream writes a whole message as a stream with the same answer", () => {
  const message = {
    type: "message",
    content: [
      { type: "thinking", thinking: "Hm.", signature: "QUJD" },
      { type: "text", text: "A", citations: [{ type: "web_search_result_location", url: "https://a.example/" }] },
      { type: "tool_use", id: "t1", name: "f", input: { a: 1 } },
    ],
    stop_reason: "tool_use",
    usage: { input_tokens: 1, output_tokens: 2 },
  };
  const events = decodeText(anthropic, anthropic.toStream(message)!);
  assertEquals(events.map(({ type }) => type), [
    "reasoning",
    "reasoning_signature",
    "text",
    "grounding",
    "tool_calls",
    "tool_calls",
    "usage",
    "speed",
    "stop",
  ]);
  assertEquals(anthropic.toStream({ type: "error", error: {} }), undefined);
});
