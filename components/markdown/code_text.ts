/**
 * Renders the text of a code block with one text node per line: a growing block only changes its last lines, and the
 * highlighter can mark ranges in lines without an element per token.
 * @module
 */
import { noChange, nothing } from "lit";
import { AsyncDirective } from "lit/async-directive.js";
import { directive, type DirectiveResult, type ElementPart } from "lit/directive.js";
import { type CodePainter, createPainter } from "./highlight.ts";
import { updateText } from "./markdown_text.ts";

/** The directive of each code element. */
const texts = new WeakMap<Element, CodeText>();

class CodeText extends AsyncDirective {
  #element: Element | undefined;
  #text = "";
  #lines: Text[] = [];
  #language = "";
  #painter: CodePainter | undefined;
  /** The painter is created once: an unknown language stays unknown. */
  #isPainted = false;

  override render(_text: string, _language: string): typeof nothing {
    return nothing;
  }

  override update(part: ElementPart, [text, language]: [string, string]): typeof noChange {
    this.#element = part.element;
    texts.set(part.element, this);
    if (text !== this.#text) this.#write(text);
    if (language !== this.#language) this.#clearPaint();
    this.#language = language;
    this.#paint();
    return noChange;
  }

  override disconnected(): void {
    this.#clearPaint();
  }

  override reconnected(): void {
    this.#paint();
  }

  #write(text: string): void {
    // Only the last line changes while code grows. Any other change rewrites the block.
    const settled = this.#text.slice(0, -1).lastIndexOf("\n") + 1;
    if (!text.startsWith(this.#text.slice(0, settled))) {
      this.#clearPaint();
      this.#lines.splice(0).forEach((line) => line.remove());
      return this.#append(text);
    }
    const end = text.indexOf("\n", settled) + 1 || text.length;
    const last = this.#lines.at(-1);
    if (last === undefined) return this.#append(text);
    updateText(last, text.slice(settled, end));
    this.#append(text.slice(end));
    this.#text = text;
  }

  #append(text: string): void {
    const lines = text.match(/[^\n]*\n|[^\n]+$/g)?.map((line) => new Text(line)) ?? [];
    this.#element?.append(...lines);
    this.#lines.push(...lines);
    this.#text = text;
  }

  #paint(): void {
    if (!this.#isPainted) this.#painter = createPainter(this.#language);
    this.#isPainted = true;
    this.#painter?.paint(this.#lines);
  }

  #clearPaint(): void {
    this.#painter?.clear();
    this.#painter = undefined;
    this.#isPainted = false;
  }
}

const code = directive(CodeText);

/** Removes the highlights of the code in `root`, which is out of view: the browser checks every range in each frame. */
export function pauseHighlights(root: Element): void {
  for (const element of root.querySelectorAll("pre > code")) texts.get(element)?.disconnected();
}

/** Highlights the code in `root` again. */
export function resumeHighlights(root: Element): void {
  for (const element of root.querySelectorAll("pre > code")) texts.get(element)?.reconnected();
}

/** A directive for a `code` element: fills it with `text` and highlights it as `language`. */
export function codeText(text: string, language: string): DirectiveResult {
  return code(text, language);
}
