/**
 * The small notices above the box: the way back to the end, and the way back after clearing.
 * @module
 */
import { html, svg, type TemplateResult } from "lit";
import { icon } from "./icons.ts";
import { type ChatStrings, fillString } from "../locales/strings.ts";

const DOWN = icon(svg`<path d="M12 5v14M6 13l6 6 6-6" />`);

/** The way back to the end of the conversation, with the number of messages that came meanwhile. */
export function renderJump(unseen: number, words: ChatStrings, onJump: () => void): TemplateResult {
  const label = unseen <= 0 ? words.jump : fillString(words.jumpCount, { count: unseen });
  return html`<button type="button" class="jump" part="jump-button" @click=${onJump}>${DOWN}${label}</button>`;
}

/** The way back after clearing. */
export function renderUndo(words: ChatStrings, onUndo: () => void): TemplateResult {
  return html`
    <div class="undo">${words.cleared}<button type="button" class="plain" @click=${onUndo}>${words.undo}</button></div>
  `;
}
