/**
 * The button above the composer that jumps to the end of the conversation. Loaded lazily.
 * @module
 */
import { css, type CSSResult, html, svg, type TemplateResult } from "lit";
import { fillString } from "../locales/core_strings.ts";
import type { OccasionalStrings } from "../locales/occasional_strings.ts";
import { icon } from "./icons.ts";

/** The styles of the button. */
export const jumpStyles: CSSResult = css`
  .jump {
    position: absolute;
    inset-block-end: calc(100% + 0.55em);
    inset-inline: 0;
    display: flex;
    align-items: center;
    gap: 0.4em;
    inline-size: fit-content;
    min-block-size: 2.6em;
    margin-inline: auto;
    padding-block: 0.3em;
    padding-inline: 0.8em 1.1em;
    border: 1px solid var(--_border);
    border-radius: var(--_pill);
    background: var(--_surface);
    box-shadow: 0 6px 20px -6px rgb(0 0 0 / 25%);
    font-size: 0.875em;
    font-weight: 500;
  }
`;

const DOWN = icon(svg`<path d="M12 5v14M6 13l6 6 6-6" />`);

/** Renders the button that jumps to the end. `unseen` is the number of messages since the visitor scrolled away. */
export function renderJump(unseen: number, strings: OccasionalStrings, onJump: () => void): TemplateResult {
  const label = unseen <= 0 ? strings.jump : fillString(strings.jumpCount, { count: unseen });
  return html`<button type="button" class="jump" part="jump-button" @click=${onJump}>${DOWN}${label}</button>`;
}
