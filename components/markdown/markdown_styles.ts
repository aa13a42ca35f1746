/**
 * The styles of rendered Markdown. Colours come from the `--_*` properties of the element; those of highlighted code
 * are public properties of their own: `--chat-stream-code-*`.
 * @module
 */
import { css, type CSSResult } from "lit";

/** The styles of rendered Markdown, for the shadow root around it. */
export const markdownStyles: CSSResult = css`
  .markdown {
    --_code-surface: var(--chat-stream-code-surface, color-mix(in srgb, var(--_text) 5%, var(--_surface)));
    min-inline-size: 0;
    overflow-wrap: break-word;
  }
  /* Layout containment isolates the blocks, of which an answer may have a thousand. No style containment: with it,
    Firefox counts every list from 1. */
  .markdown > * {
    margin-block: 0;
    contain: layout;
  }
  .markdown :where(p, ul, ol, blockquote) {
    margin-block: 0;
  }
  .markdown > * + * {
    margin-block-start: 0.85em;
  }
  .markdown :is(li, blockquote) > * + * {
    margin-block-start: 0.5em;
  }

  /* Headings stay small, as a message is a small page. */
  .markdown :is(h2, h3, h4, h5, h6) {
    margin-block: 1.35em 0;
    font-size: 1.05em;
    font-weight: 650;
    line-height: 1.35;
    text-wrap: balance;
  }
  .markdown h2 {
    font-size: 1.3em;
  }
  .markdown h3 {
    font-size: 1.15em;
  }
  .markdown :is(h5, h6) {
    font-size: 1em;
  }
  .markdown > :first-child {
    margin-block-start: 0;
  }
  .markdown > :is(h2, h3, h4, h5, h6) + :not(h2, h3, h4, h5, h6) {
    margin-block-start: 0.5em;
  }

  .markdown :is(ul, ol) {
    padding-inline-start: 1.6em;
  }
  .markdown li + li {
    margin-block-start: 0.3em;
  }
  .markdown li :is(ul, ol) {
    margin-block-start: 0.3em;
  }
  .markdown li::marker {
    color: var(--_muted);
  }
  .markdown .task {
    list-style: none;
  }
  .markdown .task input {
    margin-block: 0;
    margin-inline: -1.45em 0.3em;
    accent-color: var(--_accent);
    vertical-align: -0.08em;
  }

  .markdown blockquote {
    margin-inline: 0;
    padding-inline-start: 1em;
    border-inline-start: 3px solid var(--_border);
    color: var(--_muted);
  }
  .markdown hr {
    block-size: 0;
    margin-block: 1.5em;
    border: 0;
    border-block-start: 1px solid var(--_border);
  }
  .markdown strong {
    font-weight: 650;
  }
  .markdown del {
    color: var(--_muted);
  }
  .markdown .html {
    white-space: pre-wrap;
  }

  .markdown a {
    color: inherit;
  }
  .markdown a[href] {
    color: var(--_accent);
    text-decoration-thickness: 1px;
    text-underline-offset: 0.18em;
  }
  .markdown a[href]:hover {
    text-decoration-thickness: 2px;
  }
  /* The host of an off-site link. Not a text node, so that it is not copied. */
  .markdown a[data-host]::after {
    content: "(" attr(data-host) ")";
    display: inline-block;
    margin-inline-start: 0.3em;
    color: var(--_muted);
    font-size: 0.85em;
    text-decoration: none;
  }

  .markdown :is(code, pre) {
    font-family: var(--_font-mono);
    font-size: 0.875em;
    font-variant-ligatures: none;
  }
  .markdown :not(pre) > code {
    padding: 0.15em 0.35em;
    border-radius: calc(var(--_radius) * 0.3);
    background: var(--_code-surface);
    -webkit-box-decoration-break: clone;
    box-decoration-break: clone;
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
    justify-content: space-between;
    gap: 1em;
    min-block-size: 2.75em;
    padding-inline: 1.1em 0.4em;
    border-block-end: 1px solid var(--_border);
    color: var(--_muted);
    font-size: 0.8125em;
  }
  .code-copy {
    min-block-size: 2.15em;
    padding: 0.2em 0.75em;
    border: 0;
    border-radius: var(--_pill);
    background: none;
    color: inherit;
    font: inherit;
    cursor: pointer;
  }
  .code-copy:hover {
    background: color-mix(in srgb, var(--_text) 8%, transparent);
    color: var(--_text);
  }
  .code-copy[data-copied] > :first-child,
  .code-copy:not([data-copied]) > :last-child {
    display: none;
  }
  .markdown pre {
    margin: 0;
    padding: 0.9em 1.05em;
    overflow-x: auto;
    line-height: 1.55;
    tab-size: 4;
    white-space: pre;
  }
  .markdown pre code {
    font-size: inherit;
  }
  .markdown :is(pre, .table):focus-visible {
    outline-offset: -2px;
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
  }
  .markdown :is(th, td) {
    padding: 0.5em 0.9em;
    border-block-end: 1px solid var(--_border);
    vertical-align: top;
  }
  .markdown :is(th, td):not([align]) {
    text-align: start;
  }
  .markdown tbody tr:last-child > * {
    border-block-end: 0;
  }
  .markdown th {
    background: var(--_code-surface);
    font-weight: 600;
    white-space: nowrap;
  }

  .markdown img {
    max-inline-size: 100%;
    block-size: auto;
    border-radius: calc(var(--_radius) * 0.5);
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
    .code-copy,
    .image-blocked button {
      display: none;
    }
    .markdown pre {
      white-space: pre-wrap;
    }
    .markdown a[href]::after {
      content: " (" attr(href) ")";
      overflow-wrap: anywhere;
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
`;
