/**
 * The short cut for repeated chunks: what it matches, what it must leave to the parser, and that a stream gives the same
 * events with it and without it.
 */
import { assertEquals } from "@std/assert";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { ChatEventMapper } from "../../upstream/chat_event_mapper.ts";
import { ChunkTemplate } from "../../upstream/chunk_template.ts";

/** A chunk as OpenAI writes one, with some content put in as it is. */
function chunk(content: string, { padding = "", index = 0, rest = "" } = {}): string {
  return `{"id":"chatcmpl-1","object":"chat.completion.chunk","choices":[{"index":${index},"delta":{"content":"${content}"},` +
    `"logprobs":null,"finish_reason":null}]${rest},"usage":null${padding && `,"obfuscation":"${padding}"`}}`;
}

function learnt(data: string): ChunkTemplate {
  const template = new ChunkTemplate();
  template.learn(data, JSON.parse(data));
  return template;
}

const MATCHES: [name: string, first: string, next: string, content: string | undefined][] = [
  ["another content", chunk("a"), chunk(" b"), " b"],
  ["an empty content", chunk("a"), chunk(""), ""],
  ["content beyond ASCII", chunk("a"), chunk("日本 👋"), "日本 👋"],
  ["other padding", chunk("a", { padding: "xyz" }), chunk("b", { padding: "q" }), "b"],
  ["a space after the colon", chunk("a").replace(':"a"', ': "a"'), chunk("b").replace(':"b"', ': "b"'), "b"],
  ["an escape", chunk("a"), chunk("\\n"), undefined],
  ["an escaped quote", chunk("a"), chunk('\\"'), undefined],
  ["a raw control character, which is no JSON", chunk("a"), chunk("\n"), undefined],
  ["an escape in the padding", chunk("a", { padding: "x" }), chunk("b", { padding: "\\" }), undefined],
  ["another choice", chunk("a"), chunk("b", { index: 1 }), undefined],
  ["something more", chunk("a"), chunk("b", { rest: ',"citations":["u"]' }), undefined],
  ["something less", chunk("a"), chunk("b").slice(0, -1), undefined],
  ["something after it", chunk("a"), `${chunk("b")} `, undefined],
  ["missing padding", chunk("a", { padding: "x" }), chunk("b"), undefined],
];
for (const [name, first, next, content] of MATCHES) {
  Deno.test(`ChunkTemplate ${content === undefined ? "leaves to the parser" : "matches"} a chunk with ${name}`, () => {
    assertEquals(learnt(first).match(next), content);
  });
}

const UNFIT: [name: string, first: string, next: string][] = [
  ["holds usage", chunk("a").replace('"usage":null', '"usage":{}'), chunk("b").replace('"usage":null', '"usage":{}')],
  [
    "is not the one the content stands for",
    '{"x":{"content":"a"},"choices":[{"delta":{"content":  "a"}}]}',
    '{"x":{"content":"b"},"choices":[{"delta":{"content":  "a"}}]}',
  ],
  ["holds reasoning too", chunk('a","reasoning":"r'), chunk('b","reasoning":"r')],
  [
    "ends the answer",
    chunk("a").replace('reason":null', 'reason":"stop"'),
    chunk("b").replace('reason":null', 'reason":"stop"'),
  ],
];
for (const [name, first, next] of UNFIT) {
  Deno.test(`ChunkTemplate learns nothing from a chunk that ${name}`, () => {
    assertEquals(learnt(first).match(next), undefined);
  });
}

Deno.test("ChunkTemplate keeps what it knows when a chunk with an escape passes by", () => {
  const template = learnt(chunk("a"));
  template.learn(chunk("\\n"), JSON.parse(chunk("\\n")));
  assertEquals(template.match(chunk("b")), "b");
});

Deno.test("ChunkTemplate gives up on a stream whose chunks all differ", () => {
  const template = new ChunkTemplate();
  for (let id = 0; id < 10; id++) {
    const data = chunk("a").replace("chatcmpl-1", `chatcmpl-${id}`);
    assertEquals(template.match(data), undefined);
    template.learn(data, JSON.parse(data));
  }
  assertEquals(template.match(chunk("b").replace("chatcmpl-1", "chatcmpl-9")), undefined);
});

/** The events of a stream's messages. */
function mapped(messages: readonly string[]): ChatEvent[] {
  const events: ChatEvent[] = [];
  let calls = 0;
  const mapper = new ChatEventMapper({
    emit: (event) => events.push(event),
    now: () => 0,
    startedAt: 0,
    generateId: () => `call_${calls++}`,
  });
  for (const data of messages) mapper.onMessage({ event: "message", data, id: "" });
  mapper.endOfStream();
  return events;
}

/** The same messages with a field of its own in each: it means nothing, and keeps every template from matching. */
function unrepeated(messages: readonly string[]): string[] {
  return messages.map((data, index) => data.startsWith("{") ? `{"unrepeated":${index},${data.slice(1)}` : data);
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const CONTENTS = [
  "a",
  " b",
  "",
  "\\n",
  '\\"',
  "\\u0041",
  "日本",
  "👋",
  "<think>",
  "</think>",
  "</th",
  "\t",
  "\\",
  "content",
  '","x":"',
];
const RESTS = ["", "", "", ',"citations":["u"]', ',"error":{"message":"m"}', ',"x_groq":{"usage":{"total_tokens":1}}'];

/** A stream of chunks that are nearly alike, and now and then not at all. */
function nearlyAlike(random: () => number): string[] {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  return Array.from({ length: 3 + Math.floor(random() * 20) }, () => {
    if (random() < 0.03) return pick(["[DONE]", "{", "null", "[]", '{"choices":[]}']);
    const data = chunk(pick(CONTENTS), {
      padding: pick(["", "", "p", "qq", "\\"]),
      index: random() < 0.1 ? 1 : 0,
      rest: random() < 0.1 ? pick(RESTS) : "",
    });
    if (random() < 0.05) return data.replace('"finish_reason":null', `"finish_reason":"${pick(["stop", "length"])}"`);
    if (random() < 0.05) return data.replace('"delta":{', '"delta":{"reasoning":"r",');
    return random() < 0.03 ? data.slice(0, -1) : data;
  });
}

Deno.test("ChatEventMapper gives the same events with the short cut and without it on 20,000 streams", () => {
  for (let seed = 1; seed <= 20_000; seed++) {
    const messages = nearlyAlike(seeded(seed));
    assertEquals(
      JSON.stringify(mapped(messages)),
      JSON.stringify(mapped(unrepeated(messages))),
      `seed ${seed}: ${JSON.stringify(messages)}`,
    );
  }
});

Deno.test("ChatEventMapper gives the same events with the short cut and without it on every fixture", async () => {
  const folder = new URL("../fixtures/openai/", import.meta.url);
  let count = 0;
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".sse")) continue;
    count++;
    const text = await Deno.readTextFile(new URL(name, folder));
    const messages = [...text.matchAll(/^data: ?(.*)$/gm)].map(([, data = ""]) => data);
    assertEquals(mapped(messages), mapped(unrepeated(messages)), name);
  }
  assertEquals(count > 0, true);
});
