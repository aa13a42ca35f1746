/**
 * The styles of tool calls.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles that come with `tools.ts`. */
export const toolStyles: CSSResult = css`
  .tool {
    margin-block-start: 0.75em;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 0.8);
    background: var(--_surface);
    font-size: 0.9375em;
  }
  .tool summary {
    display: flex;
    align-items: center;
    gap: 0.5em;
    padding: 0.5em 0.95em;
    border-radius: inherit;
    cursor: pointer;
    list-style: none;
  }
  .tool summary::-webkit-details-marker {
    display: none;
  }
  .tool summary .icon {
    color: var(--_accent);
  }
  .tool code,
  .tool pre {
    font-family: var(--_font-mono);
    font-size: 0.875em;
    overflow-wrap: anywhere;
  }
  .tool-state {
    margin-inline-start: auto;
    color: var(--_muted);
    font-size: 0.87em;
  }
  .tool-body {
    padding: 0.1em 1em 0.8em;
    color: var(--_muted);
    font-size: 0.93em;
  }
  .tool pre {
    max-block-size: 18em;
    margin: 0.25em 0 0.75em;
    padding: 0.6em 0.85em;
    border-radius: calc(var(--_radius) * 0.55);
    overflow: auto;
    background: color-mix(in srgb, var(--_text) 5%, transparent);
    color: var(--_text);
    white-space: pre-wrap;
  }
  .tool-ask {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25em 0.4em;
    padding-block: 0.55em 0.65em;
    padding-inline: 0.95em 0.65em;
    border-block-start: 1px solid var(--_border);
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
    grid-template-columns: fit-content(40%) minmax(0, 1fr);
    gap: 0.25em 1em;
    margin-block: 0.125em 0.375em;
    font-size: 0.93em;
  }
  .tool-ask dl > div {
    display: contents;
  }
  .tool-ask dt {
    color: var(--_muted);
  }
  .tool-ask dd {
    margin: 0;
    max-block-size: 14em;
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
    justify-content: space-between;
    gap: 0.25em;
    /* The text of the first button is in line with the text above it. */
    margin-inline-start: -0.8em;
  }
  .tool-buttons > span {
    display: flex;
    gap: 0.25em;
    margin-inline-start: auto;
  }
`;
