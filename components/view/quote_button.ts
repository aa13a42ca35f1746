/**
 * Shows a button below text that the visitor selects in an answer: it quotes the text in the box. The button is part of
 * the message, so that Tab reaches it from the selection.
 * @module
 */
import type { LitElement, ReactiveController } from "lit";
import type { ChatStrings } from "../locales/chat_strings.ts";

/** A longer selection is not quoted, in UTF-16 code units. */
const MAX_QUOTE_CHARS = 4000;
/** The distance to the selected text, in pixels. */
const GAP = 6;

/** Formats text as a Markdown quotation, with an empty line after it. */
export function quoteText(text: string): string {
  return `${text.trim().replace(/\n{3,}/g, "\n\n").replace(/^/gm, "> ").replace(/^> $/gm, ">")}\n\n`;
}

/** A Lit controller that shows the button of one element. */
export class QuoteButton implements ReactiveController {
  readonly #host: LitElement;
  readonly #strings: () => ChatStrings;
  readonly #onQuote: (text: string) => void;
  readonly #button = document.createElement("button");
  #listeners = new AbortController();
  #isHeld = false;
  #text = "";

  /** @param host the chat @param strings returns the strings @param onQuote receives the quotation */
  constructor(host: LitElement, strings: () => ChatStrings, onQuote: (text: string) => void) {
    this.#host = host;
    this.#strings = strings;
    this.#onQuote = onQuote;
    this.#button.type = "button";
    this.#button.className = "quote-button";
    this.#button.setAttribute("part", "quote-button");
    // Pressing a button must not clear the selection.
    this.#button.addEventListener("mousedown", (event) => event.preventDefault());
    this.#button.addEventListener("click", () => this.#quote());
    host.addController(this);
  }

  /** Starts to watch the selection, which may be there already. */
  hostConnected(): void {
    void this.#host.updateComplete.then(() => this.#update());
    const options = { signal: (this.#listeners = new AbortController()).signal };
    document.addEventListener("selectionchange", () => this.#update(), options);
    this.#host.addEventListener("pointerdown", () => this.#isHeld = true, options);
    for (const type of ["pointerup", "pointercancel"]) {
      addEventListener(type, () => {
        this.#isHeld = false;
        this.#update();
      }, options);
    }
  }

  /** Stops to watch. */
  hostDisconnected(): void {
    this.#listeners.abort();
    this.#button.remove();
  }

  /** Shows the button below the selection, once the pointer that selects is up. */
  #update(): void {
    if (this.#isHeld) return;
    const text = getSelection()?.toString().trim() ?? "";
    const range = quotableRange(this.#host.renderRoot as ShadowRoot, text);
    const article = range && contentOf(range.startContainer)?.closest<HTMLElement>("article");
    if (!article) return this.#button.remove();
    this.#text = textWithTex(range) ?? text;
    this.#button.textContent = this.#strings().quote;
    if (this.#button.parentElement !== article) article.append(this.#button);
    this.#place(range, article);
  }

  #place(range: Range, article: HTMLElement): void {
    const box = article.getBoundingClientRect();
    const lines = [...range.getClientRects()].filter(({ width }) => width > 0);
    const end = lines.at(-1) ?? range.getBoundingClientRect();
    const left = Math.max(0, Math.min(end.right - box.left, box.width) - this.#button.offsetWidth);
    this.#button.style.setProperty("top", `${end.bottom - box.top + GAP}px`);
    this.#button.style.setProperty("left", `${left}px`);
  }

  #quote(): void {
    this.#button.remove();
    getSelection()?.removeAllRanges();
    this.#onQuote(quoteText(this.#text));
  }
}

/** The selected range, if it is not too long and within one answer. @param text the selected text */
function quotableRange(root: ShadowRoot, text: string): Range | undefined {
  const range = text !== "" && text.length <= MAX_QUOTE_CHARS ? selectedRange(root) : undefined;
  const content = range && contentOf(range.startContainer);
  if (!content || contentOf(range.endContainer) === content) return content ? range : undefined;
  // A triple click on the last paragraph selects up to the start of what follows.
  range.setEnd(content, content.childNodes.length);
  return withoutSpace(range.toString()) === withoutSpace(text) ? range : undefined;
}

/** The text of a range with TeX in place of its formulas; undefined if it has none. */
function textWithTex(range: Range): string | undefined {
  const content = range.cloneContents();
  const formulas = content.querySelectorAll(".formula:has(math)");
  if (formulas.length === 0) return undefined;
  for (const formula of formulas) formula.textContent = formula.querySelector(".tex")?.textContent ?? "";
  // A copy is not laid out, so that its blocks have no line breaks of their own.
  for (const block of content.querySelectorAll("p, pre, .formula.display")) block.append("\n\n");
  for (const line of content.querySelectorAll("li, ul, ol, tr, table, h2, h3, h4, h5, h6")) line.append("\n");
  for (const cell of content.querySelectorAll("th, td")) cell.append(" ");
  return content.textContent.trim();
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, "");
}

/** The text of an answer that `node` is in. */
function contentOf(node: Node): Element | null {
  const element = node instanceof Element ? node : node.parentElement;
  return element?.closest(".answer > .content") ?? null;
}

interface ComposedSelection extends Omit<Selection, "getComposedRanges"> {
  getComposedRanges?(options: { readonly shadowRoots: readonly ShadowRoot[] }): readonly StaticRange[];
}

/** The selection inside a shadow root. Browsers without `getComposedRanges` have a selection for each root. */
function selectedRange(root: ShadowRoot): Range | undefined {
  const selection = getSelection() as ComposedSelection | null;
  if (selection === null || selection.isCollapsed && selection.toString() === "") return undefined;
  const range = document.createRange();
  const composed = selection.getComposedRanges?.({ shadowRoots: [root] })[0];
  if (composed) {
    range.setStart(composed.startContainer, composed.startOffset);
    range.setEnd(composed.endContainer, composed.endOffset);
    return range;
  }
  const own = (root as ShadowRoot & { getSelection?(): Selection | null }).getSelection?.() ?? selection;
  return own.rangeCount > 0 ? own.getRangeAt(0) : undefined;
}
