/**
 * Reads the blocks of Markdown, as CommonMark and GFM say: line by line, with the blocks that are open on a stack. Each
 * line goes on in as many of them as it can, opens new ones, and gives the rest of its text to the innermost.
 *
 * Nothing looks back over more than one block, so time is linear in the text.
 * @see https://spec.commonmark.org/0.31.2/#phase-1-block-structure
 * @module
 */
import { matchAt, readDestination, readTitle, skipSpaces } from "./markdown_destination.ts";
import { MarkdownLine } from "./markdown_line.ts";
import { type Alignment, type Definitions, normalizeLabel } from "./markdown_nodes.ts";
import { alignment, splitRow } from "./markdown_row.ts";

/** Lists and quotes nest this deep. Marks that would nest deeper are text. */
const MAX_DEPTH = 16;
/** A row of a table is as wide as its head, so a wide head with many empty rows would cost their product. */
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
  | "rule";

/** A block as it is being read. Its kind says which of the fields mean something. */
export class OpenBlock {
  readonly kind: Kind;
  readonly children: OpenBlock[] = [];
  /** The lines of a leaf. */
  readonly lines: string[] = [];
  /** The number of the last line that was blank in it. */
  blankLine = -1;
  /** Of an item: the columns of its marker. Of a fence: those before it. */
  indent = 0;
  /** Of a list: its bullet, or what follows its numbers. Of a fence: its marks. */
  mark = "";
  /** Of a list: its first number. Of a heading: its depth. */
  number: number | undefined;
  /** Of a fence: what stands behind its marks. */
  info = "";
  isLoose = false;
  alignments: readonly Alignment[] = [];

  /** @param kind what it is, which does not change */
  constructor(kind: Kind) {
    this.kind = kind;
  }
}

/** What was read. */
export interface BlockReading {
  readonly blocks: readonly OpenBlock[];
  /** The leaf that took the last line, if any did: the one that the text may go on in. */
  readonly last: OpenBlock | undefined;
}

const HEADING = /^#{1,6}(?=[ \t]|$)/;
const FENCE = /^(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const RULE = /^(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const SETEXT = /^(?:=+|-+)[ \t]*$/;
const ITEM = /^(?:([-+*])|(\d{1,9})([.)]))(?=[ \t]|$)/;
const HTML =
  /^<(?:[!?]|\/?(?:address|article|aside|blockquote|body|center|dd|details|dialog|div|dl|dt|figure|footer|form|h\d|head|header|hr|html|iframe|li|link|main|meta|nav|ol|p|pre|script|section|style|summary|table|t[dhr]|tbody|thead|textarea|title|ul)(?=[\s/>]|$)|\/?[a-z][\w-]*(?:\s[^<>]*)?\/?>\s*$)/i;
const DEFINITION = /\[((?:\\[^]|[^\\[\]]){1,999})\]:/y;

/** The blocks of `source`, with the definitions in it added to `definitions`. */
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
    const last = this.#last;
    this.#closeTo(1);
    return { blocks: document?.children ?? [], last };
  }

  /** How many of the open blocks the line goes on in. Undefined where it was used up by closing a fence. */
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

  /** Reads the rest of a line that goes on in the first `matched` open blocks. */
  #read(line: MarkdownLine, matched: number): void {
    const tip = this.#tip;
    const isWhole = matched === this.#path.length;
    if (isWhole && (tip.kind === "fence" || tip.kind === "indented" || tip.kind === "html")) {
      tip.lines.push(line.rest);
      this.#last = tip;
      return;
    }
    if (line.isBlank) return this.#takeBlank(matched);
    let depth = isWhole && (tip.kind === "paragraph" || tip.kind === "table") ? matched - 1 : matched;
    let hasOpened = false;
    while (!line.isBlank) {
      // A paragraph goes on over marks that may not interrupt it, and also where its containers were left out.
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

  /** Gives the line to the paragraph or the table that is open. Returns whether one was. */
  #goOn(line: MarkdownLine, isWhole: boolean): boolean {
    const tip = this.#tip;
    if (tip.kind === "table" && isWhole) {
      tip.lines.push(line.content);
      this.#last = tip;
      return true;
    }
    if (tip.kind !== "paragraph") return false;
    if (isWhole && this.#becomesTable(tip, line.content)) return true;
    tip.lines.push(line.content);
    this.#last = tip;
    return true;
  }

  #takeBlank(matched: number): void {
    this.#closeTo(matched);
    for (const block of this.#path.toReversed()) {
      block.blankLine = this.#lineNumber;
      // A line that is blank in a quote is not blank for what the quote stands in.
      if (block.kind === "quote") break;
    }
  }

  /** Adds a block that is one line, or begins with a line of its own. Returns whether the line was one. */
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

  /** Opens a quote or an item of a list. Returns how many blocks are open then, undefined where the line opens none. */
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

  /** Adds a block to the innermost of the first `depth` open ones that may hold it. */
  #addAt(depth: number, block: OpenBlock, text?: string): void {
    this.#closeTo(depth);
    this.#addChild(block, text);
  }

  #addChild(block: OpenBlock, text?: string): void {
    // A list holds items alone: anything else ends it.
    if (this.#tip.kind === "list") this.#closeTo(this.#path.length - 1);
    const parent = this.#tip;
    if (parent.kind === "item" && parent.children.length > 0 && parent.blankLine === this.#lineNumber - 1) {
      (this.#path.at(-2) as OpenBlock).isLoose = true;
    }
    parent.children.push(block);
    if (text !== undefined) {
      block.lines.push(text);
      this.#last = block;
    }
    if (block.kind !== "heading" && block.kind !== "rule") this.#path.push(block);
  }

  /** Makes a heading of a paragraph that its underline follows, unless it held definitions alone. */
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

  /** Makes a table of a paragraph whose last line is a head that the delimiter row fits. */
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

  /** Takes the definitions off the beginning of a paragraph. */
  #takeDefinitions(paragraph: OpenBlock): void {
    if (!paragraph.lines[0]?.startsWith("[")) return;
    const text = paragraph.lines.join("\n");
    let at = 0;
    for (let end = this.#readDefinition(text, at); end !== undefined; end = this.#readDefinition(text, at)) at = end;
    if (at === 0) return;
    paragraph.lines.splice(0, Infinity, ...at >= text.length ? [] : text.slice(at).split("\n"));
  }

  /** Reads the definition at `at`. Returns where the next line begins, undefined where there is no definition. */
  #readDefinition(text: string, at: number): number | undefined {
    const [written, label = ""] = matchAt(DEFINITION, text, at) ?? [];
    if (written === undefined || label.trim() === "") return undefined;
    const destination = readDestination(text, skipSpaces(text, at + written.length));
    if (destination === undefined || destination.end === skipSpaces(text, at + written.length)) return undefined;
    const titleStart = skipSpaces(text, destination.end);
    const title = titleStart > destination.end ? readTitle(text, titleStart) : undefined;
    const titled = title && lineEnd(text, title.end);
    const end = titled ?? lineEnd(text, destination.end);
    if (end === undefined) return undefined;
    const name = normalizeLabel(label);
    const definition = { url: destination.value, title: titled === undefined ? "" : title?.value ?? "" };
    if (!this.#definitions.has(name)) this.#definitions.set(name, definition);
    return end;
  }

  get #tip(): OpenBlock {
    return this.#path.at(-1) as OpenBlock;
  }
}

/** Where the next line begins, if only white space is left of this one. */
function lineEnd(text: string, at: number): number | undefined {
  const [spaces] = matchAt(/[ \t]*(?:\n|$)/y, text, at) ?? [];
  return spaces === undefined ? undefined : at + spaces.length;
}

/** The text of a heading without the marks that may close it. */
function withoutClosingMarks(text: string): string {
  let end = text.length;
  while (text[end - 1] === "#") end--;
  return end === 0 || /[ \t]/.test(text[end - 1] ?? "") ? text.slice(0, end).trimEnd() : text;
}

/** Whether an open block goes on in the line, of which its marks are then read. */
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
