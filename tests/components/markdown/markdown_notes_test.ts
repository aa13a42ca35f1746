import { assertEquals } from "@std/assert";
import { findLanguage } from "../../../components/markdown/code_languages.ts";
import { placeMarks, splitAtMarks } from "../../../components/markdown/citation_marks.ts";
import { MarkdownDocument } from "../../../components/markdown/markdown_document.ts";
import { parseMarkdown } from "../../../components/markdown/markdown_parser.ts";

const FIRST_MARK = String.fromCodePoint(0xf0000);

/** Places one mark at the `|` of a text. Shows it as `|` again. */
function place(text: string): string {
  const marks = [{ end: text.indexOf("|"), citations: [0] }];
  return placeMarks(text.replace("|", ""), marks, 1).replace(FIRST_MARK, "|");
}

const PLACES: readonly (readonly [name: string, text: string, placed: string])[] = [
  ["at the end of a sentence", "One.| Two.", "One.| Two."],
  ["before white space", "One. |Two.", "One.| Two."],
  ["at the end of its word", "On|e two.", "One| two."],
  ["after emphasis that closes", "**One| two**", "**One| two**"],
  ["after emphasis that closes here", "A **bold|** word", "A **bold**| word"],
  ["after inline code", "Call `run |it` now", "Call `run it`| now"],
  ["after a link", "See [the gu|ide](/a) here", "See [the guide](/a)| here"],
  ["after a link's URL", "See [it](https://a.exa|mple) here", "See [it](https://a.example)| here"],
  ["after a bare URL", "At https://a.exa|mple/b now", "At https://a.example/b| now"],
  ["after a formula", "So $a |+ b$ is", "So $a + b$| is"],
  ["before a code block", "Text.\n\n```\nco|de\n```\nEnd", "Text.|\n\n```\ncode\n```\nEnd"],
  ["before a rule", "Text.\n\n---|\n", "Text.|\n\n---\n"],
];

for (const [name, text, placed] of PLACES) {
  Deno.test(`placeMarks puts a mark ${name}`, () => assertEquals(place(text), placed));
}

Deno.test("placeMarks puts a mark into the last cell of a row", () => {
  const row = "| b | c |";
  assertEquals(placeMarks(row, [{ end: row.length, citations: [0] }], 1), `| b | c${FIRST_MARK} |`);
});

Deno.test("placeMarks leaves out marks without a place or a source", () => {
  const marks = [
    { end: 0, citations: [0] },
    { end: -5, citations: [0] },
    { end: 1.5, citations: [0] },
    { end: Number.NaN, citations: [0] },
    { end: 4, citations: [1, -1, 0.5, 5000] },
  ];
  assertEquals(placeMarks("Text.", marks, 1), "Text.");
  assertEquals(placeMarks("```\ncode\n```", [{ end: 6, citations: [0] }], 1), "```\ncode\n```");
});

Deno.test("placeMarks puts a mark beyond the end at the end, and each source once", () => {
  const marks = [{ end: 1000, citations: [0, 1] }, { end: 5, citations: [1] }];
  assertEquals(placeMarks("Text.", marks, 2), `Text.${FIRST_MARK}${String.fromCodePoint(0xf0001)}`);
});

Deno.test("splitAtMarks finds bracketed numbers that have a source", () => {
  assertEquals(splitAtMarks("a [1] b[2][3] [0]", 2), ["a", 0, " b", 1, "[3] [0]"]);
  assertEquals(splitAtMarks("a [4]", 2), undefined);
});

Deno.test("parseMarkdown keeps emphasis around marks", () => {
  const { blocks } = parseMarkdown(`**One.**${FIRST_MARK} https://a.example${FIRST_MARK}`, {
    definitions: new Map(),
    isOpen: false,
  });
  assertEquals(blocks, [{
    type: "paragraph",
    content: [
      { type: "strong", content: ["One."] },
      `${FIRST_MARK} `,
      { type: "link", url: "https://a.example", title: "", content: ["https://a.example"] },
      FIRST_MARK,
    ],
  }]);
});

function blocksOf(text: string): unknown[] {
  const document = new MarkdownDocument();
  for (const char of text) {
    document.append(char);
    document.blocks.length;
  }
  document.end();
  return document.blocks.map(({ block }) => block);
}

Deno.test("MarkdownDocument reads footnotes and their references", () => {
  assertEquals(blocksOf("A[^1] b [^b].\n\n[^1]: https://a.example\n[^b]: two\n  *lines*\n\nEnd"), [
    {
      type: "paragraph",
      content: ["A", { type: "footnote", label: "1" }, " b ", { type: "footnote", label: "b" }, "."],
    },
    {
      type: "footnote",
      label: "1",
      blocks: [{
        type: "paragraph",
        content: [{ type: "link", url: "https://a.example", title: "", content: ["https://a.example"] }],
      }],
    },
    {
      type: "footnote",
      label: "b",
      blocks: [{ type: "paragraph", content: ["two\n", { type: "em", content: ["lines"] }] }],
    },
    { type: "paragraph", content: ["End"] },
  ]);
});

Deno.test("MarkdownDocument reads indented blocks as parts of their footnote", () => {
  const text = "A[^1].\n\n[^1]: One\n\n    Two\n    ```js\n    a\n\n    b\n    ```\n    - three\n[^2]: Next\n\nEnd";
  assertEquals(blocksOf(text).slice(1), [
    {
      type: "footnote",
      label: "1",
      blocks: [
        { type: "paragraph", content: ["One"] },
        { type: "paragraph", content: ["Two"] },
        { type: "code", language: "js", text: "a\n\nb\n" },
        {
          type: "list",
          start: undefined,
          isTight: true,
          items: [{ isDone: undefined, blocks: [{ type: "paragraph", content: ["three"] }] }],
        },
      ],
    },
    { type: "footnote", label: "2", blocks: [{ type: "paragraph", content: ["Next"] }] },
    { type: "paragraph", content: ["End"] },
  ]);
});

Deno.test("MarkdownDocument reads no footnote in code, in an image and with a space in its label", () => {
  const text = "`[^1]` ![^1] [^a b]";
  assertEquals(blocksOf(text), [{
    type: "paragraph",
    content: [{ type: "code", text: "[^1]" }, " ![^1] [^a b]"],
  }]);
});

const FENCES: readonly (readonly [name: string, text: string])[] = [
  ["after blank lines", "\n\n```js\na\n```\n"],
  ["after a fence and blank lines", "```\nx\n```\n\n\n```js\na\n```\n"],
];

for (const [name, text] of FENCES) {
  Deno.test(`MarkdownDocument shows no fence as code ${name}`, () => {
    assertEquals(blocksOf(text).at(-1), { type: "code", language: "js", text: "a\n" });
  });
}

Deno.test("findLanguage knows languages by their names, short names and extensions", () => {
  const names = ["ts", "sh", "sql", "txt", "C++", "py", "h", "bash", "yml", "rs"].map((name) =>
    findLanguage(name).name
  );
  assertEquals(names, ["TypeScript", "Shell", "SQL", "Text", "C++", "Python", "C", "Bash", "YAML", "Rust"]);
  assertEquals(findLanguage("ts").extension, "ts");
  assertEquals(findLanguage("brainfuck"), { name: "brainfuck", extension: "txt" });
  assertEquals(findLanguage("constructor"), { name: "constructor", extension: "txt" });
});
