import { assertEquals } from "@std/assert";
import { healInline } from "../../../components/markdown/markdown_heal.ts";

const CASES: readonly (readonly [string, string])[] = [
  ["plain", "plain"],
  ["some **bo", "some **bo**"],
  ["some **bold ", "some **bold**"],
  ["some **", "some"],
  ["some **bold*", "some **bold**"],
  ["some **bold**", "some **bold**"],
  ["some *it **bo", "some *it **bo***"],
  ["_it", "_it_"],
  ["snake_case", "snake_case"],
  ["2 * 3", "2 * 3"],
  ["~~gone", "~~gone~~"],
  ["~5 minutes", "~5 minutes"],
  ["`co", "`co`"],
  ["`", ""],
  ["``a`", "``a``"],
  ["`done` and `mo", "`done` and `mo`"],
  ["*a `b* c", "*a `b* c`*"],
  ["see [the gui", "see [the gui](pending:)"],
  ["see [the **gui", "see [the **gui**](pending:)"],
  ["see [the guide]", "see [the guide](pending:)"],
  ["see [the guide](https://ex", "see [the guide](pending:)"],
  ["see [the guide](https://ex.example)", "see [the guide](https://ex.example)"],
  ["see [the guide][re", "see [the guide](pending:)"],
  ["see [", "see"],
  ["text[", "text"],
  ["text[^no", "text"],
  ["text[^1]", "text[^1]"],
  ["text [^1]", "text [^1]"],
  ["text [1", "text"],
  ["text [1]", "text [1]"],
  ["a[i", "a[i"],
  ["a[i]", "a[i]"],
  ["a [note] follows", "a [note] follows"],
  ["look: ![alt", "look:"],
  ["look: ![alt](https://ex", "look:"],
  ["at <https://ex", "at https://ex"],
  ["at <mail@ex.", "at mail@ex."],
  ["5 < 7", "5 < 7"],
  ["AT&am", "AT"],
  ["end\\", "end"],
  ["\\*not", "\\*not"],
  [`*${"a".repeat(2000)}`, `*${"a".repeat(2000)}`],
];

for (const [source, healed] of CASES) {
  Deno.test(`healInline closes ${JSON.stringify(source.slice(0, 40))}`, () => assertEquals(healInline(source), healed));
}

Deno.test("healInline does not change a text with very many open marks", () => {
  const text = "*a **b ".repeat(50).trim();
  assertEquals(healInline(text), text);
});
