/**
 * The styles of the launcher's panel and of the count of unread answers. All sizes follow the font size of the element.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles that come with the panel. Its breakpoint is that of `launcher_panel.ts`. */
export const launcherStyles: CSSResult = css`
  .launcher {
    position: relative;
  }
  :host(:not([mode="launcher"])) :is(.launcher, .note) {
    display: none;
  }
  .launcher > slot,
  .launcher > .cross {
    display: grid;
    grid-area: 1 / 1;
  }
  .launcher[aria-expanded="true"] > slot,
  .launcher[aria-expanded="false"] > .cross {
    opacity: 0;
    scale: 0.4;
    rotate: 60deg;
  }
  .badge {
    position: absolute;
    inset-block-start: -0.4em;
    inset-inline-end: -0.4em;
    min-inline-size: 1.75em;
    padding: 0 0.4em;
    border: 2px solid var(--_background);
    border-radius: var(--_pill);
    background: light-dark(#b3261e, #ffb3a1);
    color: light-dark(#ffffff, #3a0e06);
    font: 650 0.75em/1.5 var(--_font);
    text-align: center;
  }
  .badge:empty {
    display: none;
  }
  dialog.panel {
    display: none;
    position: fixed;
    inset: auto;
    inset-block-end: calc(max(1.25em, env(safe-area-inset-bottom)) + 4.25em);
    inset-inline-end: max(1.25em, env(safe-area-inset-right));
    inline-size: var(--chat-stream-width, 25em);
    max-inline-size: calc(100vw - 2.5em);
    block-size: var(--chat-stream-height, 40em);
    max-block-size: calc(100dvh - 6.75em);
    margin: 0;
    padding: 0;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    overflow: hidden;
    background: var(--_background);
    color: var(--_text);
    box-shadow: 0 2px 6px rgb(0 0 0 / 8%), 0 24px 64px -16px rgb(0 0 0 / 30%);
    opacity: 0;
    scale: 0.92;
    /* The corner of the button. */
    transform-origin: calc(100% - 1.75em) calc(100% + 2.5em);
  }
  dialog.panel:dir(rtl) {
    transform-origin: 1.75em calc(100% + 2.5em);
  }
  dialog.panel:is(:popover-open, [open], [data-closing]) {
    display: block;
  }
  dialog.panel:is(:popover-open, [open]) {
    opacity: 1;
    scale: 1;
  }
  dialog.panel:focus-visible {
    outline: 0;
  }
  dialog.panel::backdrop {
    background: none;
  }
  dialog.panel.wide {
    inline-size: max(var(--chat-stream-width, 25em), 52em);
    block-size: 100dvh;
  }
  @container (inline-size < 30em) {
    .header-buttons:has(.enlarge) .label {
      display: none;
    }
  }
  @media (prefers-reduced-motion: no-preference) {
    .launcher > slot,
    .launcher > .cross {
      transition: opacity 0.18s, scale 0.18s, rotate 0.18s;
    }
    dialog.panel {
      transition: opacity 0.18s ease-out, scale 0.18s cubic-bezier(0.2, 0.8, 0.3, 1),
        overlay 0.18s allow-discrete;
    }
    @starting-style {
      dialog.panel:is(:popover-open, [open]) {
        opacity: 0;
        scale: 0.92;
      }
    }
  }
  @media (max-width: 30em), (max-height: 28em) {
    dialog.panel,
    dialog.panel.wide {
      /* The part of the window that the virtual keyboard leaves. */
      inset: var(--_window-top, 0) 0 auto;
      inline-size: 100%;
      max-inline-size: none;
      block-size: var(--_window-height, 100dvh);
      max-block-size: none;
      padding: env(safe-area-inset-top) env(safe-area-inset-right) 0 env(safe-area-inset-left);
      border: 0;
      border-radius: 0;
      transform-origin: calc(100% - 3em) calc(100% - 3em);
    }
    .header .enlarge {
      display: none;
    }
  }
`;
