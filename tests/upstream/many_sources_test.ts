/**
 * A provider that sends thousands of sources, one at a time: all of them reach the client, and the answer stays short.
 */
import { assert, assertEquals } from "@std/assert";
import type { Grounding } from "../../protocol/chat_event.ts";
import { chatCompletions } from "../../upstream/chat_completions/chat_completions.ts";
import type { Dialect } from "../../upstream/chat_events/dialect.ts";
import { gemini } from "../../upstream/gemini/gemini.ts";
import { decodeData } from "./dialect_answer.ts";

const TEXT = "a".repeat(300);
/** The index of a citation and the offset of its mark. Each mark has 32 citations, each citation 32 marks. */
const SOURCES = Array.from({ length: 256 * 32 }, (_, at) => ({ at: at % 256, end: 1 + Math.floor(at / 32) }));

function urlOf(at: number): string {
  return `https://${at}.example/${"x".repeat(100)}`;
}

/** The dialects that send sources before the end, and their streams. */
const STREAMS: readonly (readonly [name: string, dialect: Dialect, data: readonly unknown[]])[] = [
  ["chat completions", chatCompletions, [
    { choices: [{ delta: { content: TEXT } }] },
    ...SOURCES.map(({ at, end }) => ({
      choices: [{ delta: { annotations: [{ url_citation: { url: urlOf(at), end_index: end } }] } }],
    })),
    { choices: [{ delta: {}, finish_reason: "stop" }] },
  ]],
  ["Gemini", gemini, [
    { candidates: [{ content: { parts: [{ text: TEXT }] } }] },
    ...SOURCES.map(({ at, end }) => ({
      candidates: [{
        groundingMetadata: {
          groundingChunks: [{ web: { uri: urlOf(at) } }],
          groundingSupports: [{ segment: { endIndex: end }, groundingChunkIndices: [0] }],
        },
      }],
    })),
    { candidates: [{ finishReason: "STOP" }] },
  ]],
];

for (const [name, dialect, data] of STREAMS) {
  Deno.test(`${name}: an answer has all sources at its end, and is not longer than what the provider sent`, () => {
    const events = decodeData(dialect, ...data);
    const last = events.findLast(({ type }) => type === "grounding")!.data as Grounding;
    const marks = last.marks!.map(({ citations }) => citations.length);
    assertEquals([last.citations.length, marks], [256, Array.from({ length: 256 }, () => 32)]);
    assert(JSON.stringify(events).length < JSON.stringify(data).length);
    assertEquals(events.at(-1), { type: "stop", data: "stop" });
  });
}
