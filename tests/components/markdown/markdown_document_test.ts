import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { MarkdownDocument } from "../../../components/markdown/markdown_document.ts";
import { cutRandomly, HOSTILE_TEXTS, SAMPLE } from "./markdown_sample.ts";

/** Appends the chunks, calls `onChunk` after each, and ends the document. */
function read(chunks: readonly string[], onChunk?: (document: MarkdownDocument) => void): MarkdownDocument {
  const document = new MarkdownDocument();
  for (const chunk of chunks) {
    document.append(chunk);
    onChunk?.(document);
  }
  document.end();
  return document;
}

function blocksOf(document: MarkdownDocument): unknown[] {
  return document.blocks.map(({ block }) => block);
}

Deno.test("MarkdownDocument gives the same blocks for every split, read after each chunk or only at the end", () => {
  const whole = blocksOf(read([SAMPLE]));
  for (let seed = 1; seed <= 40; seed++) {
    const chunks = cutRandomly(SAMPLE, seed, seed < 20 ? 12 : 200);
    assertEquals(blocksOf(read(chunks, ({ blocks }) => blocks.length)), whole, `seed ${seed}`);
    assertEquals(blocksOf(read(chunks)), whole, `seed ${seed}, not read`);
  }
});

Deno.test("MarkdownDocument reads CRLF, lone CR and NUL the same for every split", () => {
  const text = "# A\r\n\r\nb\rc\0d\r\n```\r\ncode\r\n```\r\n";
  const whole = blocksOf(read([text]));
  assertEquals(blocksOf(read([...text], ({ blocks }) => blocks.length)), whole);
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

Deno.test("MarkdownDocument parses only the open end again after an append", () => {
  const document = new MarkdownDocument();
  document.append("one\n\ntwo\n\nthree");
  const before = document.blocks;
  document.append(" more");
  assertEquals(document.blocks.map((block, i) => block === before[i]), [true, true, false]);
});

Deno.test("MarkdownDocument resolves a reference to a later definition without changing other blocks", () => {
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
  ["starts one level below the page's own heading", "# A\n\n## B\n\n### C", [2, 3, 4]],
  ["skips no level", "### A\n\n##### B\n\n# C", [2, 3, 2]],
  ["keeps siblings at one level", "## A\n\n#### B\n\n## C\n\n#### D", [2, 3, 2, 3]],
  ["includes those in lists and quotes", "# A\n\n> ### B\n\n- ## C", [2, 3, 3]],
  ["stops at level six", "# A\n## B\n### C\n#### D\n##### E\n###### F", [2, 3, 4, 5, 6, 6]],
];

for (const [name, text, levels] of HEADINGS) {
  Deno.test(`MarkdownDocument demotes headings and ${name}`, () => {
    const found = [
      ...JSON.stringify(blocksOf(read([...text], ({ blocks }) => blocks.length))).matchAll(/"level":(\d)/g),
    ];
    assertEquals(found.map(([, level]) => Number(level)), levels);
  });
}

Deno.test("MarkdownDocument shows only complete rows of a table", () => {
  const document = new MarkdownDocument();
  const shown = [...`| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n`].map((char) => {
    document.append(char);
    const block = document.blocks[0]?.block;
    return block === undefined ? "" : block.type === "table" ? `table of ${block.rows.length}` : block.type;
  });
  // No row is shown in part, and no row disappears.
  assertEquals(shown.filter((kind, i) => kind !== shown[i - 1]), ["", "table of 0", "table of 1", "table of 2"]);
});

const KINDS: readonly (readonly [string, readonly string[]])[] = [
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

for (const [text, kinds] of KINDS) {
  Deno.test(`MarkdownDocument shows no block of another kind while ${JSON.stringify(text)} arrives`, () => {
    const document = new MarkdownDocument();
    const shown = [...text].map((char) => {
      document.append(char);
      return document.blocks.map(({ block }) => block.type).join();
    });
    assertEquals([...new Set(shown)].filter((kind) => !kinds.includes(kind)), []);
  });
}

Deno.test("MarkdownDocument gives the same blocks for every split of random markup", () => {
  const marks =
    "a |b c|\n|\n\n|- |* |1. |  |    |\t|> |# |```|~~~|`|*|**|_|~~|[|]|(|)|![|](|/u| \\| |---|===|\\|&amp;|<b>|[x]: /y|\r\n";
  const bits = marks.split("|");
  let state = 1;
  const random = (below: number) => (state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff) % below;
  for (let i = 0; i < 500; i++) {
    const text = Array.from({ length: 5 + random(40) }, () => bits[(random(1 << 20) >> 8) % bits.length]).join("");
    const chunks = cutRandomly(text, i + 1, 7);
    assertEquals(blocksOf(read(chunks, ({ blocks }) => blocks.length)), blocksOf(read([text])), JSON.stringify(text));
  }
});

Deno.test("MarkdownDocument throws when text is appended after its end", () => {
  const document = read(["done"]);
  assertThrows(() => document.append("more"), TypeError, "it has ended");
});

Deno.test("MarkdownDocument increases its version with each change", () => {
  const document = new MarkdownDocument();
  assertEquals(document.version, 0);
  document.append("a");
  document.append("");
  document.end();
  document.end();
  assertEquals(document.version, 2);
});

for (const [name, make] of HOSTILE_TEXTS) {
  Deno.test(`MarkdownDocument bounds how often it parses again ${name}`, () => {
    const text = make(Math.round(150_000 / make(1000).length * 1000));
    const seen = new Set<unknown>();
    let createdChars = 0;
    read(cutRandomly(text, 3, 2000), ({ blocks }) => {
      for (const block of blocks) {
        if (!seen.has(block)) createdChars += JSON.stringify(block).length;
        seen.add(block);
      }
    });
    // Parsing the whole text for each of the 150 chunks would create 75 times as much as there is.
    assert(createdChars < 40 * text.length, `${createdChars} characters of blocks for ${text.length}`);
  });
}
