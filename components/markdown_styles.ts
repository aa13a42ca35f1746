/**
 * How a message's text looks.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles of rendered text. */
export const markdownStyles: CSSResult = css`
  .content p {
    margin-block: 0 0.75em;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
`;
