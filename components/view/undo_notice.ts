/**
 * The notice above the composer that undoes clearing.
 * @module
 */
import { css, type CSSResult, html, type TemplateResult } from "lit";
import type { OccasionalStrings } from "../locales/occasional_strings.ts";

/** The styles of the notice. */
export const undoStyles: CSSResult = css`
  .undo {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 0.25em;
    padding-block-end: 0.3em;
    color: var(--_muted);
    font-size: 0.875em;
  }
  .undo .plain {
    color: var(--_accent);
    font-size: inherit;
    font-weight: 600;
  }
`;

/** Renders the notice that the conversation was cleared, with an undo button. */
export function renderUndo(strings: OccasionalStrings, onUndo: () => void): TemplateResult {
  return html`
    <div class="undo">${strings.cleared}<button type="button" class="plain" @click=${onUndo}>${strings
      .undo}</button></div>
  `;
}
