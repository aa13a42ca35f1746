/**
 * The notices above the composer: a button that jumps to the end, and one that undoes clearing.
 * @module
 */
import { html, svg, type TemplateResult } from "lit";
import { icon } from "./icons.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { fillString } from "../locales/core_strings.ts";

const DOWN = icon(svg`<path d="M12 5v14M6 13l6 6 6-6" />`);

/** Renders the button that jumps to the end. `unseen` is the number of messages since the visitor scrolled away. */
export function renderJump(unseen: number, strings: ChatStrings, onJump: () => void): TemplateResult {
  const label = unseen <= 0 ? strings.jump : fillString(strings.jumpCount, { count: unseen });
  return html`<button type="button" class="jump" part="jump-button" @click=${onJump}>${DOWN}${label}</button>`;
}

/** Renders the notice that the conversation was cleared, with an undo button. */
export function renderUndo(strings: ChatStrings, onUndo: () => void): TemplateResult {
  return html`
    <div class="undo">${strings.cleared}<button type="button" class="plain" @click=${onUndo}>${strings
      .undo}</button></div>
  `;
}
