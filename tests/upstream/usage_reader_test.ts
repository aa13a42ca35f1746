/**
 * Usage at the end of the responses of every API.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { OutputAllowance } from "../../upstream/chat_events/output_allowance.ts";
import { readLastUsage, readMessageUsage, TAIL_CHARS, UsageReader } from "../../upstream/usage_reader.ts";

const CASES: readonly [name: string, text: string, total: number | undefined][] = [
  ["a chat completion", '{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}', 3],
  [
    "details within it",
    '{"usage": {"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":1},"total_tokens":3}}',
    3,
  ],
  ["embeddings", '{"data":[],"usage":{"prompt_tokens":5,"total_tokens":5}}', 5],
  [
    "a response's last event",
    'data: {"type":"response.completed","response":{"usage":{"input_tokens":4,"output_tokens":3,"total_tokens":7},"user":null}}\n\n',
    7,
  ],
  ["the last of several", '"usage":{"total_tokens":1}\n"usage":{"total_tokens":2}', 2],
  ["the last one with counts", '"usage":{"total_tokens":1}\n"usage":null\n"usage":{}', 1],
  ["none in a model's text", String.raw`{"content":"\"usage\":{\"total_tokens\":9}"}`, undefined],
  ["none that is cut", '"usage":{"total_tokens":1', undefined],
  ["none", "", undefined],
];

for (const [name, text, total] of CASES) {
  Deno.test(`readLastUsage finds ${name}`, () => assertEquals(readLastUsage(text)?.totalTokens, total));
}

Deno.test("readLastUsage ends when the text is made to keep it busy", () => {
  const hostile = '"usage":{'.repeat(TAIL_CHARS / 9);
  assertEquals(readLastUsage(hostile), undefined);
});

/** Output without a limit. */
const UNLIMITED: OutputAllowance = { covers: () => true, growToCover: () => Promise.resolve() };

Deno.test("UsageReader passes bytes untouched, however they are cut, and keeps the end", async () => {
  const bytes = new TextEncoder().encode(`${"ü🦕".repeat(TAIL_CHARS)}{"usage":{"total_tokens":3}}`);
  const reader = new UsageReader(UNLIMITED);
  const pieces = ReadableStream.from((function* () {
    for (let at = 0; at < bytes.length; at += 1009) yield bytes.slice(at, at + 1009);
  })());
  assertEquals(await new Response(pieces.pipeThrough(reader)).bytes(), bytes);
  assertEquals(reader.counts.usage, { totalTokens: 3 });
});

Deno.test("readMessageUsage joins the counts at the beginning and at the end of a stream", () => {
  const start = '{"type":"message_start","message":{"usage":{"input_tokens":5,"cache_read_input_tokens":20,' +
    '"cache_creation":{"ephemeral_5m_input_tokens":0},"output_tokens":1}}}';
  const end = '{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":9}}';
  assertEquals(readMessageUsage(start, `${start}\n${end}`)?.totalTokens, 34);
  assertEquals(readMessageUsage(start, "")?.totalOutputTokens, 1);
  assertEquals(readMessageUsage("", ""), undefined);
});

Deno.test("UsageReader keeps the beginning of a long stream of messages", async () => {
  const reader = new UsageReader(UNLIMITED, readMessageUsage);
  const text = `"usage":{"input_tokens":5,"output_tokens":1}\n${"x".repeat(3 * TAIL_CHARS)}"usage":{"output_tokens":9}`;
  const pieces = ReadableStream.from((function* () {
    for (let at = 0; at < text.length; at += 1009) yield new TextEncoder().encode(text.slice(at, at + 1009));
  })());
  await new Response(pieces.pipeThrough(reader)).text();
  assertEquals(reader.counts.usage?.totalTokens, 14);
});
