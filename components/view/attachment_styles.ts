/**
 * The styles of the attachments of the next message.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles that come with `attachments.ts`. */
export const attachmentStyles: CSSResult = css`
  .files {
    display: flex;
    flex: 1 0 100%;
    flex-wrap: wrap;
    gap: 0.375em;
    padding-block: 0.35em 0.1em;
    padding-inline-end: 0.35em;
    font-size: 0.875em;
  }
  .files .file {
    display: inline-flex;
    align-items: center;
    max-inline-size: 100%;
    padding-inline-start: 0.85em;
    border-radius: var(--_radius);
    overflow: hidden;
    background: var(--_bubble);
    white-space: nowrap;
  }
  .files button {
    display: grid;
    place-items: center;
    inline-size: 2em;
    block-size: 2em;
    padding: 0;
    border: 0;
    background: none;
  }
  .file-error {
    align-self: center;
    color: var(--_danger);
  }
  .attach .plain {
    inline-size: 2.5em;
    block-size: 2.5em;
    justify-content: center;
    padding: 0;
    font-size: 1em;
  }
  .composer:has(.attach) {
    padding-inline-start: 0.375em;
  }
`;
