/**
 * The template of tables. The head and the first row decide how wide the columns are, so that nothing moves sideways
 * while the other rows arrive.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { type Inlines, plainText, type Table } from "./markdown_nodes.ts";
import { markWide } from "./wide_mark.ts";

/** What the template needs besides the table. */
export interface TableOptions {
  /** Names the frame. */
  readonly label: string;
  /** False while rows may follow. */
  readonly isComplete: boolean;
  /** Renders the text of a cell. */
  renderCell(cell: Inlines): unknown;
}

/** The limits of a column's share of the width, in characters. */
const MIN_CHARS = 4;
const MAX_CHARS = 40;
/** A column of longer texts does not become narrow. */
const LONG_CHARS = 20;

/** Renders a table in a frame that scrolls sideways, once its first row is complete. */
export function renderTable(table: Table, { label, isComplete, renderCell }: TableOptions): unknown {
  const { alignments, head, rows } = table;
  if (rows.length < 2 && !isComplete) return nothing;
  const chars = head.map((cell, i) => Math.max(...[cell, rows[0]?.[i] ?? []].map((text) => plainText(text).length)));
  const align = (column: number) => alignments[column] ?? nothing;
  // The box in a cell limits how narrow and wide its column is, which a cell itself cannot.
  const text = (cell: Inlines, column: number) =>
    html`<div dir="auto" class=${(chars[column] ?? 0) > LONG_CHARS ? "long" : nothing}>${renderCell(cell)}</div>`;
  const heads = head.map((cell, i) => html`<th scope="col" align=${align(i)}>${text(cell, i)}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, i) => html`<td align=${align(i)}>${text(cell, i)}</td>`);
    return html`<tr>${cells}</tr>`;
  });
  return html`
    <div class="table" tabindex="0" role="group" aria-label=${label} ${markWide()}>
      <table>${renderColumns(chars)}<thead><tr>${heads}</tr></thead>${body.length > 0
        ? html`<tbody>${body}</tbody>`
        : nothing}</table>
    </div>
  `;
}

/** The columns share the width of the answer by the length of their texts. A longer word still widens its column. */
function renderColumns(chars: readonly number[]): TemplateResult {
  const shares = chars.map((count) => Math.min(MAX_CHARS, Math.max(MIN_CHARS, count)));
  const sum = shares.reduce((total, share) => total + share, 0);
  return html`<colgroup>${shares.map((share) => html`<col width="${(100 * share / sum).toFixed(1)}%">`)}</colgroup>`;
}
