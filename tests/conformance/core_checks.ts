/**
 * The level `core`: what every client of `POST /api/chat` relies on.
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { answerOf, contentChunk, finishChunk, sse } from "../fake_openai.ts";
import { assertError, type Check, LiveAnswer, MESSAGES, readEvents, readRest, readWire, textOf } from "./check.ts";

const TEXT = 'Grüße 👋, "quoted"\nand a\ttab\u2028';
const USAGE = {
  choices: [],
  usage: {
    prompt_tokens: 9,
    completion_tokens: 7,
    total_tokens: 16,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 3 },
  },
};
const TOOL = { type: "function", function: { name: "get_order", parameters: { type: "object", properties: {} } } };
/** A call in three fragments, and a second call. */
const CALLS = [
  [{ index: 0, id: "call_a", type: "function", function: { name: "get_order", arguments: "" } }],
  [{ index: 0, function: { arguments: '{"number":' } }],
  [{ index: 0, function: { arguments: '"7"}' } }],
  [{ index: 1, id: "call_b", type: "function", function: { name: "get_order", arguments: "{}" } }],
];
const SECRET = "sk-secret-0123456789abcdef";
/** How a provider refuses, and what the client gets. */
const REFUSALS = [
  [401, { message: `Incorrect API key provided: ${SECRET}`, code: "invalid_api_key" }, 502, "InvalidProviderAPIKey"],
  [429, { message: "Slow down", code: "rate_limit_exceeded" }, 429, "RateLimitExceeded"],
  [429, { message: "No quota", code: "insufficient_quota" }, 502, "InsufficientQuota"],
  [404, { message: "The model does not exist", code: "model_not_found" }, 404, "ModelNotFound"],
  [400, { message: "Too long", code: "context_length_exceeded" }, 400, "ExceededContextWindow"],
] as const;
const INVALID = [
  "",
  "{",
  "[]",
  "null",
  "{}",
  '{"messages":[]}',
  '{"messages":"Hi"}',
  '{"messages":[{"role":"user"}],"stream":"no"}',
];

const delta = (fields: object) => ({ choices: [{ index: 0, delta: fields }] });

export const CORE_CHECKS: readonly Check[] = [
  {
    name: "an answer is a stream of numbered events with the protocol's headers",
    async run(server) {
      const response = await server.answered({ body: answerOf("Grüße ", "👋") });
      assertEquals(response.status, 200);
      assertEquals(response.headers.get("content-type")?.toLowerCase(), "text/event-stream; charset=utf-8");
      assertEquals(response.headers.get("cache-control"), "no-store, no-transform");
      assertEquals(response.headers.get("x-accel-buffering"), "no");
      assertEquals(response.headers.get("x-content-type-options"), "nosniff");
      const events = readWire(await response.text());
      assertEquals([textOf(events), events.at(-1)], ["Grüße 👋", { type: "stop", data: "stop" }]);
    },
  },
  {
    name: "each text is sent when the provider sends it",
    async run(server) {
      const answer = new LiveAnswer();
      server.provider.script = () => answer;
      const pending = server.chat();
      answer.send(sse(contentChunk("first")));
      const { reader, wire } = await readEvents(await pending, 1);
      assertMatch(wire, /event: text\ndata: "first"/);
      answer.send(sse(contentChunk("second"), finishChunk(), "[DONE]"));
      answer.close();
      assertEquals(textOf(readWire(wire + await readRest(reader))), "firstsecond");
    },
  },
  {
    name: "characters and events that are cut between bytes stay whole",
    async run(server) {
      const bytes = new TextEncoder().encode(answerOf(TEXT).join(""));
      const events = await server.events({ body: [...bytes].map((byte) => new Uint8Array([byte])) });
      assertEquals(textOf(events), TEXT);
    },
  },
  {
    name: "the provider gets the conversation and known settings, and no unknown field",
    async run(server) {
      await server.events({ body: answerOf("a") }, { temperature: 0.5, max_tokens: 100, tools: [TOOL], colour: "red" });
      const { body, path } = server.provider.requests[0]!;
      assertMatch(path, /\/chat\/completions$/);
      assertEquals([body.messages, body.temperature, body.tools], [MESSAGES, 0.5, [TOOL]]);
      assertEquals([body.stream, body.stream_options], [true, { include_usage: true }]);
      assertEquals(body.colour, undefined);
    },
  },
  {
    name: "images and tool results in a conversation reach the provider",
    async run(server) {
      const image = { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } };
      const call = { id: "call_a", type: "function", function: { name: "get_order", arguments: "{}" } };
      const messages = [
        { role: "user", content: [{ type: "text", text: "What is this?" }, image] },
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "call_a", content: "An order" },
      ];
      await server.events({ body: answerOf("a") }, { messages, tools: [TOOL] });
      const sent = server.provider.requests[0]!.body.messages;
      assertEquals([sent[0], sent[1].tool_calls, sent[2]], [messages[0], [call], messages[2]]);
    },
  },
  {
    name: "reasoning is an event of its own",
    async run(server) {
      const events = await server.events({
        body: sse(delta({ reasoning_content: "Hm." }), ...[contentChunk("Yes"), finishChunk(), "[DONE]"]),
      });
      assertEquals(events.slice(0, 2), [{ type: "reasoning", data: "Hm." }, { type: "text", data: "Yes" }]);
    },
  },
  {
    name: "every fragment of a tool call has its id, and the name comes once",
    async run(server) {
      const chunks = CALLS.map((tool_calls) => delta({ tool_calls }));
      const events = await server.events({ body: sse(...chunks, finishChunk("tool_calls"), "[DONE]") }, {
        tools: [TOOL],
      });
      const fragments = events.flatMap((event) => event.type === "tool_calls" ? event.data : []);
      const of = (id: string) => fragments.filter((fragment) => fragment.id === id);
      assertEquals(fragments.length, of("call_a").length + of("call_b").length, "the ids of the fragments");
      assertEquals(of("call_a").map((fragment) => fragment.function.arguments).join(""), '{"number":"7"}');
      assertEquals(of("call_a").map((fragment) => fragment.function.name).filter((name) => name !== null), [
        "get_order",
      ]);
      assertEquals(of("call_b").map(({ index, type }) => [index, type]), [[1, "function"]]);
      assertEquals(events.at(-1), { type: "stop", data: "tool_calls" });
    },
  },
  {
    name: "usage has the protocol's names, and comes once, before the end",
    async run(server) {
      const events = await server.events({ body: sse(contentChunk("a"), finishChunk("length"), USAGE, "[DONE]") });
      const usage = events.find((event) => event.type === "usage")?.data;
      assertEquals([usage?.totalInputTokens, usage?.totalOutputTokens, usage?.totalTokens], [9, 7, 16]);
      assertEquals([usage?.inputCachedTokens, usage?.outputReasoningTokens], [4, 3]);
      assertEquals(events.at(-1), { type: "stop", data: "length" });
    },
  },
  {
    name: "a provider that breaks off ends the stream with an error, after all of its text",
    async run(server) {
      for (const end of ["cut", "close"] as const) {
        const answer = new LiveAnswer();
        server.provider.script = () => ({ body: answer.body, end });
        const pending = server.chat();
        answer.send(sse(contentChunk("Half an")));
        // It breaks off when the text has arrived: some runtimes drop what they have not read when the body fails.
        const { reader, wire } = await readEvents(await pending, 1);
        answer.close();
        const events = readWire(wire + await readRest(reader));
        const last = events.at(-1)!;
        assertEquals([textOf(events), last.type], ["Half an", "error"]);
        assert(last.type === "error" && last.data.type === "StreamChunkError");
        assertEquals(last.data.body?.reason, "unexpected_end");
      }
    },
  },
  {
    name: "invalid JSON and errors inside the provider's stream end it with a typed error",
    async run(server) {
      const broken = await server.events({ body: sse(contentChunk("a"), "{not json", ...answerOf("b")) });
      const last = broken.at(-1)!;
      assertEquals([textOf(broken), last.type === "error" && last.data.body?.reason], ["a", "invalid_json"]);
      const failed = await server.events({ body: sse(contentChunk("a"), { error: { message: "The model crashed" } }) });
      const { type, data } = failed.at(-1)!;
      assertEquals([type, typeof data === "object" && "type" in data && data.type], ["error", "ProviderBizError"]);
    },
  },
  ...REFUSALS.map(([given, error, status, type]): Check => ({
    name: `a provider's ${given} with ${error.code} is a ${status} ${type}`,
    async run(server) {
      const headers = { "content-type": "application/json", "retry-after": "15" };
      const response = await server.answered({ status: given, headers, body: [JSON.stringify({ error })] });
      const retryAfter = response.headers.get("retry-after");
      const body = await assertError(response, status, type);
      assert(!JSON.stringify(body).includes(SECRET), "the provider's key must not reach a client");
      if (status === 429) assertEquals(retryAfter, "15");
    },
  })),
  {
    name: "a provider's error page, and one that is unreachable, are a 502 without a word of the page",
    async run(server) {
      const page = { status: 500, headers: { "content-type": "text/html" }, body: ["<html>Secret page</html>"] };
      const body = await assertError(await server.answered(page), 502, "ProviderBizError");
      assert(!JSON.stringify(body).includes("Secret page"));
      await assertError(await server.answered({ end: "refuse" }), 502, "ProviderNetworkError");
    },
  },
  {
    name: "an invalid request is a 400, and nothing is asked of the provider",
    async run(server) {
      for (const body of INVALID) await assertError(await server.chat(body), 400, "InvalidRequestFormat");
      const body = await assertError(
        await server.chat({ messages: [...MESSAGES, { role: "robot", content: "Hi" }] }),
        400,
        "InvalidRequestFormat",
      );
      assertEquals(body.path, "messages[1].role");
      assertEquals(server.provider.requests.length, 0);
    },
  },
  {
    name: "a client that leaves in mid-stream cancels the provider's request",
    async run(server) {
      server.provider.script = () => ({ body: sse(contentChunk("a")), end: "stall" });
      const leaving = new AbortController();
      const { reader } = await readEvents(await server.chat({}, { signal: leaving.signal }), 1);
      leaving.abort();
      await reader.read().catch(() => {});
      await server.provider.until(({ aborts }) => aborts === 1);
    },
  },
  {
    name: "a client that leaves before the first byte cancels the provider's request",
    async run(server) {
      server.provider.script = () => ({ end: "silent" });
      const leaving = new AbortController();
      const pending = server.chat({}, { signal: leaving.signal }).catch(() => {});
      await server.provider.until(({ requests }) => requests.length === 1);
      leaving.abort();
      await pending;
      await server.provider.until(({ aborts }) => aborts === 1);
    },
  },
  {
    name: "stream: false gives the same answer as one JSON object, and a broken one as an error",
    async run(server) {
      const response = await server.answered({
        body: sse(contentChunk("Hel"), contentChunk("lo"), finishChunk(), USAGE, "[DONE]"),
      }, { stream: false });
      const { text, usage, stop } = await response.json();
      assertEquals([response.status, text, usage?.totalTokens, stop], [200, "Hello", 16, "stop"]);
      const broken = await server.answered({ body: sse(contentChunk("Half")), end: "cut" }, { stream: false });
      const body = await assertError(broken, 502, "StreamChunkError");
      assertEquals((body.answer as { text?: string }).text, "Half");
    },
  },
  {
    name: "the server serves the chat page and the component",
    async run(server) {
      const page = await fetch(`${server.origin}/`);
      assertMatch(await page.text(), /<chat-stream/);
      const script = await fetch(`${server.origin}/chat-stream.js`);
      await script.body?.cancel();
      assertEquals([page.status, script.status], [200, 200]);
      assertMatch(script.headers.get("content-type") ?? "", /javascript/);
    },
  },
];
