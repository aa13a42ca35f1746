/** Tests of the benchmarks' inputs. @module */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  answerText,
  answerTokens,
  CHUNK_BYTES,
  contentChunk,
  cut,
  cutAtRandom,
  mixedAnswer,
  parserInputs,
  providerAnswer,
  seededRandom,
  TOKENS_PER_BLOCK,
} from "../../bench/inputs.ts";
import { SseParser } from "../../protocol/sse_parser.ts";

function messagesOf(chunks: readonly string[]): readonly string[] {
  const messages: string[] = [];
  const parser = new SseParser({ onMessage: ({ data }) => void messages.push(data) });
  for (const chunk of chunks) parser.feed(chunk);
  return messages;
}

Deno.test("seededRandom returns the same numbers for the same seed only", () => {
  const take = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
  assertEquals(take(7), take(7));
  assertNotEquals(take(7), take(8));
  assert(take(7).every((number) => number >= 0 && number < 1));
});

Deno.test("answerTokens returns a block of tokens of about four characters", () => {
  const tokens = answerTokens();
  assertEquals(tokens.length, TOKENS_PER_BLOCK);
  const average = answerText(TOKENS_PER_BLOCK).length / TOKENS_PER_BLOCK;
  assert(average > 3.5 && average < 4.5, `found ${average}`);
});

Deno.test("contentChunk makes a chunk of exactly CHUNK_BYTES for every token", () => {
  const encoder = new TextEncoder();
  for (const token of answerTokens()) assertEquals(encoder.encode(contentChunk(token)).length, CHUNK_BYTES, token);
});

Deno.test("contentChunk throws when a token does not fit", () => {
  assertThrows(() => contentChunk("much too long a token"), RangeError, "too long");
});

Deno.test("providerAnswer contains the answer's text, the finish reason, the usage and [DONE]", () => {
  const messages = messagesOf([providerAnswer(100)]);
  assertEquals(messages.at(-1), "[DONE]");
  const chunks = messages.slice(0, -1).map((data) => JSON.parse(data));
  assertEquals(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join(""), answerText(100));
  assertEquals(chunks.at(-2).choices[0].finish_reason, "stop");
  assertEquals(chunks.at(-1).usage.completion_tokens, 100);
});

Deno.test("mixedAnswer contains chunks of every kind, and is the same for the same seed", () => {
  const deltas = messagesOf([mixedAnswer(200)]).slice(0, -1).map((data) => JSON.parse(data).choices[0]?.delta ?? {});
  for (const kind of ["content", "reasoning_content", "tool_calls"]) {
    assert(deltas.some((delta) => kind in delta), kind);
  }
  assertEquals(mixedAnswer(50, 3), mixedAnswer(50, 3));
  assertNotEquals(mixedAnswer(50, 3), mixedAnswer(50, 4));
});

Deno.test("cut and cutAtRandom lose nothing", () => {
  const text = providerAnswer(10);
  assertEquals(cut(text, 7).join(""), text);
  assertEquals(cutAtRandom(text, 40).join(""), text);
  assert(cutAtRandom(text, 40).every((chunk) => chunk.length >= 1 && chunk.length <= 40));
});

for (const { name, chunks, messages } of parserInputs()) {
  Deno.test(`parserInputs states the right number of messages: ${name}`, () => {
    assertEquals(messagesOf(chunks).length, messages);
  });
}
