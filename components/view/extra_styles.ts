/**
 * The styles of what messages bring with them: actions, menu, failures, and the printed page.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles of what comes with the first message. */
export const extraStyles: CSSResult = css`
  .actions {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 0.125em;
    min-block-size: 2em;
    margin-block-start: 0.125em;
    margin-inline-start: -0.4em;
    color: var(--_muted);
  }
  .question .actions {
    justify-content: flex-end;
    margin-inline: 0 -0.25em;
    margin-block-end: -1.25em;
  }
  .small {
    display: grid;
    place-items: center;
    inline-size: 2.3em;
    block-size: 2.3em;
    padding: 0;
    border: 0;
    border-radius: calc(var(--_radius) * 0.6);
    background: none;
    font-size: 0.875em;
  }
  .small:hover {
    background: color-mix(in srgb, var(--_text) 8%, transparent);
    color: var(--_text);
  }
  .plain.filled,
  .plain.filled:hover {
    background: var(--_accent);
    color: var(--_on-accent);
  }
  article {
    position: relative;
  }
  .actions:not(:has(button)) {
    display: none;
  }
  @media (pointer: coarse) {
    .actions .small:not(.text) {
      inline-size: 3.15em;
    }
    .actions {
      row-gap: 0.75em;
      margin-inline-start: -0.8em;
    }
    .question .actions {
      margin-inline-end: -0.8em;
    }
  }
  /* Buttons that are not shown take no room: they appear in the gap below their message. */
  @media (hover: hover) {
    article:not(:last-of-type) .actions {
      position: absolute;
      inset-block-start: 100%;
      inset-inline-start: 0;
      min-block-size: 1.5em;
      margin-block: 0;
      opacity: 0;
      transition: opacity 0.12s;
    }
    article:not(:last-of-type) .actions .small {
      block-size: max(1.75em, 24px);
    }
    article.question .actions {
      inset-inline: auto 0;
    }
    article:hover .actions,
    article:focus-within .actions {
      opacity: 1;
    }
  }
  .notes {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.3em 0.6em;
    margin-block-start: 0.6em;
    color: var(--_muted);
    font-size: 0.8125em;
    font-variant-numeric: tabular-nums;
  }
  .notes .plain {
    border-color: var(--_border);
    color: var(--_text);
  }
  .continue:dir(rtl) .icon {
    scale: -1 1;
  }
  /* A connection that is back at once shows nothing. */
  .reconnecting {
    animation: appear 0.3s 0.5s both;
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }

  .failure {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.4em 0.6em;
    margin-block-start: 0.75em;
    padding-block: 0.6em;
    padding-inline: 0.85em 0.6em;
    border: 1px solid color-mix(in srgb, var(--_danger) 32%, transparent);
    border-radius: calc(var(--_radius) * 0.8);
    background: var(--_danger-surface);
    color: var(--_danger);
    font-size: 0.9375em;
    line-height: 1.4;
  }
  .failure > span {
    flex: 1 1 12em;
  }
  .failure-buttons {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 0.4em;
    margin-inline-start: auto;
  }
  .failure .plain {
    border-color: currentColor;
    color: inherit;
  }
  .failure .plain:hover {
    background: color-mix(in srgb, var(--_danger) 12%, transparent);
  }
  .menu {
    position: relative;
  }
  .menu summary {
    list-style: none;
    cursor: pointer;
  }
  .menu summary::-webkit-details-marker {
    display: none;
  }
  /* A button inside of small text has the size of that text: em lengths would multiply. */
  :is(.tool, .notes, .failure) .plain {
    font-size: inherit;
  }
  @media print {
    :host {
      block-size: auto !important;
    }
    .panel {
      display: block;
      border: 0;
      overflow: visible;
      color-scheme: light !important;
    }
    .chat {
      display: block;
    }
    .log {
      overflow: visible;
      padding-inline: 0;
    }
    .header-buttons,
    .actions,
    .content button,
    .footer {
      display: none;
    }
    article {
      break-inside: avoid-page;
    }
  }
`;
