import { assertEquals } from "@std/assert";
import { decodeEntities } from "../../../components/markdown/markdown_entities.ts";

const CASES: readonly (readonly [string, string])[] = [
  ["a &amp; b &lt;c&gt;", "a & b <c>"],
  [
    "&copy; &mdash; &hellip; &auml; &Eacute; &xuml; &qgrave; &toString;",
    "\u00a9 \u2014 \u2026 \u00e4 \u00c9 \u1e8d &qgrave; &toString;",
  ],
  ["a&nbsp;b", "a\u00a0b"],
  ["&#65;&#x42;&#X43;", "ABC"],
  ["&#0; &#xD800; &#9999999;", "\ufffd \ufffd \ufffd"],
  ["&amp;lt;", "&lt;"],
  ["&unknown; & &; &#; &#x;", "&unknown; & &; &#; &#x;"],
  ["AT&T;", "AT&T;"],
];

for (const [text, decoded] of CASES) {
  Deno.test(`decodeEntities of ${JSON.stringify(text)}`, () => assertEquals(decodeEntities(text), decoded));
}
