/**
 * The notice above the composer that undoes clearing.
 * @module
 */
import { html, type TemplateResult } from "lit";
import type { ChatStrings } from "../locales/chat_strings.ts";

/** Renders the notice that the conversation was cleared, with an undo button. */
export function renderUndo(strings: ChatStrings, onUndo: () => void): TemplateResult {
  return html`
    <div class="undo">${strings.cleared}<button type="button" class="plain" @click=${onUndo}>${strings
      .undo}</button></div>
  `;
}
