/**
 * The styles of the model's reasoning.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles that come with `reasoning.ts`. */
export const reasoningStyles: CSSResult = css`
  .reasoning {
    margin-block-end: 0.55em;
    color: var(--_muted);
    font-size: 0.9375em;
  }
  .reasoning summary {
    display: inline-flex;
    align-items: center;
    gap: 0.3em;
    min-block-size: 1.9em;
    padding-inline-end: 0.5em;
    border-radius: calc(var(--_radius) * 0.5);
    cursor: pointer;
    list-style: none;
  }
  .reasoning summary::-webkit-details-marker {
    display: none;
  }
  .reasoning summary:hover {
    color: var(--_text);
  }
  .reasoning summary .icon {
    inline-size: 1em;
    block-size: 1em;
  }
  .reasoning[open] summary .icon {
    rotate: 90deg;
  }
  .reasoning:dir(rtl) summary .icon {
    rotate: 180deg;
  }
  .reasoning-text {
    margin-block: 0.25em 0.75em;
    margin-inline-start: 0.45em;
    padding-inline-start: 0.9em;
    border-inline-start: 2px solid var(--_border);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  @media (prefers-reduced-motion: no-preference) {
    .busy {
      animation: pulse 1.8s ease-in-out infinite;
    }
    .reasoning summary .icon {
      transition: rotate 0.15s;
    }
  }
  @keyframes pulse {
    50% {
      opacity: 0.55;
    }
  }
`;
