/**
 * The styles of the features that a page turns on.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles that come with `features.ts`. */
export const featureStyles: CSSResult = css`
  .byline {
    display: flex;
    align-items: center;
    gap: 0.5em;
    min-block-size: 1.5em;
    margin-block-end: 0.25em;
    color: var(--_muted);
    font-size: 0.8125em;
    line-height: 1.3;
  }
  .question .byline {
    flex-direction: row-reverse;
  }
  .avatar {
    flex: none;
    inline-size: 1.5em;
    block-size: 1.5em;
    border-radius: var(--_pill);
    object-fit: cover;
  }
  .byline .name {
    color: var(--_text);
    font-weight: 600;
  }
  .byline time {
    font-variant-numeric: tabular-nums;
  }

  .thumb[aria-pressed="true"] {
    color: var(--_accent);
  }
  .thumb[aria-pressed="true"] .icon {
    fill: color-mix(in srgb, currentColor 22%, transparent);
  }
  .small.text {
    inline-size: auto;
    padding-inline: 0.5em;
    font-size: 0.8125em;
    white-space: nowrap;
  }
  @media (pointer: coarse) {
    .small.text {
      padding-inline: 0.98em;
    }
  }
  .comment {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: end;
    gap: 0.25em 0.5em;
    max-inline-size: 34em;
    margin-block-start: 0.375em;
    padding-block: 0.25em;
    padding-inline: 0.9em 0.25em;
    border: 1px solid var(--_outline);
    border-radius: var(--_radius);
    background: var(--_surface);
    font-size: 0.9375em;
  }
  .comment-buttons {
    display: flex;
    justify-content: flex-end;
    gap: 0.25em;
  }
  .comment:focus-within {
    border-color: var(--_accent);
  }
  @container (inline-size < 28em) {
    .comment {
      grid-template-columns: minmax(0, 1fr);
    }
  }

  .suggestions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5em;
  }
  .suggestions .starter {
    padding: 0.375em 0.9em;
  }

  /* The list is as wide as its text if the title leaves the room. */
  .models {
    flex: 1 1 auto;
    field-sizing: content;
    inline-size: 5.5em;
    max-inline-size: max-content;
    padding-inline-end: 1.6em;
    appearance: none;
    font-family: inherit;
    text-overflow: ellipsis;
    cursor: pointer;
  }
  /* A chevron: engines that draw one draw a box around the list too. */
  .models,
  .models:hover {
    --_line: transparent 38%, currentColor 44% 56%, transparent 62%;
    background-image: linear-gradient(45deg, var(--_line)), linear-gradient(-45deg, var(--_line));
    background-position: right 0.97em top 52%, right 0.6em top 52%;
    background-size: 0.38em 0.38em;
    background-repeat: no-repeat;
  }
  .models option {
    background: var(--_surface);
    color: var(--_text);
  }
  @container (inline-size < 30em) {
    .models ~ .plain .label {
      display: none;
    }
  }
  @container (inline-size < 24em) {
    .header:has(.models) .title .icon {
      display: none;
    }
  }

  @media print {
    .comment,
    .suggestions {
      display: none;
    }
  }
  .refusal {
    margin-block-end: 0.5em;
    padding: 0.5em 1.125em;
    border: 1px solid color-mix(in srgb, var(--_danger) 32%, transparent);
    border-radius: var(--_radius);
    background: var(--_danger-surface);
    color: var(--_danger);
    font-size: 0.9375em;
    line-height: 1.4;
  }
`;
