/** Strings that may be copied as they are: all that `JSON.stringify` writes, and nothing else. */
import { assertEquals, fail } from "@std/assert";
import { endOfJsonString, endOfPlainString } from "../../../upstream/chat_completions/json_string.ts";

const encoder = new TextEncoder();

/** The position of the closing quote in `text`, which begins after the opening one. */
function end(text: string): number {
  return endOfJsonString(encoder.encode(text), 0);
}

Deno.test("endOfJsonString finds the end of every character as JSON.stringify writes it", () => {
  const escaped: number[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const bytes = encoder.encode(JSON.stringify(String.fromCodePoint(code)));
    if (endOfJsonString(bytes, 1) !== bytes.length - 1) escaped.push(code);
  }
  // Characters that it writes as \u00XX are left to the parser.
  const shortEscapes = [8, 9, 10, 12, 13];
  assertEquals(escaped, Array.from({ length: 32 }, (_, code) => code).filter((code) => !shortEscapes.includes(code)));
});

Deno.test("endOfJsonString accepts exactly well-formed UTF-8", () => {
  const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const edges = [0x22, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xf4];
  for (let lead = 0x80; lead <= 0xff; lead++) {
    for (const second of edges) {
      for (const third of edges) {
        for (const fourth of edges) {
          const bytes = new Uint8Array([lead, second, third, fourth, 0x22]);
          const quote = bytes.indexOf(0x22);
          let isWellFormed = true;
          try {
            fatal.decode(bytes.subarray(0, quote));
          } catch {
            isWellFormed = false;
          }
          // Not `assertEquals` for each of 128,000: that would take most of the time.
          if (endOfJsonString(bytes, 0) !== (isWellFormed ? quote : -1)) fail(`${bytes}`);
        }
      }
    }
  }
});

const STRINGS: [name: string, text: string, end: number][] = [
  ["an empty string", '"', 0],
  ["a string without an end", "abc", -1],
  ["an escaped quote", 'a\\"b"', 4],
  ["an escaped backslash before the end", 'a\\\\"', 3],
  ["an incomplete escape", "a\\", -1],
  ["an invalid escape", 'a\\x"', -1],
  ["an escaped slash", 'a\\/"', -1],
  ["an escaped character", 'a\\u0041"', -1],
  ["half a surrogate pair", 'a\\ud83d"', -1],
  ["a raw line end", 'a\n"', -1],
  ["a character that is cut off", "\ud83d\udc4d", -1],
];
for (const [name, text, expected] of STRINGS) {
  Deno.test(`endOfJsonString returns ${expected} for ${name}`, () => assertEquals(end(text), expected));
}

Deno.test("endOfJsonString returns -1 when a character is incomplete", () => {
  const bytes = encoder.encode('👍"');
  for (let length = 0; length < bytes.length; length++) assertEquals(endOfJsonString(bytes.subarray(0, length), 0), -1);
});

Deno.test("endOfPlainString returns the position of the quote, and -1 when an escape or a control character comes first", () => {
  const of = (text: string) => endOfPlainString(encoder.encode(text), 0);
  assertEquals([of('ab"c"'), of('é"'), of("ab"), of('a\\""'), of('a\n"')], [2, 2, -1, -1, -1]);
});
