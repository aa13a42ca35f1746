/**
 * Turns a chunk of Markdown into tokens with `marked`'s lexer, within bounds that keep hostile text cheap.
 *
 * `marked` recurses once per level of nesting, and some of its inline patterns are quadratic in the length of a run.
 * So nesting is cut at {@linkcode MAX_DEPTH} levels, and a very long run is parsed in pieces.
 * @module
 */
import { Lexer, type Links, type Token, Tokenizer, type Tokens } from "marked";
import { healInline } from "./markdown_heal.ts";

/** Lists and block quotes may be nested this deep. What is deeper is shown as it was written. */
export const MAX_DEPTH = 16;
/** Inline text longer than this is parsed in pieces. No paragraph meant for reading is as long. */
const MAX_INLINE_CHARS = 4096;
/** A row of a table is as wide as its head, so a wide head with many empty rows would cost their product. */
const MAX_COLUMNS = 100;

/** How to read a chunk. */
export interface LexOptions {
  /** The link reference definitions known so far, to which the chunk's own are added. */
  readonly links: Links;
  /** The text may go on, so what is unfinished at its end is healed. */
  readonly isOpen: boolean;
  /** Inline tokens of the last time by their source, to use again. */
  readonly known?: InlineTokens | undefined;
}

/** Inline tokens by the text they were made of. */
export type InlineTokens = ReadonlyMap<string, readonly Token[]>;

/** The tokens of a chunk. */
export interface LexResult {
  readonly tokens: readonly Token[];
  /** To be given as `known` the next time. */
  readonly inline: InlineTokens;
}

/** Reads a chunk of Markdown. Raw HTML becomes tokens that are shown as text. */
export function lexMarkdown(source: string, { links, isOpen, known }: LexOptions): LexResult {
  const lexer = new Lexer({ gfm: true, tokenizer: new BoundedTokenizer() });
  lexer.tokens.links = links;
  const tokens: Token[] = lexer.blockTokens(boundNesting(isOpen ? holdBackLine(source) : source), lexer.tokens);
  if (isOpen && !source.endsWith("\n")) dropUnfinishedRow(tokens);
  const leaf = isOpen ? lastLeaf(tokens) : undefined;
  const inline = new Map<string, readonly Token[]>();
  // A definition in the chunk may turn any bracket of it into a link.
  const canReuse = (text: string) => !text.includes("[") || !source.includes("]:");
  for (const queued of lexer.inlineQueue) {
    const pieces = splitInline(queued.src.trim());
    if (queued.tokens === leaf) pieces.push(healInline(pieces.pop() ?? ""));
    for (const piece of pieces) {
      const found = canReuse(piece) ? known?.get(piece) : undefined;
      const piecesTokens = found ?? lexPiece(lexer, piece);
      inline.set(piece, piecesTokens);
      for (const token of piecesTokens) queued.tokens.push(token);
    }
  }
  return { tokens, inline };
}

function lexPiece(lexer: Lexer, piece: string): readonly Token[] {
  lexer.state.inRawBlock = false;
  return lexer.inlineTokens(piece);
}

class BoundedTokenizer extends Tokenizer {
  /** Raw HTML ends at a blank line whatever its kind: an unclosed comment must not swallow the rest of an answer. */
  override html(source: string): Tokens.HTML | undefined {
    const token = super.html(source);
    const end = token?.raw.search(/\n[ \t]*(?:\n|$)/) ?? -1;
    if (token === undefined || end === -1) return token;
    const raw = token.raw.slice(0, end + 1);
    return { ...token, raw, text: raw };
  }

  override table(source: string): Tokens.Table | undefined {
    const head = source.slice(0, source.indexOf("\n"));
    return head.split("|", MAX_COLUMNS + 3).length > MAX_COLUMNS + 2 ? undefined : super.table(source);
  }
}

const MARKER = "(?:>|(?:[-+*]|\\d{1,9}[.)])(?=[ \\t]))";
const DEEP_LINE = new RegExp(`^((?:[ \\t]*${MARKER}){${MAX_DEPTH}}[ \\t]*)(?=${MARKER})`, "gm");
/** Items nest by at least two columns a level. */
const DEEP_ITEM = new RegExp(`^[ \\t]{${MAX_DEPTH * 2},}(?=${MARKER})`, "gm");

/** Takes the meaning from the markers that would nest too deep. */
function boundNesting(source: string): string {
  return source.replace(DEEP_LINE, "$1\\").replace(DEEP_ITEM, " ".repeat(MAX_DEPTH * 2 - 2));
}

/** Parts of a text no longer than the bound, cut after a space where there is one. */
function splitInline(text: string): string[] {
  const pieces: string[] = [];
  while (text.length > MAX_INLINE_CHARS) {
    const space = Math.max(text.lastIndexOf(" ", MAX_INLINE_CHARS - 1), text.lastIndexOf("\n", MAX_INLINE_CHARS - 1));
    const end = space > MAX_INLINE_CHARS / 2 ? space + 1 : MAX_INLINE_CHARS;
    pieces.push(text.slice(0, end));
    text = text.slice(end);
  }
  pieces.push(text);
  return pieces;
}

/** An unfinished last line of marks alone: of a list, a heading, a rule, a fence, a table or a task. */
const MARKS = new RegExp(
  `^(?:[ \\t]*${MARKER})*[ \\t]*(?:[-+*]|\\d{1,9}[.)]?|#{1,6}|[-=_*+~|:]+|\`+|\\[[ xX]?\\]?)?[ \\t]*$`,
);
/** No line of marks that means something is longer. Longer ones would cost the pattern above too much. */
const MAX_MARKS_CHARS = 200;
/** The beginning of an opening fence, a row of a table, or a definition: each shows when its line is whole. */
const WHOLE_LINE = new RegExp(
  `^(?:[ \\t]*${MARKER})*[ \\t]*(?:\\||\`{3,}[^\`]*$|~{3}|\\[[^\\]]+\\]:|\\[[^\\]\\s]*\\]?$)`,
);
const ROW = new RegExp(`^(?:[ \\t]*${MARKER})*[ \\t]*\\|`);
const DELIMITER_ROW_START = /^[ \t>]*[|:\- \t]*$/;

/** The text without an unfinished last line that would show as something else than what it becomes. */
function holdBackLine(source: string): string {
  const start = source.lastIndexOf("\n") + 1;
  const line = source.slice(start);
  const isHeld = (line.length <= MAX_MARKS_CHARS && MARKS.test(line)) || WHOLE_LINE.test(line);
  if (isHeld && DELIMITER_ROW_START.test(line)) {
    // The line before it is the head of a table, unless a row before that shows that the table has begun.
    const head = lineBefore(source, start);
    if (ROW.test(source.slice(head, start)) && !ROW.test(source.slice(lineBefore(source, head), head))) {
      return source.slice(0, head);
    }
  }
  return isHeld ? source.slice(0, start) : source;
}

/** Where the line begins that ends before `start`. */
function lineBefore(source: string, start: number): number {
  return start < 2 ? 0 : source.lastIndexOf("\n", start - 2) + 1;
}

/** A row shows when it is whole. */
function dropUnfinishedRow(tokens: readonly Token[]): void {
  const last = lastToken(tokens);
  if (last?.type === "table") (last as Tokens.Table).rows.pop();
}

/** The inline tokens of the block at the very end, which is the one that may go on. */
function lastLeaf(tokens: readonly Token[]): readonly Token[] | undefined {
  const last = lastToken(tokens);
  return last?.type === "paragraph" || last?.type === "heading" || last?.type === "text"
    ? (last as Tokens.Paragraph).tokens
    : undefined;
}

function lastToken(tokens: readonly Token[]): Token | undefined {
  const last = tokens.at(-1);
  if (last?.type === "list") return lastToken((last as Tokens.List).items.at(-1)?.tokens ?? []);
  if (last?.type === "blockquote") return lastToken((last as Tokens.Blockquote).tokens);
  return last;
}
