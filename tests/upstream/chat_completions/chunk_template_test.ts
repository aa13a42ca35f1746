/** The template of a repeated chunk: what it matches, and what it leaves to the parser. */
import { assertEquals } from "@std/assert";
import { ChunkTemplate } from "../../../upstream/chat_completions/chunk_template.ts";
import { chunk } from "./raw_chunk.ts";

function templateOf(data: string): ChunkTemplate {
  const template = new ChunkTemplate();
  template.learn(data, JSON.parse(data));
  return template;
}

const encoder = new TextEncoder();

/** The raw text that the template finds in a message; undefined where it does not match. */
function match(template: ChunkTemplate, text: string): string | undefined {
  // Not at the beginning of the buffer, to test offsets.
  const bytes = encoder.encode(`xyz${text}`).subarray(3);
  const end = template.match(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  if (end === -1) return undefined;
  assertEquals(end, bytes.length);
  return new TextDecoder().decode(bytes.subarray(template.textStart, template.textEnd));
}

function reasoning(text: string): string {
  return chunk(text, { field: "reasoning_content" });
}

function message(data: string): string {
  return `data: ${data}\n\n`;
}

const MATCHES: [name: string, first: string, next: string, content: string | undefined][] = [
  ["another content", chunk("a"), chunk(" b"), " b"],
  ["an empty content", chunk("a"), chunk(""), undefined],
  ["non-ASCII content", chunk("a"), chunk("日本 👋"), "日本 👋"],
  ["other padding", chunk("a", { padding: "xyz" }), chunk("b", { padding: "q" }), "b"],
  ["a space after the colon", chunk("a").replace(':"a"', ': "a"'), chunk("b").replace(':"b"', ': "b"'), "b"],
  ["the escapes that JSON.stringify writes", chunk("a"), chunk('\\n\\"\\\\\\t'), '\\n\\"\\\\\\t'],
  ["another escape", chunk("a"), chunk("\\/"), undefined],
  ["an escaped character", chunk("a"), chunk("\\u0041"), undefined],
  ["an incomplete escape", chunk("a"), chunk("\\"), undefined],
  ["a raw control character", chunk("a"), chunk("\n"), undefined],
  ["an escape in the padding", chunk("a", { padding: "x" }), chunk("b", { padding: "\\" }), undefined],
  ["another choice", chunk("a"), chunk("b", { index: 1 }), undefined],
  ["another field", chunk("a"), chunk("b", { rest: ',"citations":["u"]' }), undefined],
  ["a missing character", chunk("a"), chunk("b").slice(0, -1), undefined],
  ["a character after it", chunk("a"), `${chunk("b")} `, undefined],
  ["more reasoning, as DeepSeek writes it", reasoning("a"), reasoning("b"), "b"],
  [
    "more reasoning, as OpenRouter writes it",
    chunk("a", { field: "reasoning" }),
    chunk("b", { field: "reasoning" }),
    "b",
  ],
  ["text after reasoning", reasoning("a"), chunk("b"), undefined],
  ["missing padding", chunk("a", { padding: "x" }), chunk("b"), undefined],
];
for (const [name, first, next, content] of MATCHES) {
  Deno.test(`ChunkTemplate ${content === undefined ? "leaves to the parser" : "matches"} a chunk with ${name}`, () => {
    assertEquals(match(templateOf(first), message(next)), content);
  });
}

const UNFIT: [name: string, first: string, next: string][] = [
  ["has usage", chunk("a").replace('"usage":null', '"usage":{}'), chunk("b").replace('"usage":null', '"usage":{}')],
  [
    "has the text in two places, of which the first is not the content",
    '{"x":{"content":"a"},"choices":[{"delta":{"content":  "a"}}]}',
    '{"x":{"content":"b"},"choices":[{"delta":{"content":  "a"}}]}',
  ],
  [
    "has a question mark in two places, of which the first is not the content",
    '{"x":{"content":"?"},"choices":[{"delta":{"content":  "?"}}]}',
    '{"x":{"content":"b"},"choices":[{"delta":{"content":  "?"}}]}',
  ],
  ["also has reasoning", chunk('a","reasoning":"r'), chunk('b","reasoning":"r')],
  ["has reasoning twice", reasoning('a","reasoning":"a'), reasoning('b","reasoning":"a')],
  ["has a refusal", chunk("a", { field: "refusal" }), chunk("b", { field: "refusal" })],
  [
    "has a finish reason",
    chunk("a").replace('reason":null', 'reason":"stop"'),
    chunk("b").replace('reason":null', 'reason":"stop"'),
  ],
];
for (const [name, first, next] of UNFIT) {
  Deno.test(`ChunkTemplate learns nothing from a chunk that ${name}`, () => {
    assertEquals(match(templateOf(first), message(next)), undefined);
  });
}

Deno.test("ChunkTemplate distinguishes reasoning from the text that follows", () => {
  const template = new ChunkTemplate();
  const eventTypes = [reasoning("a"), reasoning("b"), chunk("c"), chunk("d")].map((data) => {
    const matched = match(template, message(data));
    if (matched === undefined) template.learn(data, JSON.parse(data));
    return matched === undefined ? "learnt" : template.eventType;
  });
  assertEquals(eventTypes, ["learnt", "reasoning", "learnt", "text"]);
});

Deno.test("ChunkTemplate keeps its template when a chunk has an escape", () => {
  const template = templateOf(chunk("a"));
  template.learn(chunk("\\n"), JSON.parse(chunk("\\n")));
  assertEquals(match(template, message(chunk("b"))), "b");
});

const FRAMES: [name: string, frame: (data: string) => string, matches: boolean][] = [
  ["without the space after the colon", (data) => `data:${data}\n\n`, true],
  ["with CRLF", (data) => `data: ${data}\r\n\r\n`, true],
  ["with lines that end in two ways", (data) => `data: ${data}\r\n\n`, false],
  ["with lone CRs", (data) => `data: ${data}\r\r`, false],
  ["with a second space", (data) => `data:  ${data}\n\n`, false],
  ["with an event name", (data) => `event: x\ndata: ${data}\n\n`, false],
  ["with another line after it", (data) => `data: ${data}\nid: 1\n\n`, false],
  ["without its blank line", (data) => `data: ${data}\n`, false],
  ["in another field", (data) => `date: ${data}\n\n`, false],
];
for (const [name, frame, matches] of FRAMES) {
  Deno.test(`ChunkTemplate ${matches ? "matches" : "leaves to the parser"} a message ${name}`, () => {
    assertEquals(match(templateOf(chunk("a")), frame(chunk("b"))), matches ? "b" : undefined);
  });
}

Deno.test("ChunkTemplate does not match when any bit outside the text and the padding differs", () => {
  const before = chunk("").split('""')[0]!;
  // The length of the padding shifts the rest within its groups of eight bytes.
  for (let length = 1; length <= 8; length++) {
    const data = chunk("é漢👋", { padding: "x".repeat(length) });
    const template = templateOf(data);
    const bytes = encoder.encode(message(data));
    const view = new DataView(bytes.buffer);
    assertEquals(template.match(bytes, view, 0), bytes.length);
    const textStart = encoder.encode(`data: ${before}"`).length;
    const paddingStart = bytes.length - length - '"}\n\n'.length;
    for (let at = 0; at < bytes.length; at++) {
      const isText = at >= textStart && at < template.textEnd;
      const isPadding = at >= paddingStart && at < paddingStart + length;
      for (let bit = 1; bit < 256 && !isText && !isPadding; bit *= 2) {
        bytes[at]! ^= bit;
        assertEquals(template.match(bytes, view, 0), -1, `bit ${bit} of byte ${at}`);
        bytes[at]! ^= bit;
      }
    }
  }
});

Deno.test("ChunkTemplate does not match when a message is incomplete", () => {
  const template = templateOf(chunk("a", { padding: "x" }));
  const whole = message(chunk("日本", { padding: "yz" }));
  for (let length = 0; length < whole.length; length++) {
    assertEquals(match(template, whole.slice(0, length)), undefined);
  }
  assertEquals(match(template, whole), "日本");
});

Deno.test("ChunkTemplate learns nothing from data of several lines", () => {
  const data = chunk("a").replace(",", ",\n");
  assertEquals(match(templateOf(data), message(data)), undefined);
});

Deno.test("ChunkTemplate counts no miss when a template was not compared yet", () => {
  const template = new ChunkTemplate();
  for (let id = 0; id < 10; id++) {
    const data = chunk("a").replace("chatcmpl-1", `chatcmpl-${id}`);
    template.learn(data, JSON.parse(data));
  }
  assertEquals(match(template, message(chunk("b").replace("chatcmpl-1", "chatcmpl-0"))), "b");
});

Deno.test("ChunkTemplate stops learning when all chunks differ", () => {
  const template = new ChunkTemplate();
  for (let id = 0; id < 10; id++) {
    const data = chunk("a").replace("chatcmpl-1", `chatcmpl-${id}`);
    assertEquals(match(template, message(data)), undefined);
    template.learn(data, JSON.parse(data));
  }
  assertEquals(template.isReady, false);
});
