/**
 * The styles of the queued message, the quote button and the consent to tools.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles that come with `extras.ts`. */
export const talkStyles: CSSResult = css`
  article {
    position: relative;
  }
  .primary.queue {
    border: 1px solid var(--_outline);
    background: none;
    color: var(--_accent);
  }
  .primary.queue:hover {
    background: color-mix(in srgb, var(--_accent) 10%, transparent);
  }
  .queued {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 0 0.75rem;
    align-items: center;
    margin-block-end: 0.5rem;
    padding: 0.5rem 0.5rem 0.6rem 1.125rem;
    padding-inline: 1.125rem 0.5rem;
    border: 1px dashed var(--_outline);
    border-radius: 1.25rem;
    background: color-mix(in srgb, var(--_bubble) 55%, transparent);
  }
  .queued-note {
    color: var(--_muted);
    font-size: 0.8125rem;
  }
  .queued-text {
    grid-column: 1 / -1;
    max-block-size: 6.4em;
    overflow: auto;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    scrollbar-width: thin;
  }
  .queued-buttons {
    display: flex;
    grid-area: 1 / 2;
    gap: 0.125rem;
  }
  .queued .plain {
    min-block-size: 1.875rem;
    padding-inline: 0.65rem;
    font-size: 0.8125rem;
  }

  .quotation {
    display: block;
    margin-block: 0.15rem 0.35rem;
    padding-inline-start: 0.65rem;
    border-inline-start: 2px solid color-mix(in srgb, var(--_accent) 55%, transparent);
    color: var(--_muted);
    font-size: 0.9375em;
  }
  .quote-button {
    position: absolute;
    z-index: 1;
    min-block-size: 2rem;
    padding: 0.2rem 0.8rem;
    border: 1px solid var(--_border);
    border-radius: 999px;
    background: var(--_surface);
    color: var(--_text);
    box-shadow: 0 4px 16px -4px rgb(0 0 0 / 28%);
    font-size: 0.875rem;
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

  .tool-title {
    font-weight: 500;
  }
  .tool-ask p,
  .tool-ask dl {
    flex: 1 0 100%;
    margin: 0;
  }
  .tool-ask dl {
    display: grid;
    gap: 0.25rem;
    margin-block: 0.125rem 0.375rem;
    font-size: 0.875rem;
  }
  .tool-ask dl > div {
    display: grid;
    grid-template-columns: minmax(5rem, max-content) minmax(0, 1fr);
    gap: 0.75rem;
  }
  .tool-ask dt {
    color: var(--_muted);
  }
  .tool-ask dd {
    margin: 0;
    max-block-size: 14rem;
    overflow: auto;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
    scrollbar-width: thin;
  }
  .tool .long summary {
    display: block;
    padding: 0;
  }
  .tool .long b {
    color: var(--_accent);
    font-weight: 500;
  }
  .tool .long[open] summary {
    display: none;
  }
  .tool-buttons {
    display: flex;
    flex: 1 0 100%;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 0.25rem;
  }

  .failure .plain[aria-disabled="true"] {
    border-color: transparent;
    background: none;
    cursor: default;
    font-variant-numeric: tabular-nums;
  }
`;
