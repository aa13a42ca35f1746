/**
 * The page of the Markdown browser tests: the renderer alone in a shadow root, with `MarkdownFixture` on `globalThis`.
 * @module
 */
import { render } from "lit";
import { MarkdownDocument } from "../../components/markdown/markdown_document.ts";
import { type MarkdownStrings, renderMarkdown, type Sources } from "../../components/markdown/markdown_view.ts";
import { EXTRAS, MATH } from "../../components/markdown/markdown_modules.ts";
import { markdownStyles } from "../../components/markdown/markdown_styles.ts";
import { findHarm, outline } from "./markdown_outline.ts";

EXTRAS.from(() => import("../../components/markdown/markdown_extras.ts"));
// Loaded first, so that a test sees the same at once that a visitor sees in the end.
await Promise.all([EXTRAS.load(), MATH.load()]);

const STRINGS: MarkdownStrings = {
  code: "Code",
  copy: "Copy",
  copied: "Copied",
  wrapLines: "Wrap lines",
  download: "Download",
  sources: "Sources",
  source: "Source",
  footnotes: "Footnotes",
  footnote: "Footnote",
  footnoteBack: "Back to footnote",
  table: "Table",
  taskDone: "Done",
  taskOpen: "To do",
  imageBlocked: "Image from {host}, not loaded",
  loadImage: "Load image",
};

/** One rendered document. */
export class MarkdownFixture {
  /** The root that contains the rendered document. */
  readonly root: ShadowRoot;
  readonly #host = document.createElement("div");
  readonly #imageOrigins: readonly string[];
  #document = new MarkdownDocument();
  #sources: Sources | undefined;

  /** Adds an empty document to the page. */
  constructor(imageOrigins: readonly string[] = []) {
    this.#imageOrigins = imageOrigins;
    this.root = this.#host.attachShadow({ mode: "open" });
    const sheet = markdownStyles.styleSheet;
    if (sheet) this.root.adoptedStyleSheets = [sheet];
    document.body.append(this.#host);
    this.render();
  }

  /** Appends text and renders, like one frame. */
  append(text: string): void {
    this.#document.append(text);
    this.render();
  }

  /** Ends the text. */
  end(): void {
    this.#document.end();
    this.render();
  }

  /** Renders the current document. */
  render(): void {
    const options = {
      imageOrigins: this.#imageOrigins,
      strings: STRINGS,
      sources: this.#sources,
      onChange: () => this.render(),
    };
    render(renderMarkdown(this.#document, options), this.root);
    for (const lazy of [EXTRAS, MATH]) lazy.adoptStyles(this.root);
  }

  /** The structure of the rendered document. */
  outline(): string {
    return outline(this.root);
  }

  /** Finds what could do harm in the rendered document. */
  findHarm(): string[] {
    return findHarm(this.root);
  }

  /** Shows the whole text, at once or in chunks of `chunkChars`. Calls `onFrame` after each. */
  show(text: string, chunkChars: number = Math.max(1, text.length), onFrame?: () => void): void {
    this.reset();
    for (let at = 0; at < text.length; at += chunkChars) {
      this.append(text.slice(at, at + chunkChars));
      onFrame?.();
    }
    this.end();
    onFrame?.();
  }

  /** Sets the sources and renders. */
  cite(sources: Sources): void {
    this.#sources = sources;
    this.render();
  }

  /** Starts a new document. */
  reset(): void {
    render(null, this.root);
    this.#document = new MarkdownDocument();
    this.render();
  }

  /** Removes the document from the page. */
  remove(): void {
    render(null, this.root);
    this.#host.remove();
  }
}

declare global {
  var MarkdownFixture: new (imageOrigins?: readonly string[]) => MarkdownFixture;
  /** The structure of an HTML string, to compare with. */
  var outlineOfHtml: (html: string) => string;
}

globalThis.MarkdownFixture = MarkdownFixture;
globalThis.outlineOfHtml = (html) => outline(new DOMParser().parseFromString(html, "text/html").body);
