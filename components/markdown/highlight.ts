/**
 * Highlights code with the CSS Custom Highlight API. It marks ranges over the text, so each line stays one text node
 * and no token costs an element. Loaded with the first code block.
 *
 * The registry of highlights belongs to the whole page, so its names have a prefix and all blocks share them.
 * @see https://drafts.csswg.org/css-highlight-api-1/
 * @module
 */
import { type CodeLine, findGrammar, type Grammar, tokenizeLine, type TokenKind } from "./highlight_grammar.ts";

/** Highlights one code block. */
export interface CodePainter {
  /** Highlights the lines. Since the last call, only the last line may have changed and new lines may follow it. */
  paint(lines: readonly Text[]): void;
  /** Removes the highlights. */
  clear(): void;
}

/** Lines after this one are not highlighted: each token costs memory. */
const MAX_LINES = 5000;

/** Creates a painter for a language; undefined where the language is unknown or the browser should not paint. */
export function createPainter(language: string): CodePainter | undefined {
  const grammar = findGrammar(language);
  // In forced colours, Chromium paints every highlight like a selection.
  const canPaint = "highlights" in CSS && !matchMedia("(forced-colors: active)").matches;
  return grammar !== undefined && canPaint ? new Painter(grammar) : undefined;
}

interface PaintedLine extends CodeLine {
  readonly text: string;
  readonly ranges: readonly (readonly [Highlight, StaticRange])[];
}

class Painter implements CodePainter {
  readonly #grammar: Grammar;
  readonly #lines: PaintedLine[] = [];

  constructor(grammar: Grammar) {
    this.#grammar = grammar;
  }

  paint(lines: readonly Text[]): void {
    for (let i = Math.max(0, this.#lines.length - 1); i < Math.min(lines.length, MAX_LINES); i++) {
      const line = lines[i];
      if (line === undefined || this.#lines[i]?.text === line.data) continue;
      this.#erase(i);
      const painted = tokenizeLine(line.data, this.#grammar, this.#lines[i - 1]?.state ?? 0);
      this.#lines[i] = { ...painted, text: line.data, ranges: painted.tokens.map((token) => addRange(line, token)) };
    }
  }

  clear(): void {
    this.#lines.forEach((_, i) => this.#erase(i));
    this.#lines.length = 0;
  }

  #erase(index: number): void {
    this.#lines[index]?.ranges.forEach(([highlight, range]) => highlight.delete(range));
  }
}

function addRange(node: Text, { kind, start, end }: CodeLine["tokens"][number]): readonly [Highlight, StaticRange] {
  const highlight = sharedHighlight(kind);
  const range = new StaticRange({ startContainer: node, startOffset: start, endContainer: node, endOffset: end });
  highlight.add(range);
  return [highlight, range];
}

function sharedHighlight(kind: TokenKind): Highlight {
  const name = `chat-stream-${kind}`;
  const known = CSS.highlights.get(name);
  if (known !== undefined) return known;
  const made = new Highlight();
  CSS.highlights.set(name, made);
  return made;
}
