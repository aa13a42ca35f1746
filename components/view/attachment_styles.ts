/**
 * The styles of attachments: in the composer, in the editor, in sent messages, and the zone that takes dragged files.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles that come with `attachments.ts`. */
export const attachmentStyles: CSSResult = css`
  .attach {
    display: flex;
  }
  .attach .plain {
    inline-size: 2.5em;
    min-block-size: 2.5em;
    justify-content: center;
    padding: 0;
    font-size: 1em;
  }
  .attach .menu summary {
    list-style: none;
    -webkit-tap-highlight-color: transparent;
  }
  .attach .menu-items {
    inset-block: auto calc(100% + 0.6em);
    inset-inline: 0 auto;
    inline-size: max-content;
  }
  .attach .menu-items .plain {
    inline-size: auto;
    min-block-size: 2.75em;
    justify-content: start;
    gap: 0.7em;
    padding: 0.3em 1em 0.3em 0.7em;
    padding-inline: 0.7em 1em;
    font-size: 0.9375em;
  }
  .composer:has(.attach) {
    padding-inline-start: 0.375em;
  }

  /* A row of files above the box. It scrolls when it would take too much of a small screen. */
  .files {
    display: flex;
    flex: 1 0 100%;
    flex-wrap: wrap;
    gap: 0.5em;
    min-inline-size: 0;
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .composer > .files {
    max-block-size: min(12em, 30dvh);
    padding: 0.25em 0.25em 0.125em;
    overflow-y: auto;
    scrollbar-width: thin;
  }
  @container (inline-size < 30em) {
    .composer > .files {
      flex-wrap: nowrap;
      overflow-x: auto;
      scroll-padding-inline: 0.25em;
    }
    .composer > .files > .file {
      flex: none;
      inline-size: 14em;
    }
  }
  .editor > .files {
    margin-block: 0.25em 0.5em;
  }
  .file {
    display: flex;
    position: relative;
    align-items: center;
    gap: 0.6em;
    box-sizing: border-box;
    inline-size: 18em;
    max-inline-size: 100%;
    padding: 0.375em;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 0.75);
    overflow: hidden;
    background: var(--_background);
    color: var(--_text);
    font-size: 0.875em;
    line-height: 1.35;
    text-align: start;
  }
  .file.failed {
    border-color: color-mix(in srgb, var(--_danger) 45%, transparent);
    background: var(--_danger-surface);
  }
  .file-mark {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 2.75em;
    block-size: 2.75em;
    border-radius: calc(var(--_radius) * 0.45);
    background: color-mix(in srgb, var(--_accent) 14%, var(--_surface));
    color: var(--_text);
    object-fit: cover;
  }
  span.file-mark {
    inline-size: 3.8em;
    block-size: 3.8em;
    font-size: 0.72em;
    font-weight: 650;
    letter-spacing: 0.02em;
  }
  .file-text {
    display: grid;
    flex: 1;
    min-inline-size: 0;
  }
  .file-name,
  .file-note {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .file-name {
    font-weight: 500;
    text-align: start;
  }
  .file-note {
    color: var(--_muted);
    font-size: 0.9em;
  }
  .failed .file-note {
    color: var(--_danger);
    white-space: normal;
  }
  .file .small {
    flex: none;
    color: var(--_muted);
  }
  .file-progress {
    position: absolute;
    inset-block-end: 0;
    inset-inline: 0;
    inline-size: 100%;
    block-size: 3px;
    border: 0;
    appearance: none;
    background: color-mix(in srgb, var(--_accent) 18%, transparent);
    color: var(--_accent);
    accent-color: var(--_accent);
  }
  .file-progress::-webkit-progress-bar {
    background: none;
  }
  .file-progress::-webkit-progress-value {
    background: var(--_accent);
  }
  .file-progress::-moz-progress-bar {
    background: var(--_accent);
  }
  .file-progress:indeterminate::-moz-progress-bar {
    inline-size: 40%;
  }
  .file-errors {
    flex: 1 0 100%;
    margin: 0;
    padding: 0.35em 0.6em 0.1em;
    color: var(--_danger);
    font-size: 0.875em;
    line-height: 1.45;
    overflow-wrap: anywhere;
  }
  .file-errors p {
    margin: 0;
  }

  /* A sent message: pictures, then files, then its bubble. */
  .sent {
    display: grid;
    justify-items: end;
    gap: 0.5em;
    max-inline-size: 100%;
  }
  .sent:not(:last-child) {
    margin-block-end: 0.5em;
  }
  .sent .files {
    justify-content: flex-end;
  }
  .sent .file {
    inline-size: auto;
    max-inline-size: min(100%, 22em);
    padding-inline-end: 0.9em;
    background: var(--_surface);
  }
  .pictures {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 0.5em;
  }
  .pictures .picture {
    display: block;
    max-inline-size: 100%;
    max-block-size: 16em;
    margin: 0;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
  }
  .pictures .picture:not(:only-child) {
    inline-size: 8em;
    block-size: 8em;
    object-fit: cover;
  }
  .picture-blocked {
    padding: 0.5em 0.9em;
    border-color: var(--_border);
    border-radius: calc(var(--_radius) * 0.75);
    white-space: normal;
    text-align: start;
  }
  .picture-blocked b {
    color: var(--_accent);
    font-weight: 600;
  }
  .picture-gone {
    padding: 0.5em 0.9em;
    border: 1px dashed var(--_outline);
    border-radius: calc(var(--_radius) * 0.75);
    color: var(--_muted);
    font-size: 0.875em;
  }

  .drop-zone {
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 0.75em;
    position: absolute;
    z-index: 2;
    inset: 0.625em;
    border: 2px dashed var(--_accent);
    border-radius: var(--_radius);
    background: color-mix(in srgb, var(--_background) 94%, transparent);
    color: var(--_text);
    font-weight: 500;
    pointer-events: none;
    backdrop-filter: blur(6px);
  }
  .drop-zone .icon {
    inline-size: 3em;
    block-size: 3em;
    padding: 0.7em;
    border-radius: var(--_pill);
    box-sizing: border-box;
    background: color-mix(in srgb, var(--_accent) 14%, transparent);
    color: var(--_accent);
  }
  @media (prefers-reduced-motion: no-preference) {
    .drop-zone {
      animation: drop-zone 0.12s ease-out;
    }
    .file-progress:indeterminate {
      animation: waiting 1.4s ease-in-out infinite;
    }
  }
  @keyframes drop-zone {
    from {
      opacity: 0;
    }
  }
  @keyframes waiting {
    50% {
      opacity: 0.35;
    }
  }
  @media (forced-colors: active) {
    .file-mark {
      border: 1px solid;
    }
    .file-progress::-webkit-progress-value {
      background: Highlight;
      forced-color-adjust: none;
    }
  }
`;
