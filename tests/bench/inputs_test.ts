/** Tests of the inputs that every benchmark measures with. @module */
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import {
  answerPieces,
  answerText,
  CHUNK_BYTES,
  contentChunk,
  cut,
  cutAtRandom,
  mixedAnswer,
  parserInputs,
  PIECES_PER_BLOCK,
  providerAnswer,
  seededRandom,
} from "../../bench/inputs.ts";
import { SseParser } from "../../protocol/sse_parser.ts";

function messagesOf(pieces: readonly string[]): readonly string[] {
  const messages: string[] = [];
  const parser = new SseParser({ onMessage: ({ data }) => void messages.push(data) });
  for (const piece of pieces) parser.feed(piece);
  return messages;
}

Deno.test("seededRandom gives the same numbers for the same seed and others for another", () => {
  const take = (seed: number) => Array.from({ length: 5 }, seededRandom(seed));
  assertEquals(take(7), take(7));
  assertNotEquals(take(7), take(8));
  assert(take(7).every((number) => number >= 0 && number < 1));
});

Deno.test("answerPieces gives a block of pieces of about four characters", () => {
  const pieces = answerPieces();
  assertEquals(pieces.length, PIECES_PER_BLOCK);
  const average = answerText(PIECES_PER_BLOCK).length / PIECES_PER_BLOCK;
  assert(average > 3.5 && average < 4.5, `found ${average}`);
});

Deno.test("contentChunk makes every piece a chunk of exactly the promised size", () => {
  const encoder = new TextEncoder();
  for (const piece of answerPieces()) assertEquals(encoder.encode(contentChunk(piece)).length, CHUNK_BYTES, piece);
});

Deno.test("contentChunk refuses a piece that does not fit", () => {
  assertThrows(() => contentChunk("much too long a piece"), RangeError, "too long");
});

Deno.test("providerAnswer carries the answer's text, the finish reason, the usage and [DONE]", () => {
  const messages = messagesOf([providerAnswer(100)]);
  assertEquals(messages.at(-1), "[DONE]");
  const chunks = messages.slice(0, -1).map((data) => JSON.parse(data));
  assertEquals(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join(""), answerText(100));
  assertEquals(chunks.at(-2).choices[0].finish_reason, "stop");
  assertEquals(chunks.at(-1).usage.completion_tokens, 100);
});

Deno.test("mixedAnswer has chunks of every kind, and is the same for the same seed", () => {
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
  assert(cutAtRandom(text, 40).every((piece) => piece.length >= 1 && piece.length <= 40));
});

for (const { name, pieces, messages } of parserInputs()) {
  Deno.test(`parserInputs holds as many messages as it says: ${name}`, () => {
    assertEquals(messagesOf(pieces).length, messages);
  });
}
