/**
 * Renders the text of a code block with one text node per line: a growing block only changes its last lines, and the
 * highlighter can mark ranges in lines without an element per token.
 *
 * The highlighter is loaded with the first code block. Without it, code is plain text.
 * @module
 */
import { noChange, nothing } from "lit";
import { AsyncDirective } from "lit/async-directive.js";
import { directive, type DirectiveResult, type ElementPart } from "lit/directive.js";
import type { CodePainter } from "./highlight.ts";
import { EXTRAS } from "./markdown_modules.ts";
import { updateText } from "./markdown_text.ts";

class CodeText extends AsyncDirective {
  #element: Element | undefined;
  #text = "";
  #lines: Text[] = [];
  #language = "";
  #painter: CodePainter | undefined;
  /** The highlighter is requested once: an unknown language stays unknown. */
  #isRequested = false;

  override render(_text: string, _language: string): typeof nothing {
    return nothing;
  }

  override update(part: ElementPart, [text, language]: [string, string]): typeof noChange {
    this.#element = part.element;
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
    if (this.#painter !== undefined) return this.#painter.paint(this.#lines);
    if (this.#language === "" || this.#isRequested || typeof Highlight === "undefined") return;
    this.#isRequested = true;
    EXTRAS.load().then(({ createPainter }) => {
      // The block may have been cleared or changed its language while the highlighter was loading.
      if (!this.isConnected || !this.#isRequested || this.#painter !== undefined) return;
      this.#painter = createPainter(this.#language);
      this.#painter?.paint(this.#lines);
    }, () => {
      // Without the highlighter, the code stays plain.
    });
  }

  #clearPaint(): void {
    this.#painter?.clear();
    this.#painter = undefined;
    this.#isRequested = false;
  }
}

const code = directive(CodeText);

/** A directive for a `code` element: fills it with `text` and highlights it as `language`. */
export function codeText(text: string, language: string): DirectiveResult {
  return code(text, language);
}
