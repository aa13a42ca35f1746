/**
 * The styles of the lazily loaded parts: actions, versions, editor, menu, notices, and the printed page.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles that come with `extras.ts`. */
export const extraStyles: CSSResult = css`
  .actions {
    display: flex;
    align-items: center;
    gap: 0.125rem;
    min-block-size: 2rem;
    margin-block-start: 0.125rem;
    margin-inline-start: -0.4rem;
    color: var(--_muted);
  }
  .question .actions {
    justify-content: flex-end;
    margin-inline: 0 -0.25rem;
    margin-block-end: -1.25rem;
  }
  .small {
    display: grid;
    place-items: center;
    inline-size: 2rem;
    block-size: 2rem;
    padding: 0;
    border: 0;
    border-radius: 0.6rem;
    background: none;
    font-size: 0.875rem;
  }
  .small:hover:not([aria-disabled="true"]) {
    background: color-mix(in srgb, var(--_text) 8%, transparent);
    color: var(--_text);
  }
  .small[aria-disabled="true"] {
    opacity: 0.35;
    cursor: default;
  }
  .small.back,
  .small.forward:dir(rtl) {
    rotate: 180deg;
  }
  .small.back:dir(rtl) {
    rotate: 0deg;
  }
  .place {
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
  }
  .editor {
    inline-size: 100%;
    padding: 0.75rem 0.75rem 0.5rem 1rem;
    border: 1px solid var(--_outline);
    border-radius: 1.25rem;
    background: var(--_surface);
  }
  .editor:has(textarea:focus) {
    border-color: var(--_accent);
    box-shadow: 0 0 0 1px var(--_accent);
  }
  .editor textarea {
    display: block;
    inline-size: 100%;
    min-block-size: 4.5rem;
  }
  .editor-buttons {
    display: flex;
    justify-content: flex-end;
    gap: 0.25rem;
  }
  .plain.filled,
  .plain.filled:hover {
    background: var(--_accent);
    color: var(--_on-accent);
  }
  .actions:not(:has(button)) {
    display: none;
  }
  /* Buttons that are not shown take no room: they appear in the gap below their message. */
  @media (hover: hover) {
    article:not(:last-of-type) .actions {
      position: absolute;
      inset-block-start: 100%;
      inset-inline-start: 0;
      min-block-size: 1.5rem;
      margin-block: 0;
      opacity: 0;
      transition: opacity 0.12s;
    }
    article:not(:last-of-type) .actions .small {
      block-size: 1.5rem;
    }
    article.question .actions {
      inset-inline: auto 0;
    }
    article:hover .actions,
    article:focus-within .actions {
      opacity: 1;
    }
  }
  .tool {
    margin-block-start: 0.75rem;
    border: 1px solid var(--_border);
    border-radius: 0.9rem;
    background: var(--_surface);
    font-size: 0.9375rem;
  }
  .tool summary {
    display: flex;
    align-items: center;
    gap: 0.5rem;
    padding: 0.45rem 0.9rem;
    border-radius: 0.9rem;
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
    font-size: 0.8125rem;
  }
  .tool-body {
    padding: 0.1rem 0.9rem 0.7rem;
    color: var(--_muted);
    font-size: 0.875rem;
  }
  .tool pre {
    max-block-size: 14rem;
    margin: 0.2rem 0 0.6rem;
    padding: 0.5rem 0.7rem;
    border-radius: 0.6rem;
    overflow: auto;
    background: color-mix(in srgb, var(--_text) 5%, transparent);
    color: var(--_text);
    white-space: pre-wrap;
  }
  .tool-ask {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.4rem;
    padding: 0.5rem 0.6rem 0.6rem 0.9rem;
    border-block-start: 1px solid var(--_border);
  }
  .tool-ask > span {
    flex: 1 1 12rem;
  }
  .files {
    display: flex;
    flex: 1 0 100%;
    flex-wrap: wrap;
    gap: 0.375rem;
    padding: 0.3rem 0.3rem 0.1rem 0;
    font-size: 0.875rem;
  }
  .file {
    display: inline-flex;
    align-items: center;
    max-inline-size: 100%;
    padding-inline-start: 0.75rem;
    border-radius: 999px;
    overflow: hidden;
    background: var(--_bubble);
    white-space: nowrap;
  }
  .bubble .picture {
    max-block-size: 16rem;
    margin-block: 0.4rem 0.2rem;
  }
  .bubble .file {
    display: block;
    inline-size: fit-content;
    margin-block: 0.35rem 0.2rem;
    padding-inline: 0.75rem;
    background: var(--_surface);
    font-size: 0.875rem;
    text-overflow: ellipsis;
  }
  .file button {
    display: grid;
    place-items: center;
    inline-size: 1.75rem;
    block-size: 1.75rem;
    padding: 0;
    border: 0;
    background: none;
  }
  .file-error {
    align-self: center;
    color: var(--_danger);
  }
  .attach .plain {
    inline-size: 2.5rem;
    block-size: 2.5rem;
    justify-content: center;
    padding: 0;
  }
  .composer:has(.attach) {
    padding-inline-start: 0.375rem;
  }
  .picture {
    display: block;
    max-inline-size: 100%;
    margin-block-start: 0.75rem;
    border-radius: calc(var(--_radius) - 6px);
  }
  .notes {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.5rem;
    margin-block-start: 0.5rem;
    color: var(--_muted);
    font-size: 0.8125rem;
    font-variant-numeric: tabular-nums;
  }
  .notes .plain {
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

  .reasoning {
    margin-block-end: 0.5rem;
    color: var(--_muted);
    font-size: 0.9375rem;
  }
  .reasoning summary {
    display: inline-flex;
    align-items: center;
    gap: 0.3em;
    min-block-size: 1.75rem;
    padding-inline-end: 0.5rem;
    border-radius: 0.5rem;
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
    margin-block: 0.25rem 0.75rem;
    margin-inline-start: 0.45rem;
    padding-inline-start: 0.9rem;
    border-inline-start: 2px solid var(--_border);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .failure {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 0.6rem;
    margin-block-start: 0.75rem;
    padding: 0.55rem 0.55rem 0.55rem 0.8rem;
    padding-inline: 0.8rem 0.55rem;
    border: 1px solid color-mix(in srgb, var(--_danger) 32%, transparent);
    border-radius: 0.9rem;
    background: var(--_danger-surface);
    color: var(--_danger);
    font-size: 0.9375rem;
    line-height: 1.4;
  }
  .failure > span {
    flex: 1 1 12rem;
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
  .menu-items {
    position: absolute;
    z-index: 1;
    inset-block-start: calc(100% + 0.25rem);
    inset-inline-end: 0;
    display: grid;
    padding: 0.375rem;
    border: 1px solid var(--_border);
    border-radius: 0.9rem;
    background: var(--_surface);
    box-shadow: 0 8px 28px -8px rgb(0 0 0 / 25%);
  }
  .menu-items .plain {
    justify-content: start;
    border-radius: 0.55rem;
    color: var(--_text);
  }
  .jump {
    position: absolute;
    inset-block-end: calc(100% + 0.5rem);
    inset-inline: 0;
    display: flex;
    align-items: center;
    gap: 0.4em;
    inline-size: fit-content;
    min-block-size: 2.25rem;
    margin-inline: auto;
    padding: 0.25rem 0.95rem 0.25rem 0.7rem;
    border: 1px solid var(--_border);
    border-radius: 999px;
    background: var(--_surface);
    box-shadow: 0 6px 20px -6px rgb(0 0 0 / 25%);
    font-size: 0.875rem;
    font-weight: 500;
  }
  .undo {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 0.25rem;
    padding-block-end: 0.25rem;
    color: var(--_muted);
    font-size: 0.875rem;
  }
  .undo .plain {
    color: var(--_accent);
    font-weight: 600;
  }
  @media print {
    :host {
      block-size: auto !important;
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
