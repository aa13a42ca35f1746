import { assertEquals } from "@std/assert";
import { healInline } from "../../../components/markdown/markdown_heal.ts";
import { parseInline } from "../../../components/markdown/markdown_inline_parser.ts";
import { MarkdownDocument } from "../../../components/markdown/markdown_document.ts";
import type { Block, Inlines } from "../../../components/markdown/markdown_nodes.ts";
import { parseMarkdown } from "../../../components/markdown/markdown_parser.ts";

/** Writes formulas as `{tex}` and `{{tex}}`, and leaves out other elements. */
function write(content: Inlines): string {
  return content.map((inline) => {
    if (typeof inline === "string") return inline;
    if (inline.type === "math") return inline.isDisplay ? `{{${inline.tex}}}` : `{${inline.tex}}`;
    return "content" in inline ? `<${write(inline.content)}>` : inline.type === "code" ? "`" + inline.text + "`" : "";
  }).join("");
}

const MATH: readonly (readonly [string, string])[] = [
  ["\\(a*b*c_d_\\) *e*", "{a*b*c_d_} <e>"],
  ["\\[ x_1 \\] and $$ y_2 $$", "{{x_1}} and {{y_2}}"],
  ["$x$ and $y_1 + y_2$", "{x} and {y_1 + y_2}"],
  ["**$a$** _$b$_ ($c$), $d$.", "<{a}> <{b}> ({c}), {d}."],
  ["the $n$th, $x$-axis", "the {n}th, {x}-axis"],
  ["$\\text{costs \\$5}$", "{\\text{costs \\$5}}"],
  ["$$\\text{if $x$}$$", "{{\\text{if $x$}}}"],
  ["\\(a \\\\ b\\)", "{a \\\\ b}"],
  ["[a $x$ b](/u)", "<a {x} b>"],
];

const NO_MATH: readonly string[] = [
  "$5 and $10",
  "$5-$10, $20/$30, $1,000",
  "$5, not 6$",
  "it is 5$ or 6$",
  "US$5 and A$6",
  "$ x $",
  "$x $y",
  "$HOME/$USER and $PATH",
  "$x\ny$",
  "a $$ b",
  "$$ $$ $",
  "$5k to 10k$ more",
  "$('#a').val($('#b'))",
  "$foo->bar($baz)",
  "$20M-$30M and US$100-US$200",
  "$AAPL, $TSLA",
  "R$ 5 e R$ 10",
];

for (const [source, written] of MATH) {
  Deno.test(`parseInline reads the formulas in ${JSON.stringify(source)}`, () =>
    assertEquals(write(parseInline(source, new Map())), written));
}
for (const source of NO_MATH) {
  Deno.test(`parseInline reads no formula in ${JSON.stringify(source)}`, () =>
    assertEquals(write(parseInline(source, new Map())), source));
}

Deno.test("parseInline reads no formula in code and in escaped dollar signs", () => {
  assertEquals(write(parseInline("`$x$` `$$` \\$x$ \\\\(a\\\\)", new Map())), "`$x$` `$$` $x$ \\(a\\)");
});

Deno.test("parseInline leaves the escapes of brackets without a formula as they are", () => {
  assertEquals(write(parseInline("\\(\\) \\[\\\\\\] \\[a](/b)", new Map())), "() [\\] [a](/b)");
});

const OPEN: readonly (readonly [string, string])[] = [
  ["a $x_", "a $\u2026$"],
  ["a $", "a"],
  ["a $x_1$", "a $x_1$"],
  ["a \\(x", "a \\(\u2026\\)"],
  ["a \\(", "a"],
  ["$$\n\\sum_{k", "$$\u2026$$"],
  ["**a $x", "**a $\u2026$**"],
  ["costs $5", "costs $5"],
  ["set $HOME to the folder", "set $HOME to the folder"],
  ["`$x", "`$x`"],
  ["\\( starts a group in the shell", "\\( starts a group in the shell"],
  ["$$ is the process of the shell", "$$ is the process of the shell"],
  ["\\(x = \\text{if it is so} y_", "\\(\u2026\\)"],
  ["$x_1*$ and *a", "$x_1*$ and *a*"],
];

for (const [source, healed] of OPEN) {
  Deno.test(`healInline closes the formula in ${JSON.stringify(source)}`, () =>
    assertEquals(healInline(source), healed));
}

Deno.test("healInline shows a formula as text when it is longer than any formula", () => {
  const source = `\\(${"x".repeat(5000)}`;
  assertEquals(healInline(source), source);
});

/** Writes the types of blocks, and of a paragraph the content. */
function blocksOf(source: string, isOpen = false): string[] {
  const { blocks } = parseMarkdown(source, { definitions: new Map(), isOpen });
  return blocks.map((block: Block) => block.type === "paragraph" ? write(block.content) : block.type);
}

Deno.test("parseMarkdown keeps the lines of a formula together that look like other blocks", () => {
  assertEquals(blocksOf("$$\na\n= b\n+ c\n- d\n> e\n# f\n$$\ntext\n- item"), [
    "{{a\n= b\n+ c\n- d\n> e\n# f}}\ntext",
    "list",
  ]);
  assertEquals(blocksOf("\\[\na\n---\n\\]"), ["{{a\n---}}"]);
});

Deno.test("parseMarkdown keeps a formula with pipes in one cell, and splits amounts", () => {
  const { blocks: [table] } = parseMarkdown("| a | b |\n|---|---|\n| $P(A|B)$ | \\(|x|\\) |\n| $5|$6|\n|$x|$y$|\n", {
    definitions: new Map(),
    isOpen: false,
  });
  assertEquals(table?.type === "table" && table.rows.map((row) => row.map(write)), [
    ["{P(A|B)}", "{|x|}"],
    ["$5", "$6"],
    ["$x", "{y}"],
  ]);
});

Deno.test("parseMarkdown ends an unclosed formula at a blank line", () => {
  assertEquals(blocksOf("$$\na\n\n- b"), ["$$\na", "list"]);
});

Deno.test("parseMarkdown shows one placeholder while a formula arrives", () => {
  const source = "Sum:\n\n$$\n\\sum_{k=1}^{n} k\n= \\frac{n}{2}\n- 1\n$$";
  const shown = Array.from(source, (_, i) => blocksOf(source.slice(0, i + 1), true).slice(1).join());
  assertEquals([...new Set(shown)], ["", "{{\u2026}}", "{{\\sum_{k=1}^{n} k\n= \\frac{n}{2}\n- 1}}"]);
});

Deno.test("MarkdownDocument gives the same formulas for every split", () => {
  const source = "A $x$ and \\(y\\).\n\n\\[\nz\n+ 1\n\\]\n\n- a\n  $$\n  b\n  - c\n  $$\n\n$5 and $10";
  const read = (chars: number) => {
    const document = new MarkdownDocument();
    for (let at = 0; at < source.length; at += chars) {
      document.append(source.slice(at, at + chars));
      document.blocks.length;
    }
    document.end();
    return document.blocks.map(({ block }) => block);
  };
  for (const chars of [1, 2, 3, 7, 19]) assertEquals(read(chars), read(source.length));
});

Deno.test("parseInline reads thousands of unclosed formulas without searching the text again for each", () => {
  for (const mark of ["\\(", "\\[", "$$ ", "$x ", "$"]) {
    const source = mark.repeat(50_000);
    const { blocks } = parseMarkdown(source, { definitions: new Map(), isOpen: false });
    assertEquals(JSON.stringify(blocks).includes('"math"'), false);
  }
});
