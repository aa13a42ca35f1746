/**
 * The text of a code block: one text node for each line, so that a growing block costs only its last lines, and so that
 * highlighting can point at lines without an element for each token.
 *
 * The highlighter is loaded when the first code that it can colour appears. Without it, code is plain text.
 * @module
 */
import { noChange, nothing } from "lit";
import { AsyncDirective } from "lit/async-directive.js";
import { directive, type DirectiveResult, type ElementPart } from "lit/directive.js";
import type { CodePainter } from "./highlight.ts";
import { updateText } from "./markdown_text.ts";

class CodeText extends AsyncDirective {
  #element: Element | undefined;
  #text = "";
  #lines: Text[] = [];
  #language = "";
  #painter: CodePainter | undefined;
  /** One request is enough: an unknown language stays unknown. */
  #isAsked = false;

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
    // Only the last line changes while code grows. Anything else starts over.
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
    if (this.#language === "" || this.#isAsked || typeof Highlight === "undefined") return;
    this.#isAsked = true;
    import("./highlight.ts").then(({ createPainter }) => {
      // It may have been cleared, or asked for another language, while the highlighter was loading.
      if (!this.isConnected || !this.#isAsked || this.#painter !== undefined) return;
      this.#painter = createPainter(this.#language);
      this.#painter?.paint(this.#lines);
    }, () => {
      // Not loaded: the code stays plain, and reads the same.
    });
  }

  #clearPaint(): void {
    this.#painter?.clear();
    this.#painter = undefined;
    this.#isAsked = false;
  }
}

const code = directive(CodeText);

/** Put on a `code` element, fills it with `text` and colours it as `language`. */
export function codeText(text: string, language: string): DirectiveResult {
  return code(text, language);
}
