import process from "node:process";
import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { MarkdownDocument } from "../../../components/markdown/markdown_document.ts";
import { cutRandomly, SAMPLE } from "./markdown_sample.ts";

function read(pieces: readonly string[], onPiece?: (document: MarkdownDocument) => void): MarkdownDocument {
  const document = new MarkdownDocument();
  for (const piece of pieces) {
    document.append(piece);
    onPiece?.(document);
  }
  document.end();
  return document;
}

function written(document: MarkdownDocument): unknown[] {
  return document.blocks.map(({ block }) => block);
}

Deno.test("MarkdownDocument gives the same blocks for every split, read after each piece or not", () => {
  const whole = written(read([SAMPLE]));
  for (let seed = 1; seed <= 40; seed++) {
    const pieces = cutRandomly(SAMPLE, seed, seed < 20 ? 12 : 200);
    assertEquals(written(read(pieces, ({ blocks }) => blocks.length)), whole, `seed ${seed}`);
    assertEquals(written(read(pieces)), whole, `seed ${seed}, not read`);
  }
});

Deno.test("MarkdownDocument reads CRLF, lone CR and NUL the same however they are cut", () => {
  const text = "# A\r\n\r\nb\rc\0d\r\n```\r\ncode\r\n```\r\n";
  const whole = written(read([text]));
  assertEquals(written(read([...text], ({ blocks }) => blocks.length)), whole);
  assertEquals(JSON.stringify(whole).includes("\\r"), false);
});

Deno.test("MarkdownDocument never changes a finished block", () => {
  const finished = new Map<number, unknown>();
  const text = SAMPLE.slice(0, SAMPLE.indexOf("[sse]:"));
  const document = read(cutRandomly(text, 7, 9), ({ blocks }) => {
    blocks.forEach((block, i) => {
      if (block.isOpen) return;
      if (finished.has(i)) assertStrictEquals(block, finished.get(i));
      finished.set(i, block);
    });
  });
  assert(
    finished.size >= document.blocks.length - 2,
    `${finished.size} of ${document.blocks.length} were finished early`,
  );
});

Deno.test("MarkdownDocument parses only the open end again", () => {
  const document = new MarkdownDocument();
  document.append("one\n\ntwo\n\nthree");
  const before = document.blocks;
  document.append(" more");
  assertEquals(document.blocks.map((block, i) => block === before[i]), [true, true, false]);
});

Deno.test("MarkdownDocument resolves a reference whose definition comes last, and touches no other block", () => {
  const document = new MarkdownDocument();
  document.append("Plain.\n\nSee [the docs][1].\n\nMore.\n\n[1]: https://docs.example");
  const [plain, see, more] = document.blocks;
  document.end();
  assertStrictEquals(document.blocks[0], plain);
  assertEquals(document.blocks[2]?.block, more?.block);
  assert(document.blocks[1] !== see);
  assert(JSON.stringify(document.blocks[1]?.block).includes("https://docs.example"));
});

const HEADINGS: readonly (readonly [string, string, readonly number[]])[] = [
  ["begins one below the page's own heading", "# A\n\n## B\n\n### C", [2, 3, 4]],
  ["leaves no level out", "### A\n\n##### B\n\n# C", [2, 3, 2]],
  ["keeps siblings at one level", "## A\n\n#### B\n\n## C\n\n#### D", [2, 3, 2, 3]],
  ["counts those in lists and quotes", "# A\n\n> ### B\n\n- ## C", [2, 3, 3]],
  ["stops at six", "# A\n## B\n### C\n#### D\n##### E\n###### F", [2, 3, 4, 5, 6, 6]],
];

for (const [name, text, levels] of HEADINGS) {
  Deno.test(`MarkdownDocument demotes headings and ${name}`, () => {
    const found = [
      ...JSON.stringify(written(read([...text], ({ blocks }) => blocks.length))).matchAll(/"level":(\d)/g),
    ];
    assertEquals(found.map(([, level]) => Number(level)), levels);
  });
}

Deno.test("MarkdownDocument shows a table by whole rows", () => {
  const document = new MarkdownDocument();
  const shown = [...`| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n`].map((char) => {
    document.append(char);
    const block = document.blocks[0]?.block;
    return block === undefined ? "" : block.type === "table" ? `table of ${block.rows.length}` : block.type;
  });
  // No row is shown in part, and none goes away again.
  assertEquals(shown.filter((kind, i) => kind !== shown[i - 1]), ["", "table of 0", "table of 1", "table of 2"]);
});

const HOLDS: readonly (readonly [string, readonly string[]])[] = [
  ["## Heading", ["", "heading"]],
  ["- item", ["", "list"]],
  ["10. item", ["", "list"]],
  ["> quote", ["", "quote"]],
  ["---\n", ["", "rule"]],
  ["**bold** text", ["", "paragraph"]],
  ["```js\nlet a;\n```\n", ["", "code"]],
  ["[1]: https://a.example\n", [""]],
  ["a\n\n2. b\n", ["", "paragraph", "paragraph,list"]],
];

for (const [text, kinds] of HOLDS) {
  Deno.test(`MarkdownDocument shows no other kind of block while ${JSON.stringify(text)} arrives`, () => {
    const document = new MarkdownDocument();
    const shown = [...text].map((char) => {
      document.append(char);
      return document.blocks.map(({ block }) => block.type).join();
    });
    assertEquals([...new Set(shown)].filter((kind) => !kinds.includes(kind)), []);
  });
}

Deno.test("MarkdownDocument gives the same blocks for every split of any heap of marks", () => {
  const marks =
    "a |b c|\n|\n\n|- |* |1. |  |    |\t|> |# |```|~~~|`|*|**|_|~~|[|]|(|)|![|](|/u| \\| |---|===|\\|&amp;|<b>|[x]: /y|\r\n";
  const bits = marks.split("|");
  let state = 1;
  const random = (below: number) => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff) % below;
  for (let i = 0; i < 500; i++) {
    const text = Array.from({ length: 5 + random(40) }, () => bits[(random(1 << 20) >> 8) % bits.length]).join("");
    const pieces = cutRandomly(text, i + 1, 7);
    assertEquals(written(read(pieces, ({ blocks }) => blocks.length)), written(read([text])), JSON.stringify(text));
  }
});

Deno.test("MarkdownDocument takes no text after its end", () => {
  const document = read(["done"]);
  assertThrows(() => document.append("more"), TypeError, "it has ended");
});

Deno.test("MarkdownDocument grows its version with each change", () => {
  const document = new MarkdownDocument();
  assertEquals(document.version, 0);
  document.append("a");
  document.append("");
  document.end();
  document.end();
  assertEquals(document.version, 2);
});

const HOSTILE: readonly (readonly [string, (scale: number) => string])[] = [
  ["a line that nests quotes", (n) => `${">".repeat(n)} a`],
  ["a line that nests lists", (n) => `${"- ".repeat(n)} a`],
  ["emphasis that never closes", (n) => "*a **a ".repeat(n)],
  ["emphasis that closes far away", (n) => "*a ".repeat(n) + "a* ".repeat(n)],
  ["links that never end", (n) => "[a](b".repeat(n)],
  [
    "backticks of every length",
    (n) => Array.from({ length: Math.sqrt(n * 5) }, (_, i) => "e" + "`".repeat(i)).join(""),
  ],
  ["a table of many columns", (n) => `|${" a |".repeat(n)}\n|${"-|".repeat(n)}\n${"|\n".repeat(n)}`],
];

for (const [name, make] of HOSTILE) {
  Deno.test(`MarkdownDocument reads ${name} in time that grows with its length`, () => {
    /** Processor time, the least of three: what other work on the machine takes does not count. */
    const cost = (scale: number) => {
      const text = make(scale);
      const runs = [1, 2, 3].map(() => {
        const start = process.cpuUsage();
        read(cutRandomly(text, 3, 2000), ({ blocks }) => blocks.length);
        const { user, system } = process.cpuUsage(start);
        return (user + system) / 1000;
      });
      return Math.min(...runs);
    };
    cost(500);
    // Ten times the text. Quadratic would be a hundred times the cost; the bound is far from both.
    assert(cost(5000) < 40 * Math.max(20, cost(500)));
  });
}
