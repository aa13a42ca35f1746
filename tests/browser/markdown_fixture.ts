/**
 * The page that the browser tests of Markdown drive: the renderer alone in a shadow root, with handles on `globalThis`.
 * @module
 */
import { render } from "lit";
import { MarkdownDocument } from "../../components/markdown/markdown_document.ts";
import { type MarkdownStrings, renderMarkdown } from "../../components/markdown/markdown_view.ts";
import { markdownStyles } from "../../components/markdown/markdown_styles.ts";
import { findHarm, outline } from "./markdown_outline.ts";

const STRINGS: MarkdownStrings = {
  code: "Code",
  copy: "Copy",
  copied: "Copied",
  table: "Table",
  taskDone: "Done",
  taskOpen: "To do",
  imageBlocked: "Image from {host}, not loaded",
  loadImage: "Load image",
};

/** One rendered document. */
export class MarkdownFixture {
  /** Where it is rendered. */
  readonly root: ShadowRoot;
  readonly #host = document.createElement("div");
  readonly #imageOrigins: readonly string[];
  #document = new MarkdownDocument();

  /** An empty document in the page. */
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

  /** Renders what there is. */
  render(): void {
    const options = { imageOrigins: this.#imageOrigins, strings: STRINGS, onChange: () => this.render() };
    render(renderMarkdown(this.#document, options), this.root);
  }

  /** The shape of what is shown. */
  outline(): string {
    return outline(this.root);
  }

  /** What could do harm in what is shown. */
  findHarm(): string[] {
    return findHarm(this.root);
  }

  /** Shows the whole text, at once or in chunks of `chunkChars`, with `onFrame` called after each. */
  show(text: string, chunkChars: number = Math.max(1, text.length), onFrame?: () => void): void {
    this.reset();
    for (let at = 0; at < text.length; at += chunkChars) {
      this.append(text.slice(at, at + chunkChars));
      onFrame?.();
    }
    this.end();
    onFrame?.();
  }

  /** Starts over, so that one fixture serves many texts. */
  reset(): void {
    render(null, this.root);
    this.#document = new MarkdownDocument();
    this.render();
  }

  /** Takes it out of the page. */
  remove(): void {
    render(null, this.root);
    this.#host.remove();
  }
}

declare global {
  var MarkdownFixture: new (imageOrigins?: readonly string[]) => MarkdownFixture;
  /** The shape of a page's own HTML, to compare with. */
  var outlineOfHtml: (html: string) => string;
}

globalThis.MarkdownFixture = MarkdownFixture;
globalThis.outlineOfHtml = (html) => outline(new DOMParser().parseFromString(html, "text/html").body);
