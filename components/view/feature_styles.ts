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
    gap: 0.5rem;
    min-block-size: 1.5rem;
    margin-block-end: 0.25rem;
    color: var(--_muted);
    font-size: 0.8125rem;
    line-height: 1.3;
  }
  .question .byline {
    flex-direction: row-reverse;
  }
  .avatar {
    flex: none;
    inline-size: 1.5rem;
    block-size: 1.5rem;
    border-radius: 50%;
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
    padding-inline: 0.5rem;
    font-size: 0.8125rem;
  }
  .comment {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: end;
    gap: 0.25rem 0.5rem;
    max-inline-size: 34rem;
    margin-block-start: 0.375rem;
    padding: 0.25rem 0.25rem 0.25rem 0.9rem;
    padding-inline: 0.9rem 0.25rem;
    border: 1px solid var(--_outline);
    border-radius: 1.25rem;
    background: var(--_surface);
    font-size: 0.9375rem;
  }
  .comment:focus-within {
    border-color: var(--_accent);
  }
  @container (inline-size < 28rem) {
    .comment {
      grid-template-columns: minmax(0, 1fr);
    }
  }

  .suggestions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
  }
  .suggestions .starter {
    padding: 0.375rem 0.9rem;
    border-radius: 999px;
    border-radius: 1.1rem;
  }

  .models {
    field-sizing: content;
    max-inline-size: 14rem;
    min-inline-size: 0;
    padding-inline-end: 0.25rem;
    background-color: transparent;
    font-family: inherit;
    text-overflow: ellipsis;
    cursor: pointer;
  }
  .models option {
    background: var(--_surface);
    color: var(--_text);
  }
  @container (inline-size < 30rem) {
    .models {
      max-inline-size: 9rem;
    }
    .models ~ .plain .label {
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
    margin-block-end: 0.5rem;
    padding: 0.5rem 1.125rem;
    border: 1px solid color-mix(in srgb, var(--_danger) 32%, transparent);
    border-radius: 1.25rem;
    background: var(--_danger-surface);
    color: var(--_danger);
    font-size: 0.9375rem;
    line-height: 1.4;
  }
`;
