/** Tests each rule of the WHATWG standard with its own bytes, cut in every way. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { SseEventTooLargeError, type SseMessage, SseParser } from "../../protocol/sse_parser.ts";
import { type Chunking, everyChunking } from "../chunkings.ts";

/** A message with defaults for everything but the data. */
function message(data: string, event = "message", id = ""): SseMessage {
  return { event, data, id };
}

const MESSAGES: readonly [rule: string, stream: string, messages: readonly SseMessage[]][] = [
  ["an empty stream", "", []],
  ["a stream of blank lines", "\n\n\r\n\r\r", []],
  ["line feeds", "data: a\n\ndata: b\n\n", [message("a"), message("b")]],
  ["carriage returns", "data: a\r\rdata: b\r\r", [message("a"), message("b")]],
  ["both together", "data: a\r\n\r\ndata: b\r\n\r\n", [message("a"), message("b")]],
  [
    "line ends that change",
    "data: a\r\n\ndata: b\n\r\ndata: c\r\n\rdata: d\n\n",
    ["a", "b", "c", "d"].map((c) => message(c)),
  ],
  ["CR LF as one line end, not two", "data: a\r\ndata: b\r\n\r\n", [message("a\nb")]],
  ["a blank line that ends with LF after a line that ends with CR", "data: a\r\r\n", [message("a")]],
  ["one byte order mark", "\uFEFFdata: a\n\n", [message("a")]],
  ["a second byte order mark as part of a field's name", "\uFEFF\uFEFFdata: a\n\ndata: b\n\n", [message("b")]],
  ["a byte order mark inside data", "data: \uFEFFa\n\n", [message("\uFEFFa")]],
  ["one space after the colon", "data: a\n\n", [message("a")]],
  ["no space after the colon", "data:a\n\n", [message("a")]],
  ["more spaces after the colon, of which one is removed", "data:   a\n\n", [message("  a")]],
  ["a tab after the colon, which is kept", "data:\ta\n\n", [message("\ta")]],
  ["a single space as the value", "data: \n\n", [message("")]],
  ["colons in the value", "data: a: b:c\n\n", [message("a: b:c")]],
  ["data without a value", "data:\n\n", [message("")]],
  ["data without a colon", "data\n\n", [message("")]],
  ["two empty data lines", "data\ndata\n\n", [message("\n")]],
  ["several data lines", "data: a\ndata:\ndata: b\n\n", [message("a\n\nb")]],
  ["data lines around other fields", "data: a\nevent: x\ndata: b\nid: 7\n\n", [message("a\nb", "x", "7")]],
  ["a space before a field's name", " data: a\n\n", []],
  ["a field's name in capitals", "Data: a\n\nDATA: b\n\n", []],
  ["a field whose name begins like data", "dataset: a\n\ndatab\n\n", []],
  ["comments", ": hello\n:\n:data: a\ndata: b\n: inside\n\n", [message("b")]],
  ["a comment with its own blank line", ": ping\n\n: ping\r\n\r\ndata: a\n\n", [message("a")]],
  ["an event's name", "event: hi\ndata: a\n\n", [message("a", "hi")]],
  ["the last of several names", "event: x\nevent: y\ndata: a\n\n", [message("a", "y")]],
  ["an empty name", "event: x\nevent:\ndata: a\n\n", [message("a")]],
  ["a name that is reset after its message", "event: x\ndata: a\n\ndata: b\n\n", [message("a", "x"), message("b")]],
  ["a name without data", "event: x\n\ndata: a\n\n", [message("a")]],
  ["an id that stays in force", "id: 1\ndata: a\n\ndata: b\n\n", [
    message("a", "message", "1"),
    message("b", "message", "1"),
  ]],
  ["an id without data", "id: 1\n\ndata: a\n\n", [message("a", "message", "1")]],
  ["an id that is reset", "id: 1\ndata: a\n\nid\ndata: b\n\n", [message("a", "message", "1"), message("b")]],
  ["an id with a zero in it", "id: 1\nid: 2\0\ndata: a\n\n", [message("a", "message", "1")]],
  ["a zero in data", "data: a\0b\n\n", [message("a\0b")]],
  ["other line separators as text", "data: a\u2028b\u2029c\u0085d\x0be\n\n", [message("a\u2028b\u2029c\u0085d\x0be")]],
  ["non-ASCII text", "data: é 漢字 👩‍👩‍👧 \u{1F1E8}\u{1F1ED}\n\n", [message("é 漢字 👩‍👩‍👧 \u{1F1E8}\u{1F1ED}")]],
  ["a message without its blank line", "data: a\n\ndata: b\n", [message("a")]],
  ["a line without its end", "data: a\n\ndata: b", [message("a")]],
  ["[DONE] as any other data", "data: [DONE]\n\n", [message("[DONE]")]],
];

/** Everything that a parser reports for these chunks. */
function parse({ chunks }: Pick<Chunking, "chunks">) {
  const messages: SseMessage[] = [];
  const unknown: [string, string][] = [];
  const retries: number[] = [];
  const parser = new SseParser({
    onMessage: (message) => messages.push(message),
    onUnknownField: (name, value) => unknown.push([name, value]),
    onRetry: (milliseconds) => retries.push(milliseconds),
  });
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
  return { messages, unknown, retries };
}

for (const [rule, stream, messages] of MESSAGES) {
  Deno.test(`SseParser parses ${rule}, however it is cut`, () => {
    for (const chunking of everyChunking(new TextEncoder().encode(stream))) {
      assertEquals(parse(chunking).messages, messages, chunking.name);
    }
  });
}

Deno.test("SseParser reads U+FFFD and continues when bytes are not UTF-8", () => {
  const bytes = Uint8Array.from([
    ...new TextEncoder().encode("data: a"),
    0xff,
    0xf0,
    0x9f,
    ...new TextEncoder().encode("\n\ndata: b\n\n"),
  ]);
  for (const chunking of everyChunking(bytes)) {
    assertEquals(parse(chunking).messages, [message("a\uFFFD\uFFFD"), message("b")], chunking.name);
  }
});

Deno.test("SseParser reports a reconnection time only when it has only digits", () => {
  const bytes = new TextEncoder().encode(
    "retry: 3000\nretry:20\nretry: 1.5\nretry: -1\nretry: 5s\nretry:\nretry\nretry:  7\n",
  );
  for (const chunking of everyChunking(bytes)) assertEquals(parse(chunking).retries, [3000, 20], chunking.name);
});

Deno.test("SseParser reports unknown fields, with and without a value", () => {
  const bytes = new TextEncoder().encode('error: {"code":500}\nfoo\n data: x\n: no field\n:\n');
  for (const chunking of everyChunking(bytes)) {
    assertEquals(parse(chunking).unknown, [["error", '{"code":500}'], ["foo", ""], [" data", "x"]], chunking.name);
  }
});

const OVER_THE_LIMIT: readonly [what: string, stream: string][] = [
  ["a line of data", `data: ${"x".repeat(101)}\n\n`],
  ["a line that never ends", "x".repeat(101)],
  ["a comment", `:${"x".repeat(101)}`],
  ["many lines of data", "data: xxxxxxxxx\n".repeat(11)],
  ["many empty lines of data", "data\n".repeat(102)],
];

for (const [what, stream] of OVER_THE_LIMIT) {
  Deno.test(`SseParser throws when ${what} exceeds the limit, in chunks`, () => {
    const parser = new SseParser({ onMessage: () => {} }, 100);
    const error = assertThrows(() => {
      for (const character of stream) parser.feed(character);
    }, SseEventTooLargeError);
    assert(error.message.includes("100"), error.message);
  });
}

Deno.test("SseParser accepts an event of exactly the limit, in one line or in several", () => {
  for (const stream of [`data:${"x".repeat(95)}\n\n`, `data:${"x".repeat(50)}\ndata:${"x".repeat(49)}\n\n`]) {
    const seen: string[] = [];
    const parser = new SseParser({ onMessage: ({ data }) => seen.push(data) }, 100);
    for (const character of stream) parser.feed(character);
    assertEquals(seen.length, 1);
  }
});

Deno.test("SseParser throws when an event has too many lines of data, as each costs far more than its characters", () => {
  const seen: number[] = [];
  const parser = new SseParser({ onMessage: ({ data }) => seen.push(data.length) });
  parser.feed(`${"data:\n".repeat(65_536)}\n`.repeat(2));
  assertEquals(seen, [65_535, 65_535]);
  assertThrows(() => parser.feed("data:\n".repeat(65_537)), SseEventTooLargeError);
});

Deno.test("SseParser applies the limit to each event separately", () => {
  const seen: string[] = [];
  const parser = new SseParser({ onMessage: ({ data }) => seen.push(data) }, 100);
  for (let n = 0; n < 50; n++) parser.feed(`data: ${"x".repeat(90)}\n\n`);
  assertEquals(seen.length, 50);
});

Deno.test("SseParser reads a line of 5 MiB in chunks of 16 characters", () => {
  // A parser that searched the whole line again for each chunk would take minutes. bench/sse_parser_bench.ts measures it.
  const chunk = "0123456789abcdef";
  const chars = 5 * 1024 * 1024;
  let received = 0;
  const parser = new SseParser({ onMessage: ({ data }) => received = data.length });
  parser.feed("data: ");
  for (let fed = 0; fed < chars; fed += chunk.length) parser.feed(chunk);
  parser.feed("\n\n");
  assertEquals(received, chars);
});

Deno.test("SseParser is between messages at the start and after each message, but not within one", () => {
  const parser = new SseParser({ onMessage: () => {} });
  assertEquals(parser.isBetweenMessages, true);
  for (const chunk of ["da", "ta: x", "\n", "event: y\n", "id: 1\n"]) {
    parser.feed(chunk);
    assertEquals(parser.isBetweenMessages, false, chunk);
  }
  parser.feed("\n");
  assertEquals(parser.isBetweenMessages, true);
  parser.feed(": a comment");
  assertEquals(parser.isBetweenMessages, false);
  // An id alone does not begin a message.
  parser.feed("\nid: 2\n");
  assertEquals(parser.isBetweenMessages, true);
});
