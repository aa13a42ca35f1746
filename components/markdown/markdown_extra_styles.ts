/**
 * The styles of the lazily loaded parts of Markdown: code, tables, images, footnotes and sources.
 * @module
 */
import { css } from "lit";

/** The styles that come with `markdown_extras.ts`. */
export const markdownExtraStyles: CSSStyleSheet | undefined = css`
  /* The browser remembers the height of a segment from before it is settled. */
  .segment {
    contain-intrinsic-block-size: auto 60em;
  }
  /* The margin is for the focus rings of blocks, which would be cut. */
  .settled {
    content-visibility: auto;
    overflow-clip-margin: 1em;
  }
  .markdown .code {
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 0.6);
    background: var(--_code-surface);
    overflow: hidden;
  }
  .code-head {
    display: flex;
    align-items: center;
    min-block-size: 2.75em;
    padding-inline: 1.1em 0.4em;
    border-block-end: 1px solid var(--_border);
    color: var(--_muted);
    font-size: 0.8125em;
  }
  .markdown :is(pre, .table):focus-visible {
    outline-offset: -2px;
  }

  /* Copied text has none of this. */
  .code-head,
  .mark,
  .note-back {
    -webkit-user-select: none;
    user-select: none;
  }
  .code-language {
    flex: 1;
    min-inline-size: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .code-button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    flex: none;
    min-inline-size: 2.15em;
    min-block-size: 2.15em;
    padding: 0;
    border: 0;
    border-radius: var(--_pill);
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  .code-button:hover {
    background: color-mix(in srgb, var(--_text) 8%, transparent);
    color: var(--_text);
  }
  .code-button svg {
    inline-size: 1.4em;
    block-size: 1.4em;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .code-button[aria-pressed="true"] {
    background: color-mix(in srgb, var(--_accent) 14%, transparent);
    color: var(--_accent);
  }
  .code:not([data-wide], [data-wrapped]) .code-wrap {
    display: none;
  }
  @media screen {
    .code:not([data-wrapped]) code {
      display: block;
      inline-size: max-content;
      min-inline-size: 100%;
    }
  }
  .markdown .code[data-wrapped] pre {
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }
  .code-copy {
    padding-inline: 0.75em;
  }
  .code-copy[data-copied] > :first-child,
  .code-copy:not([data-copied]) > :last-child {
    display: none;
  }

  .mark {
    font-size: 0.7em;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    line-height: 0;
    vertical-align: 0.5em;
    white-space: nowrap;
  }
  .mark > * {
    margin-inline-start: 0.1em;
    padding: 0.1em 0.2em;
    border-radius: var(--_pill);
  }
  /* Not a box: a line could break before one, and a mark stands at its word. */
  .mark.source > * {
    padding: 0.1em 0.45em;
    background: var(--_code-surface);
  }
  .markdown .mark a {
    color: var(--_accent);
    text-decoration: none;
  }
  .markdown .mark a:hover {
    background: color-mix(in srgb, var(--_accent) 16%, transparent);
  }

  .markdown .notes-end {
    padding-block-start: 0.85em;
    border-block-start: 1px solid var(--_border);
    color: var(--_muted);
    font-size: 0.875em;
  }
  /* A note may have another direction than the list: the room for its number is its own. */
  .markdown .notes-end > ol {
    padding: 0;
  }
  .markdown .notes-end > ol > li {
    margin-inline-start: 1.6em;
  }
  .markdown .notes-end li:focus {
    outline: 0;
    color: var(--_text);
  }
  .markdown .note-back {
    display: inline-block;
    padding: 0.2em 0.35em;
    border-radius: calc(var(--_radius) * 0.3);
    line-height: 1;
    vertical-align: -0.48em;
  }
  .note-back svg {
    display: block;
    inline-size: 1.1em;
    block-size: 1.1em;
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .note-back:dir(rtl) svg {
    scale: -1 1;
  }

  .markdown .sources {
    margin-block-start: 1.1em;
    font-size: 0.875em;
  }
  .sources-title {
    margin-block-end: 0.1em;
    color: var(--_muted);
    font-weight: 600;
  }
  .sources summary {
    inline-size: fit-content;
    padding-block: 0.2em;
    border-radius: calc(var(--_radius) * 0.3);
    cursor: pointer;
  }
  .sources-count {
    font-weight: 400;
    font-variant-numeric: tabular-nums;
  }
  .markdown .sources ol {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    margin-block-start: 0.15em;
    padding: 0;
    list-style: none;
    counter-reset: source;
  }
  .markdown .sources li {
    counter-increment: source;
    margin: 0;
  }
  .sources li > * {
    display: flex;
    align-items: baseline;
    gap: 0.55em;
    margin-inline: -0.5em;
    padding: 0.35em 0.5em;
    border-radius: calc(var(--_radius) * 0.5);
  }
  .sources li > *::before {
    content: counter(source);
    flex: none;
    min-inline-size: 1.6em;
    border-radius: var(--_pill);
    background: var(--_code-surface);
    color: var(--_muted);
    font-size: 0.85em;
    font-variant-numeric: tabular-nums;
    text-align: center;
  }
  .markdown .sources a {
    color: var(--_text);
    text-decoration: none;
  }
  .markdown .sources a:hover {
    background: color-mix(in srgb, var(--_text) 5%, transparent);
  }
  .sources a:hover .source-title {
    text-decoration: underline;
    text-underline-offset: 0.18em;
  }
  .source-text {
    display: flex;
    flex: 1;
    flex-wrap: wrap;
    column-gap: 0.55em;
    min-inline-size: 0;
  }
  .source-title {
    max-inline-size: 100%;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .source-host {
    max-inline-size: 100%;
    overflow: hidden;
    color: var(--_muted);
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .markdown .table {
    overflow-x: auto;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 0.6);
  }
  .markdown table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: 0.9375em;
    line-height: 1.5;
    overflow-wrap: break-word;
  }
  .markdown td a {
    overflow-wrap: anywhere;
  }
  .markdown :is(th, td) {
    padding: 0.5em 0.9em;
    vertical-align: top;
  }
  .markdown :is(th, td):not([align]) {
    text-align: start;
  }
  .markdown :is(th, td) > div {
    min-inline-size: 4.5em;
    max-inline-size: 40em;
  }
  .markdown .table .long {
    min-inline-size: 11em;
  }
  /* Not below each row but the last: such a rule would make the browser style whole blocks again. */
  .markdown td {
    border-block-start: 1px solid var(--_border);
  }
  .markdown th {
    background: var(--_code-surface);
    font-weight: 600;
  }

  /* What scrolls sideways fades where it is cut. */
  @supports (animation-timeline: scroll()) {
    .markdown :where([data-wide] pre, [data-wide].table):not(:focus-visible) {
      animation: fade-cut linear both;
      animation-timeline: scroll(self inline);
    }
    .markdown .table:dir(rtl) {
      animation-direction: reverse;
    }
  }
  @supports not (animation-timeline: scroll()) {
    /* A shade at each side, which the end of the content covers. */
    .markdown :is(pre, .table) {
      --_under: var(--_background);
      --_cover: var(--_under) 0.9em, transparent;
      --_shade: color-mix(in srgb, var(--_text) 18%, transparent), transparent;
      background:
        linear-gradient(to right, var(--_cover)) left / 2.5em 100% no-repeat local,
        linear-gradient(to left, var(--_cover)) right / 2.5em 100% no-repeat local,
        linear-gradient(to right, var(--_shade)) left / 0.75em 100% no-repeat,
        linear-gradient(to left, var(--_shade)) right / 0.75em 100% no-repeat;
      scrollbar-color: color-mix(in srgb, var(--_text) 22%, transparent) var(--_under);
    }
    .markdown .code pre {
      --_under: var(--_code-surface);
    }
  }
  @keyframes fade-cut {
    from {
      mask: linear-gradient(to right, transparent, #000 2.5em calc(100% - 2.5em), transparent) -2.5em 0 / calc(100% +
        2.5em) 100% no-repeat;
    }
    to {
      mask: linear-gradient(to right, transparent, #000 2.5em calc(100% - 2.5em), transparent) 0 0 / calc(100% + 2.5em)
        100% no-repeat;
    }
  }

  .image-blocked {
    display: inline-flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.3em 0.7em;
    padding: 0.45em 0.8em;
    border: 1px dashed var(--_outline);
    border-radius: calc(var(--_radius) * 0.5);
    color: var(--_muted);
    font-size: 0.875em;
  }
  .image-alt {
    color: var(--_text);
  }
  .image-alt:empty {
    display: none;
  }
  .image-blocked button {
    min-block-size: 2em;
    padding: 0.1em 0.8em;
    border: 1px solid var(--_outline);
    border-radius: var(--_pill);
    background: none;
    color: var(--_text);
    font: inherit;
    cursor: pointer;
  }
  .image-blocked button:hover {
    background: color-mix(in srgb, var(--_text) 7%, transparent);
  }

  @media print {
    .markdown pre {
      white-space: pre-wrap;
    }
    .markdown :is(pre, .table) {
      animation: none;
    }
    .code-head button,
    .image-blocked button {
      display: none;
    }
    .markdown .mark a::after,
    .markdown .note-back {
      content: none;
      display: revert;
    }
    .sources details::details-content {
      content-visibility: visible;
    }
  }

  @media screen and (forced-colors: none) {
    ::highlight(chat-stream-keyword) {
      color: var(--chat-stream-code-keyword, light-dark(#8a2a6b, #f0a3d0));
    }
    ::highlight(chat-stream-string) {
      color: var(--chat-stream-code-string, light-dark(#0b6450, #7fd6b5));
    }
    ::highlight(chat-stream-number) {
      color: var(--chat-stream-code-number, light-dark(#9a4a08, #f2b183));
    }
    ::highlight(chat-stream-comment) {
      color: var(--chat-stream-code-comment, light-dark(#63675f, #9ba095));
    }
    ::highlight(chat-stream-title) {
      color: var(--chat-stream-code-title, light-dark(#1c57a5, #8fc1ff));
    }
  }
`.styleSheet;
