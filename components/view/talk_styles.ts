/**
 * The styles of the queued message, quotations and the countdown.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles that come with `occasional.ts`. */
export const talkStyles: CSSResult = css`
  .queued {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0 0.75em;
    align-items: center;
    margin-block-end: 0.5em;
    padding-block: 0.5em 0.6em;
    padding-inline: 1.125em 0.5em;
    border: 1px dashed var(--_outline);
    border-radius: var(--_radius);
    background: color-mix(in srgb, var(--_bubble) 55%, transparent);
  }
  .queued-note {
    color: var(--_muted);
    font-size: 0.8125em;
  }
  .queued > :is(.files, .queued-text) {
    grid-column: 1 / -1;
  }
  .queued > .files {
    margin-block: 0.4em;
  }
  .queued-text {
    max-block-size: 6.4em;
    overflow: auto;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    scrollbar-width: thin;
  }
  .queued-buttons {
    display: flex;
    grid-area: 1 / 2;
    gap: 0.125em;
  }
  @container (inline-size < 24em) {
    .queued {
      display: flex;
      flex-wrap: wrap;
      justify-content: space-between;
    }
    .queued > :is(.files, .queued-text) {
      flex: 1 0 100%;
    }
    .queued-buttons {
      margin-inline-start: auto;
    }
  }
  .queued .plain {
    min-block-size: 1.875em;
    padding-inline: 0.65em;
    font-size: 0.8125em;
  }

  .quotation {
    display: block;
    margin-block: 0.15em 0.35em;
    padding-inline-start: 0.65em;
    border-inline-start: 2px solid color-mix(in srgb, var(--_accent) 55%, transparent);
    color: var(--_muted);
    font-size: 0.9375em;
  }
  .quote-button {
    position: absolute;
    z-index: 1;
    min-block-size: 2em;
    padding: 0.2em 0.8em;
    border: 1px solid var(--_border);
    border-radius: var(--_pill);
    background: var(--_surface);
    color: var(--_text);
    box-shadow: 0 4px 16px -4px rgb(0 0 0 / 28%);
    font-size: 0.875em;
    font-weight: 500;
    white-space: nowrap;
    /* Not part of the selected text. */
    -webkit-user-select: none;
    user-select: none;
  }
  .quote-button:hover {
    border-color: var(--_accent);
    color: var(--_accent);
  }

  .failure .plain[aria-disabled="true"] {
    border-color: transparent;
    background: none;
    cursor: default;
    font-variant-numeric: tabular-nums;
  }
`;
