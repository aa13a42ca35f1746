/**
 * Renders a question whose lines may quote an answer: lines that start with `>` are shown as a quotation.
 * @module
 */
import { html, type TemplateResult } from "lit";

/** Lines that start with `>`. An empty line after them belongs to the quotation. */
const QUOTATION = /^(?:>.*(?:\n|$))+\n?/gm;

/** Renders the text. White space stays as it is. */
export function renderQuotedText(text: string): readonly (string | TemplateResult)[] {
  const parts: (string | TemplateResult)[] = [];
  let end = 0;
  for (const { 0: quotation, index } of text.matchAll(QUOTATION)) {
    const lines = quotation.trimEnd().replace(/^> ?/gm, "");
    parts.push(text.slice(end, index), html`<span class="quotation" dir="auto">${lines}</span>`);
    end = index + quotation.length;
  }
  return [...parts, text.slice(end)];
}
