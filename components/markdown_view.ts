/**
 * A message's text as Lit templates. Plain paragraphs for now.
 * @module
 */
import { html, type TemplateResult } from "lit";
import type { MarkdownDocument } from "./markdown_document.ts";

/** What the view needs to know. */
export interface MarkdownViewOptions {
  readonly imageOrigins: readonly string[];
  readonly strings: object;
  onChange(): void;
}

/** One paragraph for each blank line. */
export function renderMarkdown(document: MarkdownDocument, _options: MarkdownViewOptions): TemplateResult {
  return html`
    ${document.text.split(/\n{2,}/).map((text) => html`<p>${text}</p>`)}
  `;
}
