/**
 * Parses the block structure of Markdown as CommonMark and GFM define it: line by line, with the open blocks on a
 * stack. Each line continues as many open blocks as it can, opens new ones, and adds the rest of its text to the
 * innermost.
 *
 * The parser never looks back over more than one block, so time is linear in the text.
 * @see https://spec.commonmark.org/0.31.2/#phase-1-block-structure
 * @module
 */
import { takeDefinitions } from "./markdown_definitions.ts";
import { MarkdownLine } from "./markdown_line.ts";
import { openMathAfter } from "./markdown_math.ts";
import type { Alignment, Definitions } from "./markdown_nodes.ts";
import { alignment, splitRow } from "./markdown_row.ts";

/** The maximum depth of lists and quotes. Deeper markers are text. */
const MAX_DEPTH = 16;
/**
 * The maximum number of cells in a table: rows are padded to the head, so a wide head with many empty rows costs their
 * product.
 */
const MAX_COLUMNS = 100;

type Kind =
  | "document"
  | "quote"
  | "list"
  | "item"
  | "paragraph"
  | "heading"
  | "fence"
  | "indented"
  | "html"
  | "table"
  | "footnote"
  | "rule";

/** A block while it is parsed. Which fields are used depends on its kind. */
export class OpenBlock {
  readonly kind: Kind;
  readonly children: OpenBlock[] = [];
  /** The lines of a leaf block. */
  readonly lines: string[] = [];
  /** The number of the last blank line in the block. */
  blankLine = -1;
  /** For an item: the width of its marker. For a fence: its indentation. In columns. */
  indent = 0;
  /** For a list: its bullet or the character after its numbers. For a fence: its marker. */
  mark = "";
  /** For a list: its first number. For a heading: its depth. */
  number: number | undefined;
  /** For a fence: its info string. For a footnote: its label. */
  info = "";
  isLoose = false;
  /** For a paragraph: the mark that ends the formula on its last lines. */
  openMath: string | undefined;
  alignments: readonly Alignment[] = [];

  /** @param kind the kind of block, which does not change */
  constructor(kind: Kind) {
    this.kind = kind;
  }
}

/** The result of parsing blocks. */
export interface BlockReading {
  readonly blocks: readonly OpenBlock[];
  /** The leaf that took the last line, if there is one: later text may continue in it. */
  readonly last: OpenBlock | undefined;
}

const HEADING = /^#{1,6}(?=[ \t]|$)/;
const FENCE = /^(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const RULE = /^(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const SETEXT = /^(?:=+|-+)[ \t]*$/;
const ITEM = /^(?:([-+*])|(\d{1,9})([.)]))(?=[ \t]|$)/;
const FOOTNOTE = /^\[\^([^\s[\]]{1,50})\]:/;
const HTML =
  /^<(?:[!?]|\/?(?:address|article|aside|blockquote|body|center|dd|details|dialog|div|dl|dt|figure|footer|form|h\d|head|header|hr|html|iframe|li|link|main|meta|nav|ol|p|pre|script|section|style|summary|table|t[dhr]|tbody|thead|textarea|title|ul)(?=[\s/>]|$)|\/?[a-z][\w-]*(?:\s[^<>]*)?\/?>\s*$)/i;

/** Parses the blocks of `source`. Its link definitions are added to `definitions`. */
export function parseBlocks(source: string, definitions: Definitions): BlockReading {
  const parser = new BlockParser(definitions);
  source.replace(/\n$/, "").split("\n").forEach((line) => parser.take(line));
  return parser.end();
}

class BlockParser {
  readonly #definitions: Definitions;
  /** The open blocks, from the document to the innermost. */
  readonly #path: OpenBlock[] = [new OpenBlock("document")];
  #lineNumber = 0;
  #last: OpenBlock | undefined;

  constructor(definitions: Definitions) {
    this.#definitions = definitions;
  }

  take(text: string): void {
    const line = new MarkdownLine(text);
    this.#lineNumber++;
    this.#last = undefined;
    const matched = this.#matchOpen(line);
    if (matched !== undefined) this.#read(line, matched);
  }

  end(): BlockReading {
    const [document] = this.#path;
    this.#closeTo(1);
    return { blocks: document?.children ?? [], last: this.#last };
  }

  /** Counts the open blocks that the line continues. Undefined if the line closed a fence. */
  #matchOpen(line: MarkdownLine): number | undefined {
    for (let depth = 1; depth < this.#path.length; depth++) {
      const block = this.#path[depth] as OpenBlock;
      if (block.kind === "fence" && closesFence(line, block)) {
        this.#closeTo(depth);
        return undefined;
      }
      if (!goesOn(block, line)) return depth;
    }
    return this.#path.length;
  }

  /** Parses the rest of a line that continues the first `matched` open blocks. */
  #read(line: MarkdownLine, matched: number): void {
    const tip = this.#tip;
    const isWhole = matched === this.#path.length;
    if (isWhole && (tip.kind === "fence" || tip.kind === "indented" || tip.kind === "html")) {
      tip.lines.push(line.rest);
      this.#last = tip;
      return;
    }
    if (line.isBlank) return this.#takeBlank(matched);
    if (isWhole && tip.openMath !== undefined) return this.#addText(tip, line.content);
    let depth = isWhole && (tip.kind === "paragraph" || tip.kind === "table") ? matched - 1 : matched;
    let hasOpened = false;
    while (!line.isBlank) {
      // A paragraph continues over markers that may not interrupt it, also without the markers of its containers.
      const paragraph = !hasOpened && this.#tip.kind === "paragraph" ? this.#tip : undefined;
      const isInterrupting = paragraph !== undefined && isWhole;
      if (line.indent >= 4) {
        if (paragraph === undefined && !(isWhole && !hasOpened && tip.kind === "table")) {
          return this.#addIndented(line, depth);
        }
        break;
      }
      if (this.#addLeaf(line, depth, isInterrupting ? paragraph : undefined)) return;
      const container = this.#openContainer(line, depth, isInterrupting);
      if (container === undefined) break;
      depth = container;
      hasOpened = true;
    }
    if (!hasOpened && this.#goOn(line, isWhole)) return;
    this.#closeTo(depth);
    if (line.isBlank) return;
    this.#addChild(new OpenBlock("paragraph"), line.content);
  }

  /** Adds the line to the open paragraph or table. Returns false if neither is open. */
  #goOn(line: MarkdownLine, isWhole: boolean): boolean {
    const tip = this.#tip;
    if (tip.kind === "table" && isWhole) {
      tip.lines.push(line.content);
      this.#last = tip;
      return true;
    }
    if (tip.kind !== "paragraph") return false;
    if (!isWhole || !this.#becomesTable(tip, line.content)) this.#addText(tip, line.content);
    return true;
  }

  #takeBlank(matched: number): void {
    this.#closeTo(matched);
    for (const block of this.#path.toReversed()) {
      block.blankLine = this.#lineNumber;
      // A blank line inside a quote is not blank for the container of the quote.
      if (block.kind === "quote") break;
    }
  }

  /** Adds a block that consists of, or starts with, a line of its own. Returns false if the line is none. */
  #addLeaf(line: MarkdownLine, depth: number, paragraph: OpenBlock | undefined): boolean {
    const content = line.content;
    const heading = HEADING.exec(content);
    if (heading !== null) {
      const block = new OpenBlock("heading");
      block.number = heading[0].length;
      this.#addAt(depth, block, withoutClosingMarks(content.slice(block.number).trim()));
      return true;
    }
    const fence = FENCE.exec(content);
    if (fence !== null) {
      const block = new OpenBlock("fence");
      [, block.mark = "", block.info = ""] = fence;
      block.indent = line.indent;
      this.#addAt(depth, block);
      return true;
    }
    if (paragraph !== undefined && SETEXT.test(content) && this.#becomesHeading(paragraph, content)) return true;
    if (RULE.test(content)) {
      this.#addAt(depth, new OpenBlock("rule"));
      return true;
    }
    if (paragraph !== undefined || !HTML.test(content)) return false;
    this.#addAt(depth, new OpenBlock("html"), line.rest);
    return true;
  }

  #addIndented(line: MarkdownLine, depth: number): void {
    line.skipSpaces(4);
    this.#addAt(depth, new OpenBlock("indented"), line.rest);
  }

  /**
   * Opens a quote, a footnote or a list item. Returns the number of open blocks after that, or undefined if the line opens none.
   */
  #openContainer(line: MarkdownLine, depth: number, isInterrupting: boolean): number | undefined {
    if (depth > MAX_DEPTH * 2) return undefined;
    const { content, indent } = line;
    if (content.startsWith(">")) {
      line.skipSpaces(indent);
      line.skip(1);
      line.skipSpaces(1);
      this.#addAt(depth, new OpenBlock("quote"));
      return this.#path.length;
    }
    const [written = "", label] = FOOTNOTE.exec(content) ?? [];
    if (label !== undefined) {
      line.skipSpaces(indent);
      line.skip(written.length);
      line.skipSpaces(line.indent);
      const note = new OpenBlock("footnote");
      note.info = label;
      this.#addAt(depth, note);
      return this.#path.length;
    }
    const item = ITEM.exec(content);
    if (item === null) return undefined;
    const [marker, bullet, number, delimiter] = item;
    const isEmpty = content.slice(marker.length).trim() === "";
    if (isInterrupting && (isEmpty || (number !== undefined && Number(number) !== 1))) return undefined;
    line.skipSpaces(indent);
    line.skip(marker.length);
    const spaces = line.indent;
    const padding = isEmpty || spaces > 4 ? 1 : spaces;
    line.skipSpaces(padding);
    this.#openItem(depth, bullet ?? delimiter ?? "", number, indent + marker.length + padding);
    return this.#path.length;
  }

  #openItem(depth: number, mark: string, number: string | undefined, indent: number): void {
    let list = this.#path[depth - 1];
    if (list?.kind === "list" && list.mark === mark) {
      this.#closeTo(depth);
      if (list.blankLine === this.#lineNumber - 1) list.isLoose = true;
    } else {
      list = new OpenBlock("list");
      list.mark = mark;
      list.number = number === undefined ? undefined : Number(number);
      this.#addAt(depth, list);
    }
    const item = new OpenBlock("item");
    item.indent = indent;
    list.children.push(item);
    this.#path.push(item);
  }

  /** Adds a block to the innermost of the first `depth` open blocks that may contain it. */
  #addAt(depth: number, block: OpenBlock, text?: string): void {
    this.#closeTo(depth);
    this.#addChild(block, text);
  }

  #addChild(block: OpenBlock, text?: string): void {
    // A list only contains items: anything else ends it.
    if (this.#tip.kind === "list") this.#closeTo(this.#path.length - 1);
    const parent = this.#tip;
    if (parent.kind === "item" && parent.children.length > 0 && parent.blankLine === this.#lineNumber - 1) {
      (this.#path.at(-2) as OpenBlock).isLoose = true;
    }
    parent.children.push(block);
    if (text !== undefined) this.#addText(block, text);
    if (block.kind !== "heading" && block.kind !== "rule") this.#path.push(block);
  }

  #addText(block: OpenBlock, text: string): void {
    block.lines.push(text);
    if (block.kind === "paragraph") block.openMath = openMathAfter(text, block.openMath);
    this.#last = block;
  }

  /** Turns a paragraph into a heading at its underline, unless it only contained definitions. */
  #becomesHeading(paragraph: OpenBlock, underline: string): boolean {
    this.#takeDefinitions(paragraph);
    if (paragraph.lines.length === 0) return false;
    const heading = new OpenBlock("heading");
    heading.number = underline.startsWith("=") ? 1 : 2;
    heading.lines.push(...paragraph.lines);
    this.#path.pop();
    this.#tip.children.splice(-1, 1, heading);
    return true;
  }

  /** Turns a paragraph into a table if its last line is a head that matches the delimiter row. */
  #becomesTable(paragraph: OpenBlock, row: string): boolean {
    if (!/^[|:-][-:|\s]*$/.test(row) || !/[|:]/.test(row)) return false;
    const cells = splitRow(row);
    const head = paragraph.lines.at(-1) ?? "";
    if (cells.length > MAX_COLUMNS || !cells.every((cell) => /^:?-+:?$/.test(cell))) return false;
    if (splitRow(head).length !== cells.length) return false;
    const table = new OpenBlock("table");
    table.alignments = cells.map(alignment);
    table.lines.push(head);
    paragraph.lines.pop();
    this.#closeTo(this.#path.length - 1);
    this.#tip.children.push(table);
    this.#path.push(table);
    this.#last = table;
    return true;
  }

  #closeTo(depth: number): void {
    while (this.#path.length > depth) {
      const block = this.#path.pop() as OpenBlock;
      if (block.kind !== "paragraph") continue;
      this.#takeDefinitions(block);
      if (block.lines.length === 0) this.#tip.children.pop();
    }
  }

  /** Removes the definitions from the start of a paragraph. */
  #takeDefinitions({ lines }: OpenBlock): void {
    lines.splice(0, Infinity, ...takeDefinitions(lines, this.#definitions));
  }

  get #tip(): OpenBlock {
    return this.#path.at(-1) as OpenBlock;
  }
}

/** Returns the text of a heading without its closing marks. */
function withoutClosingMarks(text: string): string {
  let end = text.length;
  while (text[end - 1] === "#") end--;
  return end === 0 || /[ \t]/.test(text[end - 1] ?? "") ? text.slice(0, end).trimEnd() : text;
}

/** Checks whether an open block continues in the line, and consumes its marker. */
function goesOn(block: OpenBlock, line: MarkdownLine): boolean {
  switch (block.kind) {
    case "list":
      return true;
    case "quote": {
      const { indent, content } = line;
      if (indent > 3 || !content.startsWith(">")) return false;
      line.skipSpaces(indent);
      line.skip(1);
      line.skipSpaces(1);
      return true;
    }
    case "item":
      if (line.isBlank ? block.children.length === 0 : line.indent < block.indent) return false;
      line.skipSpaces(block.indent);
      return true;
    case "fence":
      line.skipSpaces(Math.min(block.indent, line.indent));
      return true;
    case "footnote":
    case "indented":
      if (line.indent < 4 && !line.isBlank) return false;
      line.skipSpaces(4);
      return true;
    case "paragraph":
    case "table":
    case "html": // of every kind: an unclosed comment must not swallow the rest of an answer
      return !line.isBlank;
    default:
      return false;
  }
}

function closesFence(line: MarkdownLine, fence: OpenBlock): boolean {
  const mark = line.indent < 4 ? /^(`+|~+)[ \t]*$/.exec(line.content)?.[1] : undefined;
  return mark !== undefined && mark.startsWith(fence.mark);
}
