/**
 * The styles of the composer.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles of the composer. */
export const composerStyles: CSSResult = css`
  .footer {
    position: relative;
    padding: 0.25em max(0.75em, (100% - var(--_measure)) / 2 - 0.5em) max(0.75em, env(safe-area-inset-bottom));
  }
  .composer {
    display: flex;
    flex-wrap: wrap;
    align-items: flex-end;
    gap: 0.375em;
    padding: 0.375em;
    padding-inline-start: 1.125em;
    border: 1px solid var(--_outline);
    border-radius: var(--_pill);
    background: var(--_surface);
    box-shadow: 0 1px 2px rgb(0 0 0 / 4%), 0 6px 20px -8px rgb(0 0 0 / 10%);
  }
  /* Room for the button that is still loading. */
  :host([attachments]) .composer:not(:has(.attach)) {
    padding-inline-start: 3.25em;
  }
  .composer:has(textarea:focus) {
    border-color: var(--_accent);
    box-shadow: 0 0 0 1px var(--_accent), 0 6px 20px -8px rgb(0 0 0 / 14%);
  }
  textarea {
    flex: 1;
    min-inline-size: 0;
    max-block-size: min(12em, 35dvh);
    padding: 0.45em 0;
    border: 0;
    outline: 0;
    resize: none;
    field-sizing: content;
    background: none;
    color: inherit;
    font: inherit;
    line-height: 1.6;
    scrollbar-width: thin;
  }
  textarea:focus-visible {
    outline: 0;
  }
  textarea::placeholder {
    color: var(--_muted);
    opacity: 1;
  }
  .plain.queue {
    inline-size: 2.5em;
    block-size: 2.5em;
    justify-content: center;
    padding: 0;
    border-color: var(--_outline);
    color: var(--_accent);
    font-size: inherit;
  }
`;
