/**
 * A Markdown text that is still being written, as blocks: the finished ones never change again, and only the open end
 * is parsed anew. Pure: it knows neither the DOM nor Lit.
 *
 * However the text is cut into pieces, the blocks at the end are the same: see `markdown_splitter.ts`.
 * @module
 */
import type { Links, Token, Tokens } from "marked";
import { type InlineTokens, lexMarkdown } from "./markdown_lexer.ts";
import { closesFence, type MarkdownChunk, type MarkdownFence, MarkdownSplitter } from "./markdown_splitter.ts";

/** A block of the text. A finished block stays the same object. */
export interface MarkdownBlock {
  /** The block as `marked` reads it. The depth of a heading is its level in the page, 2 to 6. */
  readonly token: Token;
  /** The text may go on in this block. */
  readonly isOpen: boolean;
}

/**
 * An open block longer than this is parsed again only after it has grown by a 32nd part, so that its cost stays
 * proportional to its length. Blocks that people read are shorter, and grow with every frame.
 */
const MAX_SMOOTH_CHARS = 16_384;
/** The same for code, which is not parsed. */
const MAX_SMOOTH_CODE_CHARS = 262_144;

/** A chunk with references to definitions that had not come when it was finished. */
interface Unresolved {
  readonly source: string;
  readonly firstBlock: number;
  readonly headings: Headings;
  readonly labels: readonly string[];
}

/**
 * A growing text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MarkdownDocument } from "./markdown_document.ts";
 *
 * const document = new MarkdownDocument();
 * document.append("# Title\n\nSome *te");
 * assertEquals(document.blocks.map(({ token }) => token.type), ["heading", "paragraph"]);
 * const [title] = document.blocks;
 * document.append("xt*.");
 * document.end();
 * assertEquals(document.blocks[0], title);
 * ```
 */
export class MarkdownDocument {
  readonly #splitter = new MarkdownSplitter();
  readonly #links: Links = Object.create(null);
  readonly #finished: MarkdownBlock[] = [];
  readonly #unresolved: Unresolved[] = [];
  #headings: Headings = [];
  #blocks: readonly MarkdownBlock[] = [];
  #knownInline: InlineTokens | undefined;
  #pending = "";
  #isEnded = false;
  #version = 0;
  #parsedVersion = 0;

  /** Grows with each change of the text. */
  get version(): number {
    return this.#version;
  }

  /** Adds the next piece. It is parsed when the blocks are next asked for. */
  append(text: string): void {
    if (this.#isEnded) throw new TypeError("Cannot append to a Markdown document: it has ended");
    if (text === "") return;
    this.#pending += text;
    this.#version++;
  }

  /** Says that the text is complete: nothing is guessed any more. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#version++;
  }

  /** The blocks of the text so far. Reading them does the work of parsing, at most once for each version. */
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
    const maxSmooth = fence === undefined ? MAX_SMOOTH_CHARS : MAX_SMOOTH_CODE_CHARS;
    return !this.#isEnded && source.length > maxSmooth && this.#pending.length < source.length / 32;
  }

  #split(): MarkdownChunk[] {
    // The line feed of a CRLF may come in the next piece: a lone CR at the end waits for it.
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
    const isKnown = (label: string) => this.#links[label] !== undefined;
    const tokens = this.#lex(chunk, this.#links);
    this.#knownInline = undefined;
    const [blocks, nextHeadings] = toBlocks(tokens, headings);
    this.#finished.push(...blocks);
    this.#headings = nextHeadings;
    const labels = chunk.fence === undefined ? referenceLabels(chunk.source).filter((label) => !isKnown(label)) : [];
    if (labels.length > 0) this.#unresolved.push({ source: chunk.source, firstBlock, headings, labels });
  }

  /** Reads the chunks again that refer to a definition which came after them. Their other blocks stay. */
  #resolve(): void {
    for (const { source, firstBlock, headings, labels } of this.#unresolved.splice(0)) {
      if (!labels.some((label) => this.#links[label] !== undefined)) continue;
      const { tokens } = lexMarkdown(source, { links: this.#links, isOpen: false });
      toBlocks(tokens, headings)[0].forEach((block, i) => this.#finished[firstBlock + i] = block);
    }
  }

  #openBlocks(): readonly MarkdownBlock[] {
    const { source, fence } = this.#splitter.open;
    if (source === "") return [];
    // What an unfinished definition says must not outlive this parse.
    const links = source.includes("]:") ? Object.assign(Object.create(null), this.#links) : this.#links;
    return toBlocks(this.#lex({ source, fence }, links, true), this.#headings, true)[0];
  }

  #lex({ source, fence }: MarkdownChunk, links: Links, isOpen = false): readonly Token[] {
    if (fence !== undefined) return [fenceToken(source, fence, isOpen)];
    const { tokens, inline } = lexMarkdown(source, { links, isOpen, known: this.#knownInline });
    this.#knownInline = inline;
    return tokens;
  }
}

/** The code of a fenced block, which needs no parsing. */
function fenceToken(source: string, fence: MarkdownFence, isOpen: boolean): Tokens.Code {
  let text = source.slice(source.indexOf("\n") + 1 || source.length);
  const lastLine = text.trimEnd().lastIndexOf("\n") + 1;
  const last = text.slice(lastLine).trimEnd();
  // While the code is open, a last line of fewer marks may be a closing fence that is still coming.
  const isComing = isOpen && /^ {0,3}(?:`+|~+)$/.test(last) && last.trim()[0] === fence.mark[0] && !text.endsWith("\n");
  if (closesFence(last, fence) || isComing) text = text.slice(0, lastLine);
  if (fence.indent > 0) text = text.replace(new RegExp(`^ {1,${fence.indent}}`, "gm"), "");
  return { type: "code", raw: source, lang: fence.info, text };
}

/** Link labels in the text that may refer to a definition. */
function referenceLabels(source: string): string[] {
  return [...source.matchAll(/\[((?:\\[^]|[^\\[\]]){1,999})\]/g)].map(([, label = ""]) => normalizeLabel(label));
}

/** A label as definitions are known by: the fold of case and space that `marked` uses. */
function normalizeLabel(label: string): string {
  return label.trim().replace(/\s+/g, " ").toLowerCase().toUpperCase().toLowerCase();
}

/** The open headings, outermost first: as written, and their level in the page. */
type Headings = readonly { readonly depth: number; readonly level: number }[];

/** Blocks of tokens, with the headings one below the page's own and no level left out, so that an outline stays whole. */
function toBlocks(tokens: readonly Token[], headings: Headings, isOpen = false): [MarkdownBlock[], Headings] {
  const blocks: MarkdownBlock[] = [];
  for (const token of tokens) {
    if (token.type === "space" || token.type === "def") continue;
    headings = demoteHeadings(token, headings);
    blocks.push({ token, isOpen });
  }
  return [blocks, headings];
}

function demoteHeadings(token: Token, headings: Headings): Headings {
  if (token.type === "heading") {
    const outer = headings.filter(({ depth }) => depth < (token as Tokens.Heading).depth);
    const level = Math.min(6, (outer.at(-1)?.level ?? 1) + 1);
    const next = [...outer, { depth: (token as Tokens.Heading).depth, level }];
    (token as Tokens.Heading).depth = level;
    return next;
  }
  if (token.type === "list") {
    return (token as Tokens.List).items.flatMap((item) => item.tokens).reduce(
      (open, inner) => demoteHeadings(inner, open),
      headings,
    );
  }
  if (token.type === "blockquote") {
    return (token as Tokens.Blockquote).tokens.reduce((open, inner) => demoteHeadings(inner, open), headings);
  }
  return headings;
}
