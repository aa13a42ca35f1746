/**
 * Parses a chunk of Markdown: first its blocks, then their inline text. At the open end of an answer, unfinished markup
 * is held back or closed, so that it never shows as something else than it becomes.
 * @module
 */
import { type OpenBlock, parseBlocks } from "./markdown_block_parser.ts";
import { matchAt, unescape } from "./markdown_destination.ts";
import { healInline } from "./markdown_heal.ts";
import { parseInline } from "./markdown_inline_parser.ts";
import type { Block, Definitions, Inlines, ListItem } from "./markdown_nodes.ts";
import { splitRow } from "./markdown_row.ts";

/**
 * Longer text is parsed in sections, so that only its last section is parsed again while it grows. In UTF-16 code
 * units; ordinary paragraphs are shorter.
 */
const MAX_SECTION_CHARS = 8192;

/** How to parse a chunk. */
export interface ParseOptions {
  /** The known definitions. Those of the chunk are added. */
  readonly definitions: Definitions;
  /** True if later text may continue the chunk. */
  readonly isOpen: boolean;
  /** The inline nodes of the last parse, for reuse. */
  readonly known?: KnownInlines | undefined;
}

/** Inline nodes by their source text. */
export type KnownInlines = ReadonlyMap<string, Inlines>;

/** The result of parsing a chunk. */
export interface ParseResult {
  readonly blocks: readonly Block[];
  /** Pass this as `known` to the next parse. */
  readonly known: KnownInlines;
}

/** Parses the blocks of a chunk and the inline text in them. */
export function parseMarkdown(source: string, options: ParseOptions): ParseResult {
  const { definitions, isOpen } = options;
  const shown = isOpen ? holdBackLine(source) : source;
  const { blocks, last } = parseBlocks(shown, definitions);
  const reader = new Reader(options, isOpen ? last : undefined, !source.includes("]:"));
  // A row shows once it is complete.
  if (isOpen && last?.kind === "table" && !shown.endsWith("\n") && last.lines.length > 1) last.lines.pop();
  return { blocks: blocks.map((block) => reader.block(block)), known: reader.known };
}

/** Returns the language at the start of an info string. */
export function codeLanguage(info: string): string {
  return unescape(/^\S*/.exec(info.trim())?.[0] ?? "");
}

class Reader {
  readonly known = new Map<string, Inlines>();
  readonly #options: ParseOptions;
  readonly #last: OpenBlock | undefined;
  /** A definition in the chunk may turn any bracket into a link, so text with brackets is then parsed again. */
  readonly #canReuseBrackets: boolean;

  constructor(options: ParseOptions, last: OpenBlock | undefined, canReuseBrackets: boolean) {
    this.#options = options;
    this.#last = last;
    this.#canReuseBrackets = canReuseBrackets;
  }

  block(block: OpenBlock): Block {
    switch (block.kind) {
      case "heading":
        return { type: "heading", depth: block.number ?? 1, level: block.number ?? 1, content: this.#text(block) };
      case "quote":
        return { type: "quote", blocks: this.#blocks(block) };
      case "list":
        return {
          type: "list",
          start: block.number,
          isTight: !block.isLoose,
          items: block.children.map((item) => this.#item(item)),
        };
      case "fence":
        return { type: "code", language: codeLanguage(block.info), text: codeText(block.lines) };
      case "indented":
        return { type: "code", language: "", text: codeText(withoutBlankEnd(block.lines)) };
      case "html":
        return { type: "html", text: block.lines.join("\n").trimEnd() };
      case "table":
        return this.#table(block);
      case "footnote":
        return { type: "footnote", label: block.info, blocks: this.#blocks(block) };
      case "rule":
        return { type: "rule" };
      default:
        return { type: "paragraph", content: this.#text(block) };
    }
  }

  #blocks(parent: OpenBlock): readonly Block[] {
    return parent.children.map((child) => this.block(child));
  }

  #item(item: OpenBlock): ListItem {
    const [first] = item.children;
    const task = first?.kind === "paragraph" ? /^\[([ xX])\][ \t]+(?=\S)/.exec(first.lines[0] ?? "") : null;
    if (task === null || first === undefined) return { isDone: undefined, blocks: this.#blocks(item) };
    first.lines[0] = first.lines[0]?.slice(task[0].length) ?? "";
    return { isDone: task[1] !== " ", blocks: this.#blocks(item) };
  }

  #table({ alignments, lines }: OpenBlock): Block {
    const [head = [], ...rows] = lines.map((line) => splitRow(line).map((cell) => this.#inline(cell)));
    return {
      type: "table",
      alignments,
      head,
      rows: rows.map((row) => Array.from(alignments, (_, column) => row[column] ?? [])),
    };
  }

  #text(block: OpenBlock): Inlines {
    const sections = splitText(block.lines.join("\n").trim());
    if (block === this.#last) sections.push(healInline(sections.pop() ?? ""));
    const [only = ""] = sections;
    return sections.length === 1 ? this.#inline(only) : sections.flatMap((section) => this.#inline(section));
  }

  #inline(text: string): Inlines {
    const canReuse = this.#canReuseBrackets || !text.includes("[");
    const inlines = (canReuse ? this.#options.known?.get(text) : undefined) ??
      parseInline(text, this.#options.definitions);
    this.known.set(text, inlines);
    return inlines;
  }
}

/** Splits the text into sections, each cut after the first white space beyond the limit. */
function splitText(text: string): string[] {
  const sections: string[] = [];
  let at = 0;
  while (text.length - at > MAX_SECTION_CHARS) {
    const [space] = matchAt(/\S*\s?/y, text, at + MAX_SECTION_CHARS) ?? [""];
    const end = at + MAX_SECTION_CHARS + space.length;
    sections.push(text.slice(at, end));
    at = end;
  }
  sections.push(text.slice(at));
  return sections;
}

/** Splits code into lines, each with its ending. */
function codeText(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function withoutBlankEnd(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex((line) => line.trim() !== "") + 1);
}

const MARKER = "(?:>|(?:[-+*]|\\d{1,9}[.)])(?=[ \\t]))";
/** An unfinished last line of marks only: of a list, a heading, a rule, a fence, a table or a task. */
const MARKS = new RegExp(
  `^(?:[ \\t]*${MARKER})*[ \\t]*(?:[-+*]|\\d{1,9}[.)]?|#{1,6}|[-=_*+~|:]+|\`+|\\[[ xX]?\\]?)?[ \\t]*$`,
);
/** The maximum length of such a line. Longer ones would make the pattern above slow. */
const MAX_MARKS_CHARS = 200;
/** The start of a fence, a table row or a definition: shown once the line is complete. */
const WHOLE_LINE = new RegExp(
  `^(?:[ \\t]*${MARKER})*[ \\t]*(?:\\||\`{3,}[^\`]*$|~{3}|\\[[^\\]]+\\]:|\\[[^\\]\\s]*\\]?$)`,
);
const ROW = new RegExp(`^(?:[ \\t]*${MARKER})*[ \\t]*\\|`);
const DELIMITER_ROW_START = /^[ \t>]*[|:\- \t]*$/;

/** Removes an unfinished last line that would first show as something else than it becomes. */
function holdBackLine(source: string): string {
  const start = source.lastIndexOf("\n") + 1;
  const line = source.slice(start);
  const isHeld = (line.length <= MAX_MARKS_CHARS && MARKS.test(line)) || WHOLE_LINE.test(line);
  if (isHeld && DELIMITER_ROW_START.test(line)) {
    // The line before is the head of a table, unless an earlier row shows that the table has already started.
    const head = lineBefore(source, start);
    if (ROW.test(source.slice(head, start)) && !ROW.test(source.slice(lineBefore(source, head), head))) {
      return source.slice(0, head);
    }
  }
  return isHeld ? source.slice(0, start) : source;
}

/** Returns the start of the line that ends before `start`. */
function lineBefore(source: string, start: number): number {
  return start < 2 ? 0 : source.lastIndexOf("\n", start - 2) + 1;
}
