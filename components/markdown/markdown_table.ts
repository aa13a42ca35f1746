/**
 * The template of tables.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import type { Inlines, Table } from "./markdown_nodes.ts";

/**
 * Renders a table in a frame that scrolls sideways.
 * @param label names the frame
 * @param renderCell renders the text of a cell
 */
export function renderTable(
  { alignments, head, rows }: Table,
  label: string,
  renderCell: (cell: Inlines) => unknown,
): TemplateResult {
  const align = (column: number) => alignments[column] ?? nothing;
  // The box in a cell limits how wide the text makes its column, which a cell itself cannot.
  const text = (cell: Inlines) => html`<div dir="auto">${renderCell(cell)}</div>`;
  const heads = head.map((cell, i) => html`<th scope="col" align=${align(i)}>${text(cell)}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, i) => html`<td align=${align(i)}>${text(cell)}</td>`);
    return html`<tr>${cells}</tr>`;
  });
  return html`
    <div class="table" tabindex="0" role="group" aria-label=${label}>
      <table><thead><tr>${heads}</tr></thead>${body.length > 0 ? html`<tbody>${body}</tbody>` : nothing}</table>
    </div>
  `;
}
