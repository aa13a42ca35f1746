import { assertEquals } from "@std/assert";
import { type Block, type Definitions, type Inlines, plainText } from "../../../components/markdown/markdown_nodes.ts";
import { parseMarkdown } from "../../../components/markdown/markdown_parser.ts";

function parse(source: string, isOpen = false): string {
  const definitions: Definitions = new Map();
  return parseMarkdown(source, { definitions, isOpen }).blocks.map(writeBlock).join(" ");
}

/** Writes a block as its kind and its content. */
function writeBlock(block: Block): string {
  switch (block.type) {
    case "paragraph":
      return `p(${writeInlines(block.content)})`;
    case "heading":
      return `h${block.depth}(${writeInlines(block.content)})`;
    case "quote":
      return `quote(${block.blocks.map(writeBlock).join(" ")})`;
    case "list": {
      const items = block.items.map(({ isDone, blocks }) =>
        `${isDone === undefined ? "" : isDone ? "[x] " : "[ ] "}${blocks.map(writeBlock).join(" ")}`
      );
      return `${block.start ?? "ul"}${block.isTight ? "" : " loose"}(${items.join(" | ")})`;
    }
    case "code":
      return `code ${block.language}(${JSON.stringify(block.text)})`;
    case "table":
      return `table(${[block.head, ...block.rows].map((row) => row.map(plainText).join(",")).join(" | ")})`;
    case "footnote":
      return `footnote ${block.label}(${block.blocks.map(writeBlock).join(" ")})`;
    case "rule":
      return "rule";
    case "html":
      return `html(${block.text})`;
    default:
      return block satisfies never;
  }
}

function writeInlines(content: Inlines): string {
  return content.map((inline) => {
    if (typeof inline === "string") return inline;
    switch (inline.type) {
      case "break":
        return "<br>";
      case "code":
        return `code(${inline.text})`;
      case "math":
        return `${inline.isDisplay ? "display" : "math"}(${inline.tex})`;
      case "footnote":
        return `note(${inline.label})`;
      case "link":
      case "image":
        return `${inline.type}(${writeInlines(inline.content)} ${inline.url}${inline.title && ` "${inline.title}"`})`;
      default:
        return `${inline.type}(${writeInlines(inline.content)})`;
    }
  }).join("");
}

const BLOCKS: readonly (readonly [string, string])[] = [
  ["# a #\n## b\n####### c", "h1(a) h2(b) p(####### c)"],
  ["a\nb\n===\nc\n---", "h1(a\nb) h2(c)"],
  ["a\n***\n- - -", "p(a) rule rule"],
  ["> a\nb\n> c\n\nd", "quote(p(a\nb\nc)) p(d)"],
  ["> - a\n>\n>   b\n> - c", "quote(ul loose(p(a) p(b) | p(c)))"],
  ["- a\n- b\n  - c\n    1. d", "ul(p(a) | p(b) ul(p(c) 1(p(d))))"],
  ["- a\n\n- b", "ul loose(p(a) | p(b))"],
  ["* a\n  > b\n  >\n* c", "ul(p(a) quote(p(b)) | p(c))"],
  ["- a\n+ b\n1. c\n2) d", "ul(p(a)) ul(p(b)) 1(p(c)) 2(p(d))"],
  ["a\n2. b\n- c", "p(a\n2. b) ul(p(c))"],
  ["-\n\n  a", "ul() p(a)"],
  ["- [x] a\n- [ ] b\n- [y] c", "ul([x] p(a) | [ ] p(b) | p([y] c))"],
  ["\ta\n\n\tb\n\n", 'code ("a\\n\\nb\\n")'],
  ["-\t\ta", 'ul(code ("  a\\n"))'],
  ["~~~ js x\na\n\n```\n~~~~\nb", 'code js("a\\n\\n```\\n") p(b)'],
  ["- ```\n  a\n\n  b\n  ```\n- c", 'ul(code ("a\\n\\nb\\n") | p(c))'],
  ["| a | b \\| c |\n|:-:|--|\n| 1 |\n| 2 | 3 | 4 |\nx\n\ny", "table(a,b | c | 1, | 2,3 | x,) p(y)"],
  ["a | b\n--- | ---\n> c", "table(a,b) quote(p(c))"],
  ["text\n| a |\n|---|\n| 1 |", "p(text) table(a | 1)"],
  ["| a | b |\n|---|", "p(| a | b |\n|---|)"],
  ["<div>\n*a*\n\n*b*", "html(<div>\n*a*) p(em(b))"],
  ["<!-- a\n\nb", "html(<!-- a) p(b)"],
  ["[a]: /u 't'\n[b]:\n</v w>\nc [a] [b] [d]", 'p(c link(a /u "t") link(b /v w) [d])'],
  ["[a]: /u 't' x", "p([a]: /u 't' x)"],
  ["[a]: /1\n[A]: /2\n\n[a][]", "p(link(a /1))"],
];

for (const [source, blocks] of BLOCKS) {
  Deno.test(`parseMarkdown parses ${JSON.stringify(source)}`, () => assertEquals(parse(source), blocks));
}

const INLINES: readonly (readonly [string, string])[] = [
  ["*a **b** c* ***d***", "em(a strong(b) c) em(strong(d))"],
  ["**a* b", "*em(a) b"],
  ["a_b_c _d_", "a_b_c em(d)"],
  ["*foo**bar*", "em(foo**bar)"],
  ["~a~ ~~b~~ ~~~c~~~ ~d~~", "del(a) del(b) ~~~c~~~ ~d~~"],
  ["`a` ``b ` c`` ` d ` `e", "code(a) code(b ` c) code(d) `e"],
  ["*a `*` b*", "em(a code(*) b)"],
  ["\\*a\\* \\a &lt;&copy;&#65;&x;", "*a* \\a <\u00a9A&x;"],
  ["a  \nb\\\nc \nd", "a<br>b<br>c\nd"],
  ['[a *b*](/u "t") [c](<d e>) [f](g\\)h)', 'link(a em(b) /u "t") link(c d e) link(f g)h)'],
  ["[a](javascript&colon;x&#40;&#41;)", "link(a javascript:x())"],
  ["[a [b](/c) d](/e)", "[a link(b /c) d](/e)"],
  ["![a *b* [c](/d)](/e 'f')", 'image(a b c /e "f")'],
  ["[![a](/b)](/c)", "link(image(a /b) /c)"],
  ["*[a*](/b)", "*link(a* /b)"],
  [
    "<https://a.example/?b=*c*> <d@e.example>",
    "link(https://a.example/?b=*c* https://a.example/?b=*c*) link(d@e.example mailto:d@e.example)",
  ],
  ["<b title='*a*'>*c*</b>", "<b title='*a*'>em(c)</b>"],
  [
    "see https://a.example/b_c. (www.d.example/e(f)) g@h.example!",
    "see link(https://a.example/b_c https://a.example/b_c). (link(www.d.example/e(f) http://www.d.example/e(f))) link(g@h.example mailto:g@h.example)!",
  ],
  ["xhttps://a.example a@b", "xhttps://a.example a@b"],
];

for (const [source, inlines] of INLINES) {
  Deno.test(`parseMarkdown parses the text ${JSON.stringify(source)}`, () =>
    assertEquals(parse(source), `p(${inlines})`));
}

const OPEN: readonly (readonly [string, string])[] = [
  ["a **b", "p(a strong(b))"],
  ["- a\n- ", "ul(p(a))"],
  ["- a\n- *b", "ul(p(a) | p(em(b)))"],
  ["a\n==", "p(a)"],
  ["| a | b |\n", ""],
  ["| a | b |\n|--", ""],
  ["| a | b |\n|---|---|\n| c", "table(a,b)"],
  ["x\n\n1", "p(x)"],
  ["[a]: /u", ""],
  ["- a\n- ```j", "ul(p(a))"],
];

for (const [source, blocks] of OPEN) {
  Deno.test(`parseMarkdown parses ${JSON.stringify(source)} while it is open`, () =>
    assertEquals(parse(source, true), blocks));
}

Deno.test("parseMarkdown nests lists, quotes and emphasis sixteen levels deep and no deeper", () => {
  const deepest = (source: string, mark: RegExp) => (parse(source).match(mark) ?? []).length;
  assertEquals(deepest(`${">".repeat(100)} a`, /quote\(/g) <= 32, true);
  assertEquals(deepest(`${"- ".repeat(100)} a`, /ul\(/g) <= 16, true);
  assertEquals(deepest(`${"*a **a ".repeat(50)}b${" a** a*".repeat(50)}`, /(?:em|strong)\(/g), 16);
});
