/**
 * Values that no provider should send, for fuzz tests of dialects: fields of any type, in any order, cut anywhere.
 * @module
 */
import { cutAtRandom } from "../chunkings.ts";
import type { SeededRandom } from "../seeded_random.ts";

/** A stream and its expected content. */
export interface HostileStream {
  readonly chunks: readonly Uint8Array<ArrayBuffer>[];
  readonly text: string;
  readonly reasoning: string;
  /** The arguments of all tool calls, in order of the calls. */
  readonly toolArguments: readonly string[];
  /** The finish reason; undefined where the stream must end with an error. */
  readonly stop: string | undefined;
}

/** Strings with everything that breaks naive readers. */
export const STRINGS: readonly string[] = [
  "a",
  " ",
  "word ",
  "é",
  "漢字",
  "👍",
  "👩‍👩‍👧",
  "\ud83d",
  "\udc4d",
  "\u2028",
  "\uFEFF",
  "\0",
  "\n",
  "\n\n",
  "\r\n",
  '"',
  "\\",
  "1e308",
  "__proto__",
  "data: [DONE]\n\n",
  "id: 9",
  ": ping\n",
  '{"error":{}}',
  "```",
];

/** Positions in a text: some of them in most texts. */
export const OFFSETS: readonly unknown[] = [0, 1, 2, 3, 5, 8, 13, -1, 1.5, 1e308, "3", null];

/** Annotations with positions, in the shape of the Responses API. */
export function hostileAnnotations(random: SeededRandom): unknown[] {
  return random.list(4, () => ({
    type: "url_citation",
    url: random.pick(["https://a.example/", "https://b.example/", "", 7]),
    end_index: random.pick(OFFSETS),
  }));
}

const POISON: unknown = JSON.parse('{"__proto__":{"polluted":1}}');

/** `String()` throws for it. */
const NO_PRIMITIVE: unknown = { toString: 1, valueOf: 1, code: "" };

/** Values of any type. */
export const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "x",
  "__proto__",
  [],
  {},
  [[]],
  [null],
  POISON,
  NO_PRIMITIVE,
];

/** Lines that a reader must skip. */
const NOISE: readonly string[] = [": ping", "", ":", "data", "data:", "retry: 10", "id: x", "foo: bar", "Error: x"];

/** Up to five strings, joined. */
export function randomText(random: SeededRandom): string {
  return random.list(6, () => random.pick(STRINGS)).join("");
}

/** Writes the values as a stream, with noise between the messages, cut anywhere. */
export function toChunks(
  random: SeededRandom,
  messages: readonly { readonly event?: string; readonly data: unknown }[],
): Uint8Array<ArrayBuffer>[] {
  const eol = random.pick(["\n", "\r\n", "\r"]);
  const lines = messages.flatMap(({ event, data }) => {
    const json = typeof data === "string" ? data : JSON.stringify(data);
    const noise = random.chance(0.2) ? [random.pick(NOISE)] : [];
    return [...noise, ...event === undefined ? [] : [`event: ${event}`], `data:${random.pick(["", " "])}${json}`, ""];
  });
  const bom = random.chance(0.1) ? "\uFEFF" : "";
  const bytes = new TextEncoder().encode(bom + lines.map((line) => line + eol).join(""));
  return cutAtRandom(bytes, random, random.pick([2, 7, 50, 1000]));
}
