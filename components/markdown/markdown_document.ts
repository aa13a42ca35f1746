/**
 * A growing Markdown text as blocks. Finished blocks never change, and only the open end is parsed again. Pure: uses
 * neither the DOM nor Lit.
 *
 * The final blocks do not depend on how the text was split while it arrived: see `markdown_splitter.ts`.
 * @module
 */
import type { Block, Definitions } from "./markdown_nodes.ts";
import { normalizeLabel } from "./markdown_nodes.ts";
import { codeLanguage, type KnownInlines, parseMarkdown } from "./markdown_parser.ts";
import { closesFence, type MarkdownChunk, type MarkdownFence, MarkdownSplitter } from "./markdown_splitter.ts";

/** A block of the text. A finished block stays the same object. */
export interface MarkdownBlock {
  readonly block: Block;
  /** True if later text may continue this block. */
  readonly isOpen: boolean;
}

/**
 * Bounds how often a long open block is parsed again: only after it has grown by its length squared over this, in
 * UTF-16 code units. That is less than a word for text of usual length, and about a quarter for hostile text.
 */
const REPARSE_DIVISOR = 2 ** 21;
/** The same for code, which needs no parsing. */
const CODE_REPARSE_DIVISOR = 2 ** 28;

/** A finished chunk with references to definitions that have not arrived. */
interface Unresolved {
  readonly source: string;
  readonly firstBlock: number;
  readonly headings: Headings;
  readonly labels: readonly string[];
}

/**
 * A growing Markdown text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MarkdownDocument } from "./markdown_document.ts";
 *
 * const document = new MarkdownDocument();
 * document.append("# Title\n\nSome *te");
 * assertEquals(document.blocks.map(({ block }) => block.type), ["heading", "paragraph"]);
 * const [title] = document.blocks;
 * document.append("xt*.");
 * document.end();
 * assertEquals(document.blocks[0], title);
 * ```
 */
export class MarkdownDocument {
  /** True once the text has a formula. */
  hasMath = false;
  readonly #splitter = new MarkdownSplitter();
  readonly #definitions: Definitions = new Map();
  readonly #finished: MarkdownBlock[] = [];
  readonly #unresolved: Unresolved[] = [];
  #headings: Headings = [];
  #blocks: readonly MarkdownBlock[] = [];
  #known: KnownInlines | undefined;
  #pending = "";
  #isEnded = false;
  #version = 0;
  #parsedVersion = 0;

  /** True once the text is complete. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Increases with each change of the text. */
  get version(): number {
    return this.#version;
  }

  /** Appends text. It is parsed when the blocks are read next. */
  append(text: string): void {
    if (this.#isEnded) throw new TypeError("Cannot append to a Markdown document: it has ended");
    if (text === "") return;
    this.#pending += text;
    this.#version++;
  }

  /** Marks the text as complete: from now on it is parsed as it is written. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#version++;
  }

  /** The blocks of the text so far. Reading them parses new text, at most once per version. */
  get blocks(): readonly MarkdownBlock[] {
    if (this.#parsedVersion === this.#version || this.#canWait()) return this.#blocks;
    this.#parsedVersion = this.#version;
    for (const chunk of this.#split()) this.#finish(chunk);
    if (this.#isEnded) this.#resolve();
    this.#blocks = [...this.#finished, ...this.#openBlocks()];
    return this.#blocks;
  }

  #canWait(): boolean {
    const { source, fence } = this.#splitter.open;
    const growth = source.length ** 2 / (fence === undefined ? REPARSE_DIVISOR : CODE_REPARSE_DIVISOR);
    return !this.#isEnded && this.#pending.length < growth - 1;
  }

  #split(): MarkdownChunk[] {
    // The line feed of a CRLF may arrive later: a CR at the end waits for it.
    const waits = !this.#isEnded && this.#pending.endsWith("\r");
    const text = waits ? this.#pending.slice(0, -1) : this.#pending;
    this.#pending = waits ? "\r" : "";
    const chunks = this.#splitter.push(text.replace(/\r\n?/g, "\n").replaceAll("\0", "\ufffd"));
    return this.#isEnded ? [...chunks, ...this.#splitter.end()] : chunks;
  }

  /** Parses a chunk for the last time. */
  #finish(chunk: MarkdownChunk): void {
    const firstBlock = this.#finished.length;
    const headings = this.#headings;
    const [blocks, nextHeadings] = toBlocks(this.#parse(chunk, this.#definitions), headings);
    this.#known = undefined;
    this.#finished.push(...blocks);
    this.#headings = nextHeadings;
    const labels = chunk.fence === undefined ? referenceLabels(chunk.source) : [];
    const unknown = labels.filter((label) => !this.#definitions.has(label));
    if (unknown.length > 0) this.#unresolved.push({ source: chunk.source, firstBlock, headings, labels: unknown });
  }

  /** Parses the chunks again that refer to a later definition. Their other blocks stay the same. */
  #resolve(): void {
    for (const { source, firstBlock, headings, labels } of this.#unresolved.splice(0)) {
      if (!labels.some((label) => this.#definitions.has(label))) continue;
      const { blocks } = parseMarkdown(source, { definitions: this.#definitions, isOpen: false });
      toBlocks(blocks, headings)[0].forEach((block, i) => this.#finished[firstBlock + i] = block);
    }
  }

  #openBlocks(): readonly MarkdownBlock[] {
    const { source, fence } = this.#splitter.open;
    if (source === "") return [];
    // An unfinished definition must not outlive this parse.
    const definitions = source.includes("]:") ? new Map(this.#definitions) : this.#definitions;
    return toBlocks(this.#parse({ source, fence }, definitions, true), this.#headings, true)[0];
  }

  #parse({ source, fence }: MarkdownChunk, definitions: Definitions, isOpen = false): readonly Block[] {
    if (fence !== undefined) return [fenceBlock(source, fence, isOpen)];
    const { blocks, known } = parseMarkdown(source, { definitions, isOpen, known: this.#known });
    this.#known = known;
    this.hasMath ||= [...known.values()].flat().some((inline) => typeof inline !== "string" && inline.type === "math");
    return blocks;
  }
}

/** Creates the block of fenced code, which needs no parsing. */
function fenceBlock(source: string, fence: MarkdownFence, isOpen: boolean): Block {
  let text = source.slice(source.indexOf("\n") + 1 || source.length);
  const lastLine = text.trimEnd().lastIndexOf("\n") + 1;
  const last = text.slice(lastLine).trimEnd();
  // While the code is open, a last line of fewer marks may be an unfinished closing fence.
  const isUnfinishedFence = isOpen && /^ {0,3}(?:`+|~+)$/.test(last) && last.trim()[0] === fence.mark[0] &&
    !text.endsWith("\n");
  if (closesFence(last, fence) || isUnfinishedFence) text = text.slice(0, lastLine);
  if (fence.indent > 0) text = text.replace(new RegExp(`^ {1,${fence.indent}}`, "gm"), "");
  if (!isOpen && text !== "" && !text.endsWith("\n")) text += "\n";
  return { type: "code", language: codeLanguage(fence.info), text };
}

/** Returns the labels in the text that may refer to a definition. */
function referenceLabels(source: string): string[] {
  return [...source.matchAll(/\[((?:\\[^]|[^\\[\]]){1,999})\]/g)].map(([, label = ""]) => normalizeLabel(label));
}

/** The open headings, outermost first: their depth in the text and their level in the page. */
type Headings = readonly { readonly depth: number; readonly level: number }[];

/** Wraps blocks and assigns heading levels: below the page's own heading, without skipping a level. */
function toBlocks(blocks: readonly Block[], headings: Headings, isOpen = false): [MarkdownBlock[], Headings] {
  return [blocks.map((block) => ({ block, isOpen })), blocks.reduce(demoteHeadings, headings)];
}

function demoteHeadings(headings: Headings, block: Block): Headings {
  switch (block.type) {
    case "heading": {
      const { depth } = block;
      const outer = headings.filter((heading) => heading.depth < depth);
      block.level = Math.min(6, (outer.at(-1)?.level ?? 1) + 1);
      return [...outer, { depth, level: block.level }];
    }
    case "list":
      return block.items.flatMap(({ blocks }) => blocks).reduce(demoteHeadings, headings);
    case "quote":
    case "footnote":
      return block.blocks.reduce(demoteHeadings, headings);
    default:
      return headings;
  }
}
