/** Tests the parser of heads and the decoder of bodies with valid and invalid HTTP/1.1. */
import { assertEquals, assertThrows } from "@std/assert";
import { BadResponseError, MAX_HEADERS, parseHead, type ResponseHead } from "../../../upstream/http/response_head.ts";
import { everyChunking } from "../../chunkings.ts";
import { SeededRandom } from "../../seeded_random.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function head(...lines: readonly string[]): ResponseHead {
  return parseHead(encoder.encode([...lines, "", ""].join("\r\n")));
}

/** The text of a body that is decoded chunk by chunk, and the decoder's last state. */
function decode(headers: readonly string[], chunks: readonly Uint8Array<ArrayBuffer>[]): [text: string, state: string] {
  const { body } = head("HTTP/1.1 200 OK", ...headers);
  // Decoding writes to the chunks, which other tests use too.
  const text = chunks.map((chunk) => decoder.decode(body.decode(chunk.slice()), { stream: true })).join("");
  return [text + decoder.decode(), body.state];
}

function assertDecoded(headers: readonly string[], wire: string, expected: [text: string, state: string]): void {
  for (const { name, chunks } of everyChunking(encoder.encode(wire))) {
    assertEquals(decode(headers, chunks), expected, name);
  }
}

const CHUNKED = ["Transfer-Encoding: chunked"];

Deno.test("parseHead returns the status and the unchanged headers", () => {
  const { status, headers } = head("HTTP/1.1 429 Too Many", "Retry-After: 3", "x-empty:", "X-Name:\t caf\u00e9 : b ");
  assertEquals(status, 429);
  // "é" is two bytes of UTF-8, and headers are Latin-1.
  assertEquals(headers, [["Retry-After", " 3"], ["x-empty", ""], ["X-Name", " cafÃ© : b "]]);
  assertEquals(new Headers(headers as [string, string][]).get("x-name"), "cafÃ© : b");
});

Deno.test("parseHead accepts a status line without a reason", () => {
  const { status, headers } = parseHead(encoder.encode("HTTP/1.0 200\r\na: b\r\n\r\n"));
  assertEquals([status, headers], [200, [["a", " b"]]]);
});

for (
  const lines of [
    ["HTTP/2 200 OK"],
    ["HTTP/1.1 099 OK"],
    ["HTTP/1.1 2000 OK"],
    ["HTTP/1.1 600 OK"],
    ["ICY 200 OK"],
    ["{}"],
    [""],
    ["HTTP/1.1 200 OK", "no colon"],
    ["HTTP/1.1 200 OK", "name : value"],
    ["HTTP/1.1 200 OK", ": value"],
    ["HTTP/1.1 200 OK", "a: b", " folded"],
    ["HTTP/1.1 200 OK", "a: b\0c"],
    ["HTTP/1.1 200 OK", "a: b\rc"],
    ["HTTP/1.1 200 OK", "a: b\nc: d"],
    ["HTTP/1.1 200 OK", "a: b\x01c"],
    ["HTTP/1.1 200 O\rK"],
    ["HTTP/1.1 200 OK\na: b"],
    ["HTTP/1.1 200 OK", "transfer-encoding: identity"],
    ["HTTP/1.1 200 OK", "transfer-encoding: identity, chunked"],
    ["HTTP/1.1 200 OK", "transfer-encoding: chunked, identity"],
    ["HTTP/1.1 200 OK", "transfer-encoding: "],
    ["HTTP/1.1 200 OK", "transfer-encoding: \u00a0chunked"],
    ["HTTP/1.1 200 OK", "transfer-encoding: chunked", "content-length: 5"],
    ["HTTP/1.1 200 OK", "content-length: 5", "content-length: 5"],
    ["HTTP/1.1 200 OK", "content-length: 5, 5"],
    ["HTTP/1.1 200 OK", "transfer-encoding: gzip, chunked"],
    ["HTTP/1.1 200 OK", "transfer-encoding: chunked, chunked"],
    ["HTTP/1.1 200 OK", "content-length: 5", "content-length: 6"],
    ["HTTP/1.1 200 OK", "content-length: 5, 6"],
    ["HTTP/1.1 200 OK", "content-length: -5"],
    ["HTTP/1.1 200 OK", "content-length: 0x5"],
    ["HTTP/1.1 200 OK", "content-length: "],
    ["HTTP/1.1 200 OK", "content-length: 99999999999999999999"],
  ]
) {
  Deno.test(`parseHead refuses ${JSON.stringify(lines)}`, () => {
    assertThrows(() => head(...lines), BadResponseError);
  });
}

for (const end of ["\n\n", "\n\r\n", "\r\n\n"]) {
  Deno.test(`parseHead refuses a head that ends with ${JSON.stringify(end)}`, () => {
    const bytes = encoder.encode(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked${end}`);
    assertThrows(() => parseHead(bytes), BadResponseError);
  });
}

Deno.test("parseHead accepts 100 headers and refuses 101", () => {
  const lines = Array.from({ length: MAX_HEADERS + 1 }, (_, index) => `x-${index}: a`);
  assertEquals(head("HTTP/1.1 200 OK", ...lines.slice(1)).headers.length, 100);
  assertThrows(() => head("HTTP/1.1 200 OK", ...lines), BadResponseError);
});

Deno.test("parseHead refuses long lines that would make a backtracking pattern slow", () => {
  for (const filler of [" ", "\t", ":", "a", "\r\n"]) {
    assertThrows(() => head("HTTP/1.1 200 OK", `a: ${filler.repeat(16_000)}\0`), BadResponseError);
    assertThrows(() => head(`HTTP/1.1 200${filler.repeat(16_000)}`, "no header"), BadResponseError);
    assertThrows(() => head("HTTP/1.1 200 OK", `transfer-encoding: a${filler.repeat(16_000)}b`), BadResponseError);
  }
});

for (
  const [lines, expected] of [
    [["HTTP/1.1 200 OK"], Infinity],
    [["HTTP/1.1 200 OK", "connection: keep-alive"], Infinity],
    [["HTTP/1.1 200 OK", "Connection: Close"], 0],
    [["HTTP/1.1 200 OK", "connection: upgrade, close"], 0],
    [["HTTP/1.0 200 OK"], 0],
    [["HTTP/1.0 200 OK", "connection: keep-alive"], 0],
    [["HTTP/1.1 200 OK", "keep-alive: timeout=5"], 4000],
    [["HTTP/1.1 200 OK", "Keep-Alive: max=100, Timeout = 60"], 59_000],
    [["HTTP/1.1 200 OK", "keep-alive: timeout=1"], 0],
    [["HTTP/1.1 200 OK", "keep-alive: timeout=0"], 0],
    [["HTTP/1.1 200 OK", "keep-alive: timeout=soon"], Infinity],
    [["HTTP/1.1 200 OK", "keep-alive: timeout=5", "connection: close"], 0],
  ] as const
) {
  Deno.test(`parseHead returns a keepAliveMs of ${expected} for ${JSON.stringify(lines)}`, () => {
    assertEquals(head(...lines).keepAliveMs, expected);
  });
}

Deno.test("parseHead's decoder returns the same chunked body, however it is cut", () => {
  assertDecoded(CHUNKED, "5\r\nhello\r\n1;a=b\r\n \r\n00B\r\nwörld 👍\r\n0\r\n\r\n", [
    "hello wörld 👍",
    "complete",
  ]);
  assertDecoded(CHUNKED, '3\r\na\r\n\r\n0;x="y"\r\nTrailer: value\r\nOther: v\r\n\r\n', ["a\r\n", "complete"]);
  assertDecoded(CHUNKED, "0\r\n\r\n", ["", "complete"]);
  assertDecoded(["transfer-encoding: \t Chunked "], "1\r\na\r\n0\r\n\r\n", ["a", "complete"]);
});

Deno.test("parseHead's decoder accepts an extension with each chunk", () => {
  const wire = "1;name=value\r\na\r\n".repeat(5000);
  assertEquals(decode(CHUNKED, [encoder.encode(`${wire}0\r\n\r\n`)]), ["a".repeat(5000), "complete"]);
});

Deno.test("parseHead's decoder is open when a chunked body stops early, and overrun when bytes follow it", () => {
  for (
    const wire of ["", "5", "5\r", "5\r\nhe", "5\r\nhello", "5\r\nhello\r\n", "5\r\nhello\r\n0\r\n", "0\r\na: b\r\n"]
  ) {
    assertEquals(decode(CHUNKED, [encoder.encode(wire)])[1], "open", wire);
  }
  for (const more of ["\r\n", "HTTP/1.1 200 OK\r\n\r\n", "0\r\n\r\n"]) {
    const wire = `1\r\na\r\n0\r\n\r\n${more}`;
    assertEquals(decode(CHUNKED, [encoder.encode(wire)]), ["a", "overrun"]);
  }
});

for (
  const [name, wire] of [
    ["no size", "\r\n"],
    ["an extension without a size", ";a=b\r\n"],
    ["no hexadecimal size", "5g\r\nhello\r\n"],
    ["a negative size", "-5\r\nhello\r\n"],
    ["a size with a prefix", "0x5\r\nhello\r\n"],
    ["a blank after the size", "5 \r\nhello\r\n"],
    ["a line feed alone after the size", "5\nhello\r\n"],
    ["a line feed alone after an extension", "5;a\nhello\r\n"],
    ["a carriage return alone after the size", "5\rhello\r\n"],
    ["a size that is no safe integer", "fffffffffffffffff\r\nhello\r\n"],
    ["an extension that does not end", `5;${"a".repeat(5000)}`],
    ["data longer than its size", "3\r\nhello\r\n"],
    ["no line end after the data", "5\r\nhello5\r\n"],
    ["a line feed alone after the data", "5\r\nhello\n5\r\n"],
    ["a carriage return alone after the data", "5\r\nhello\r5\r\n"],
    ["trailers that do not end", `0\r\n${"a: b\r\n".repeat(2000)}`],
    ["a line feed alone within trailers", "0\r\na: b\n\r\n"],
    ["a line feed alone after trailers", "0\r\na: b\r\n\n"],
    ["a carriage return alone at the end", "0\r\n\ra"],
  ] as const
) {
  Deno.test(`parseHead's decoder is broken after a chunked body with ${name}, and returns the bytes before it`, () => {
    const [text, state] = decode(CHUNKED, [encoder.encode(`6\r\nbefore\r\n${wire}`)]);
    assertEquals([text.slice(0, 6), state], ["before", "broken"]);
    for (const { name, chunks } of everyChunking(encoder.encode(`6\r\nbefore\r\n${wire}`))) {
      assertEquals(decode(CHUNKED, chunks), [text, state], name);
    }
  });
}

Deno.test("parseHead's decoder ignores all bytes when it is broken", () => {
  const chunks = ["1\r\na\r\nx", "5\r\nhello\r\n0\r\n\r\n"].map((chunk) => encoder.encode(chunk));
  assertEquals(decode(CHUNKED, chunks), ["a", "broken"]);
});

Deno.test("parseHead's decoder returns a chunked body of random sizes, extensions and cuts", () => {
  const random = new SeededRandom(7);
  for (let round = 0; round < 500; round++) {
    const parts = random.list(20, () => String.fromCharCode(...random.list(600, () => 32 + random.below(90))))
      .filter((part) => part !== "");
    const wire = parts.map((part) => {
      const size = part.length.toString(16);
      const extension = random.pick(["", "", "", ";a", ";b=c", ";d"]);
      return `${random.chance(0.2) ? "0" : ""}${
        random.chance(0.5) ? size : size.toUpperCase()
      }${extension}\r\n${part}\r\n`;
    }).join("") + `0\r\n${random.pick(["", "", "a: b\r\n"])}\r\n`;
    const bytes = encoder.encode(wire);
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < bytes.length;) chunks.push(bytes.slice(at, at += 1 + random.below(700)));
    assertEquals(decode(CHUNKED, chunks), [parts.join(""), "complete"], `round ${round}`);
  }
});

Deno.test("parseHead's decoder ends a body at its content-length", () => {
  assertDecoded(["content-length: 5"], "hello", ["hello", "complete"]);
  assertDecoded(["content-length: 5"], "hell", ["hell", "open"]);
  assertEquals(decode(["content-length: 5"], [encoder.encode("hello you")]), ["hello", "overrun"]);
  assertEquals(decode(["content-length: 0"], [])[1], "complete");
  assertEquals(decode(["content-length: 0"], [encoder.encode("x")]), ["", "overrun"]);
});

Deno.test("parseHead's decoder stays open when a body has no length", () => {
  assertDecoded([], "anything\r\n\r\n0\r\n\r\n", ["anything\r\n\r\n0\r\n\r\n", "open"]);
});

Deno.test("parseHead's decoder is complete at once when the status allows no body", () => {
  for (const status of [103, 204, 304]) {
    assertEquals(head(`HTTP/1.1 ${status} No`, "transfer-encoding: chunked").body.state, "complete");
  }
});
