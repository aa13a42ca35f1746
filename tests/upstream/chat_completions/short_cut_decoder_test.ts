/**
 * The decoder with the short cut, compared with full parsing: the output must be the same for all input, however it is
 * cut.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { formatChatEvent } from "../../../protocol/chat_event.ts";
import { MAX_EVENT_CHARS, SseEventTooLargeError } from "../../../protocol/sse_parser.ts";
import { ChatEventWriter } from "../../../upstream/chat_events/chat_event_writer.ts";
import { ShortCutDecoder } from "../../../upstream/chat_completions/short_cut_decoder.ts";
import { cutAtBlankLines, cutAtRandom, fewChunkings } from "../../chunkings.ts";
import { FUZZ_STREAMS, SeededRandom } from "../../seeded_random.ts";
import { mapChunks } from "../answer_of.ts";
import { createHostileStream } from "./hostile_stream.ts";
import { chunk } from "./raw_chunk.ts";

type Chunks = Iterable<Uint8Array<ArrayBuffer>>;

const encoder = new TextEncoder();

/** A writer that counts the text events of the short cut. */
class CountingWriter extends ChatEventWriter {
  shortCuts = 0;

  override countText(bytes: number): number {
    this.shortCuts++;
    return super.countText(bytes);
  }
}

function createDecoder(writer: ChatEventWriter, maxEventChars = MAX_EVENT_CHARS) {
  return new ShortCutDecoder({ writer, now: () => 0, startedAt: 0, maxEventChars });
}

/** Replaces generated ids, which differ in each run, by numbers. */
function withNumberedIds(wire: string): string {
  const ids = new Map<string, string>();
  return wire.replace(/"call_[0-9a-f-]{36}"/g, (id) => {
    if (!ids.has(id)) ids.set(id, `"made_${ids.size + 1}"`);
    return ids.get(id)!;
  });
}

/** The output when every chunk is parsed. */
function outputWhenParsed(chunks: Chunks): string {
  return mapChunks(chunks).map((event, index) => formatChatEvent(index + 1, event)).join("");
}

/** The output of the decoder, and how many events took the short cut. */
function decode(chunks: Chunks): { wire: string; shortCuts: number } {
  const writer = new CountingWriter();
  const reader = createDecoder(writer);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let wire = "";
  for (const chunk of chunks) {
    // Overwrite the input, as the next read does.
    const buffer = chunk.slice();
    reader.decode(buffer);
    wire += decoder.decode(writer.take());
    buffer.fill(0);
  }
  reader.end();
  return { wire: withNumberedIds(wire + decoder.decode(writer.take())), shortCuts: writer.shortCuts };
}

/** Compares both outputs. @returns the number of short cuts */
function compare(chunks: readonly Uint8Array<ArrayBuffer>[], message: string): number {
  const { wire, shortCuts } = decode(chunks);
  assertEquals(wire, outputWhenParsed(chunks), message);
  return shortCuts;
}

const CONTENTS = [
  "a",
  " b",
  "word",
  "",
  "\\n",
  '\\"',
  "\\u0041",
  "\\ud83d",
  "\\/",
  "日本",
  "👋",
  "é",
  "<think>",
  "</think>",
  "<th",
  "</th",
  "\t",
  "\\",
  "content",
  '","x":"',
  "\u2028",
  "\ufeff",
];
const RESTS = ["", "", "", ',"citations":["u"]', ',"error":{"message":"m"}', ',"x_groq":{"usage":{"total_tokens":1}}'];
const FRAMES = ["\n\n", "\n\n", "\n\n", "\n\n", "\r\n\r\n", "\r\r", "\n", "\n: ping\n\n", "\n\n\n", "\r\n\n"];
const NOISE = ["data: [DONE]", "data: {", "data: null", "data:", ": ping", "event: x", "id: 1", "error: bad", "\r"];

/** A stream of similar chunks, with some different ones. */
function similarChunks(random: SeededRandom): Uint8Array<ArrayBuffer> {
  const paddings = random.pick([[""], [""], ["p", "qq", "rrr"], ["", "p", "qq", "\\"]]);
  const reasoningField = random.pick(["reasoning_content", "reasoning"]);
  const length = 3 + random.below(30);
  // Most answers begin at once, others after reasoning.
  const answerAt = random.chance(0.7) ? 0 : random.below(length);
  const messages = Array.from({ length }, (_, position) => {
    if (random.chance(0.02)) return random.pick(NOISE) + random.pick(FRAMES);
    let data = chunk(random.pick(random.chance(0.7) ? CONTENTS.slice(0, 3) : CONTENTS), {
      padding: random.pick(paddings),
      index: random.chance(0.05) ? 1 : 0,
      rest: random.chance(0.05) ? random.pick(RESTS) : "",
      field: position >= answerAt || random.chance(0.05) ? "content" : reasoningField,
    });
    if (random.chance(0.03)) data = data.replace('"finish_reason":null', '"finish_reason":"stop"');
    if (random.chance(0.03)) data = data.replace('"delta":{', '"delta":{"reasoning":"r",');
    if (random.chance(0.02)) data = data.slice(0, -1);
    const field = random.chance(0.9) ? "data: " : random.pick(["data:", "data:  ", "dat: ", "\ufeffdata: "]);
    return field + data + (random.chance(0.9) ? "\n\n" : random.pick(FRAMES));
  });
  const bytes = encoder.encode(messages.join(""));
  // Mostly invalid UTF-8.
  if (random.chance(0.2)) bytes[random.below(bytes.length)] = random.pick([0x80, 0xc3, 0xed, 0xf0, 0xff, 0x0a, 0x22]);
  return bytes;
}

Deno.test(`ShortCutDecoder writes the same bytes with the short cut and without it on ${FUZZ_STREAMS} streams`, () => {
  let shortCuts = 0;
  for (let seed = 1; seed <= FUZZ_STREAMS; seed++) {
    const random = new SeededRandom(seed);
    const bytes = similarChunks(random);
    shortCuts += compare(cutAtBlankLines(bytes), `seed ${seed}, message by message`);
    shortCuts += compare(cutAtRandom(bytes, random, random.pick([10, 200, 1000])), `seed ${seed}, cut at random`);
  }
  assert(shortCuts > 2 * FUZZ_STREAMS, `${shortCuts} short cuts are too few to show anything`);
});

Deno.test(`ShortCutDecoder writes the same bytes with the short cut and without it on ${FUZZ_STREAMS} hostile streams`, () => {
  for (let seed = 1; seed <= FUZZ_STREAMS; seed++) {
    const { chunks } = createHostileStream(seed);
    compare(chunks, `seed ${seed}`);
    const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
    chunks.reduce((at, chunk) => (bytes.set(chunk, at), at + chunk.length), 0);
    compare(cutAtBlankLines(bytes), `seed ${seed}, message by message`);
  }
});

Deno.test("ShortCutDecoder emits the same bytes with and without the short cut on every fixture", async () => {
  const folder = new URL("../../fixtures/openai/", import.meta.url);
  let shortCuts = 0;
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".sse")) continue;
    const bytes = await Deno.readFile(new URL(name, folder));
    for (const { name: cut, chunks } of fewChunkings(bytes)) shortCuts += compare(chunks, `${name}, ${cut}`);
  }
  assert(shortCuts > 0);
});

/** `count` messages that differ in their text only. */
function alike(count: number): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: count }, (_, n) => encoder.encode(`data: ${chunk(`word ${n}`)}\n\n`));
}

Deno.test("ShortCutDecoder takes the short cut for every chunk but the first when they differ in their text only", () => {
  assertEquals(compare(alike(100), "alike"), 99);
});

Deno.test("ShortCutDecoder takes the short cut again after a different chunk", () => {
  const chunks = alike(10);
  chunks.splice(5, 0, encoder.encode('data: {"choices":[{"delta":{"tool_calls":[]}}]}\n\n: ping\n\n'));
  assertEquals(compare(chunks, "interrupted"), 9);
});

Deno.test("ShortCutDecoder takes the short cut for reasoning, and for the text after it", () => {
  const reasoning = Array.from({ length: 10 }, (_, n) => {
    return encoder.encode(`data: ${chunk(`thought ${n}`, { field: "reasoning_content" })}\n\n`);
  });
  // All except the first one of each.
  assertEquals(compare([...reasoning, ...alike(10)], "reasoning first"), 18);
});

Deno.test("ShortCutDecoder emits held text before later reasoning when the text may be part of a tag", () => {
  const messages = [
    chunk("a", { field: "reasoning" }),
    // Nothing is learnt from a chunk with usage, so the next one still matches the template of the first.
    chunk("<th").replace('"usage":null', '"usage":{"total_tokens":1}'),
    chunk("b", { field: "reasoning" }),
    chunk("c"),
    chunk("d"),
  ];
  compare(messages.map((data) => encoder.encode(`data: ${data}\n\n`)), "half a tag");
});

Deno.test("ShortCutDecoder learns a new template when the chunks change permanently, such as each second", () => {
  const older = alike(5);
  const newer = alike(5).map((bytes) => encoder.encode(new TextDecoder().decode(bytes).replace("chatcmpl-1", "later")));
  assertEquals(compare([...older, ...newer], "changed"), 8);
});

Deno.test("ShortCutDecoder takes the short cut when reads cut the chunks anywhere except between two line ends", () => {
  const chunks = alike(10);
  const length = chunks[0]!.length;
  const bytes = encoder.encode(chunks.map((chunk) => new TextDecoder().decode(chunk)).join(""));
  for (let phase = 0; phase < length; phase++) {
    const cuts = [bytes.subarray(0, length + phase), ...cutEvery(bytes.subarray(length + phase), length)];
    // All except the first one, whose template serves the same read and later ones.
    const expected = phase === length - 1 ? 0 : 9;
    assertEquals(compare(cuts, `cut after ${phase} bytes`), expected, `cut after ${phase} bytes`);
  }
});

Deno.test("ShortCutDecoder takes the short cut from the second chunk of the first read", () => {
  const bytes = encoder.encode(alike(10).map((chunk) => new TextDecoder().decode(chunk)).join(""));
  assertEquals(compare([bytes], "all in one read"), 9);
});

Deno.test("ShortCutDecoder parses the rest of a read when it has many other messages, but not the next read", () => {
  const others = Array.from({ length: 4 }, () => 'data: {"choices":[{"delta":{"tool_calls":[]}}]}\n\n').join("");
  const three = alike(3).map((bytes) => new TextDecoder().decode(bytes)).join("");
  const reads = [three + others.slice(0, others.length * 3 / 4) + three, three + others + three, three];
  // First all but one, then none after the other messages, then all.
  assertEquals(
    reads.map((_, index) => compare(reads.slice(0, index + 1).map((read) => encoder.encode(read)), "others")),
    [
      5,
      8,
      11,
    ],
  );
});

Deno.test("ShortCutDecoder does not hold back an incomplete line when it is long", () => {
  const long = encoder.encode(`data: ${chunk("x".repeat(5000))}\n\n`);
  // In small chunks the long line goes to the parser, and the next one matches again.
  assertEquals(compare([...alike(3), ...cutEvery(long, 100), ...alike(3)], "a long one"), 5);
});

/** Chunks of `size` bytes. */
function cutEvery(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer>[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

const UNFINISHED: [name: string, start: Uint8Array<ArrayBuffer>][] = [
  ["a message that has a name", encoder.encode("event: error\n")],
  ["a message that has data", encoder.encode("data: {}\n")],
  ["a message that has an id", encoder.encode("id: 1\n")],
  ["a line", encoder.encode("da")],
  ["a comment", encoder.encode(":")],
  ["a line end of two characters", encoder.encode(": ping\r")],
  ["a character", new Uint8Array([0xc3])],
  ["a byte order mark", new Uint8Array([0xef, 0xbb])],
  ["a line of content that ends with a lone CR", encoder.encode(`data: ${chunk("a")}\r`)],
  ["a chunk that would match", encoder.encode(`data: ${chunk("a").slice(0, 80)}`)],
];
for (const [name, start] of UNFINISHED) {
  Deno.test(`ShortCutDecoder emits the same bytes when a read ends within ${name}`, () => {
    const chunks = alike(4);
    chunks.splice(2, 0, start);
    compare(chunks, name);
  });
}

Deno.test("ShortCutDecoder throws when a message is too large, also when it would match", () => {
  const reader = createDecoder(new ChatEventWriter(), 300);
  const decodeText = (text: string) => reader.decode(encoder.encode(`data: ${chunk(text)}\n\n`));
  decodeText("a");
  decodeText("b");
  assertThrows(() => decodeText("x".repeat(300)), SseEventTooLargeError);
});
