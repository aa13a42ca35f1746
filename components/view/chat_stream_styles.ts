/**
 * The styles of the element. Public custom properties are `--chat-stream-*`. Those that start with `--_` are internal:
 * each takes the value of its public one, or a default for light and dark.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles of the element. */
export const chatStreamStyles: CSSResult = css`
  :host {
    --_background: var(--chat-stream-background, light-dark(#fcfbf8, #15181a));
    --_surface: var(--chat-stream-surface, light-dark(#fff, #1d2124));
    --_text: var(--chat-stream-text, light-dark(#1e211f, #e9e8e3));
    --_muted: var(--chat-stream-muted, light-dark(#63665f, #a2a49d));
    --_border: var(--chat-stream-border, light-dark(#e5e2d9, #2f3538));
    --_outline: var(--chat-stream-outline, light-dark(#8b8c84, #767b7c));
    --_bubble: var(--chat-stream-bubble, light-dark(#e9efe9, #263230));
    --_accent: var(--chat-stream-accent, light-dark(#0c6b58, #63d2b4));
    --_on-accent: var(--chat-stream-on-accent, light-dark(#fff, #06231c));
    --_danger: var(--chat-stream-danger, light-dark(#9c2f1a, #ffb3a1));
    --_danger-surface: var(--chat-stream-danger-surface, light-dark(#fcefeb, #37211c));
    --_radius: var(--chat-stream-radius, 1.125em);
    --_pill: calc(var(--_radius) * 1.6);
    --_measure: var(--chat-stream-measure, 44em);
    --_font: var(--chat-stream-font, "Inter Variable", Inter, system-ui, sans-serif);
    --_font-mono: var(--chat-stream-font-mono, ui-monospace, "Cascadia Code", Menlo, Consolas, monospace);
    /* The page places the element: display, size, margin, position. What would shift its inside is kept from the page's
      rules, of which even * {} wins over :host, by !important. */
    display: block;
    block-size: var(--chat-stream-height, min(40em, 85dvh));
    min-inline-size: 0;
    padding: 0 !important;
    border: 0 !important;
    background: none !important;
    font: 400 var(--chat-stream-font-size, medium) / 1.6 var(--_font) !important;
    text-indent: 0 !important;
    white-space: normal !important;
  }
  :host::before,
  :host::after {
    content: none !important;
  }
  :host([mode="page"]) {
    block-size: var(--chat-stream-height, 100dvh);
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  /* The visible box. Only direction, visibility and pointer-events are inherited from the page. An underline of an
    ancestor goes through every box but an inline block. */
  .panel {
    all: initial;
    visibility: inherit;
    pointer-events: inherit;
    display: inline-block;
    box-sizing: border-box;
    inline-size: 100%;
    block-size: 100%;
    vertical-align: top;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    overflow: hidden;
    contain: layout style;
    color-scheme: light dark;
    background: var(--_background);
    color: var(--_text);
    font: inherit;
    user-select: text;
    -webkit-user-select: text;
    -webkit-text-size-adjust: 100%;
    text-size-adjust: 100%;
  }
  :host([theme="light"]) .panel {
    color-scheme: light;
  }
  :host([theme="dark"]) .panel {
    color-scheme: dark;
  }
  :host([mode="page"]) .panel {
    border: 0;
    border-radius: 0;
  }
  ::selection {
    background: color-mix(in srgb, var(--_accent) 30%, transparent);
    color: currentColor;
  }

  .chat {
    display: grid;
    grid-template-rows: auto minmax(0, 1fr) auto;
    grid-template-columns: minmax(0, 1fr);
    position: relative;
    block-size: 100%;
    container-type: inline-size;
    /* The intrinsic width, for a parent such as a dialog that asks for it. */
    contain-intrinsic-inline-size: 24em;
    background: var(--_background);
  }

  .hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    /* After a chat that fills the window, it does not make the page scroll. */
    margin: -0.1em;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .icon {
    flex: none;
    inline-size: 1.25em;
    block-size: 1.25em;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  /* Controls */
  button {
    font: inherit;
    color: inherit;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  .plain {
    display: inline-flex;
    align-items: center;
    gap: 0.4em;
    min-block-size: 2.6em;
    padding: 0.3em 0.8em;
    border: 1px solid transparent;
    border-radius: var(--_pill);
    background: none;
    color: var(--_muted);
    font-size: 0.875em;
    font-weight: 500;
    white-space: nowrap;
  }
  .plain:hover {
    background: color-mix(in srgb, var(--_text) 7%, transparent);
    color: var(--_text);
  }
  .primary {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 2.5em;
    block-size: 2.5em;
    padding: 0;
    border: 0;
    border-radius: var(--_pill);
    background: var(--_accent);
    color: var(--_on-accent);
  }
  .primary:hover {
    background: color-mix(in srgb, var(--_accent) 86%, var(--_text));
  }
  .primary:active {
    transform: scale(0.94);
  }
  .primary[aria-disabled="true"] {
    background: color-mix(in srgb, var(--_text) 9%, transparent);
    color: var(--_muted);
    cursor: default;
    transform: none;
  }

  /* Header */
  .header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 0.75em;
    min-block-size: 3.5em;
    padding-block: 0.5em;
    padding-inline: 1.125em 0.625em;
    border-block-end: 1px solid var(--_border);
  }
  .title {
    display: inline-flex;
    align-items: center;
    gap: 0.55em;
    min-inline-size: 0;
    font-weight: 620;
    letter-spacing: -0.011em;
  }
  .title > span,
  .empty p,
  .starter {
    unicode-bidi: plaintext;
  }
  .title > span {
    overflow: hidden;
    white-space: nowrap;
    text-overflow: ellipsis;
  }
  .title .icon {
    color: var(--_accent);
    stroke-width: 2.25;
  }

  @container (inline-size < 24em) {
    .header .label {
      display: none;
    }
  }
  .header-buttons {
    display: flex;
    flex: 1 0 auto;
    align-items: center;
    justify-content: flex-end;
    gap: 0.125em;
  }
  .header-buttons > * {
    flex: none;
  }
  .header-buttons > .plain,
  .menu > .plain {
    min-inline-size: 2.6em;
    justify-content: center;
  }
  .header > slot {
    display: flex;
    align-items: center;
    min-inline-size: 0;
  }
  /* Conversation */
  .log {
    overflow-x: hidden;
    overflow-anchor: none;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: color-mix(in srgb, var(--_text) 22%, transparent) transparent;
    padding: 1.5em max(1.125em, (100% - var(--_measure)) / 2) 1em;
  }
  .messages {
    display: flex;
    flex-direction: column;
    gap: 1.5em;
    min-block-size: 100%;
  }
  .log:focus-visible {
    outline-offset: -3px;
  }
  .empty {
    display: grid;
    justify-items: center;
    align-content: center;
    gap: 1em;
    flex: 1;
    text-align: center;
    text-wrap: balance;
  }
  .empty p {
    margin: 0;
    font-size: clamp(1.375em, 1.1em + 1.4cqi, 1.875em);
    font-weight: 600;
    line-height: 1.25;
    letter-spacing: -0.022em;
  }
  .empty .icon {
    inline-size: 3.25em;
    block-size: 3.25em;
    padding: 0.7em;
    border-radius: var(--_radius);
    background: var(--_bubble);
    color: var(--_accent);
    stroke-width: 2.25;
  }

  .starters {
    display: flex;
    flex-wrap: wrap;
    justify-content: center;
    gap: 0.5em;
    max-inline-size: 34em;
    margin-block-start: 0.5em;
  }
  .starter {
    padding: 0.55em 1.05em;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_surface);
    font-size: 0.9375em;
    line-height: 1.45;
  }
  .starter:hover {
    border-color: var(--_accent);
    color: var(--_accent);
  }

  article {
    min-inline-size: 0;
  }
  .question {
    display: flex;
    flex-direction: column;
    align-items: flex-end;
    padding-inline-start: 12%;
  }
  .bubble {
    min-inline-size: 0;
    padding: 0.55em 1em;
    border-radius: calc(var(--_radius) * 1.1);
    border-end-end-radius: calc(var(--_radius) * 0.25);
    background: var(--_bubble);
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .content {
    overflow-wrap: anywhere;
  }
  .content > :first-child {
    margin-block-start: 0;
  }
  .content > :last-child {
    margin-block-end: 0;
  }
  /* The animated mark while an answer has no text yet */
  .typing {
    display: flex;
    align-items: center;
    gap: 0.3em;
    block-size: 1.6em;
  }
  /* In place of the closed reasoning, above the text. */
  .typing:has(+ * .segment) {
    margin-block-end: 0.697em;
  }
  .typing i {
    inline-size: 0.45em;
    block-size: 0.45em;
    border-radius: var(--_radius);
    background: var(--_accent);
    opacity: 0.35;
  }

  @media (prefers-reduced-motion: no-preference) {
    .primary {
      transition: background-color 0.15s, color 0.15s, transform 0.15s;
    }
    .typing i {
      animation: stream 1.2s ease-in-out infinite;
    }
    .typing i:nth-child(2) {
      animation-delay: 0.15s;
    }
    .typing i:nth-child(3) {
      animation-delay: 0.3s;
    }
  }
  @keyframes stream {
    40% {
      opacity: 1;
      translate: 0 -0.2em;
    }
    80% {
      opacity: 0.35;
      translate: 0 0;
    }
  }
  /* Fingers reach 44 pixels of each button. */
  @media (pointer: coarse) {
    :is(.plain, .small, .primary, .starter, .code-button) {
      position: relative;
    }
    :is(.plain, .small, .primary, .starter, .code-button)::after {
      content: "";
      position: absolute;
      inset-inline: 0;
      inset-block: min(0px, (100% - 44px) / 2);
    }
    @container (inline-size >= 24em) {
      :is(.header-buttons, .menu) > .plain {
        min-inline-size: 3.15em;
      }
    }
  }
  @media (forced-colors: active) {
    .primary,
    .bubble,
    .failure {
      border: 1px solid;
    }
    .composer:has(textarea:focus) {
      outline: 2px solid Highlight;
    }
    .typing i {
      background: CanvasText;
    }
  }
`;
