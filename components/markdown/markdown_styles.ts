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
  .segment > * {
    margin-block: 0;
    contain: layout;
  }
  .segment {
    contain: layout;
  }
  .markdown :where(p, ul, ol, blockquote, pre) {
    margin-block: 0;
  }
  .segment > *,
  .segment + section {
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
  .segment:first-child > :first-child {
    margin-block-start: 0;
  }
  /* A heading is near its text. A rule for what follows it would make the browser style the whole segment again. */
  .segment > :is(h2, h3, h4, h5, h6) {
    margin-block-end: -0.3em;
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
  .markdown pre {
    padding: 0.9em 1.05em;
    overflow-x: auto;
    line-height: 1.55;
    tab-size: 4;
  }
  .markdown pre code {
    font-size: inherit;
  }
  /* Until its buttons are loaded, a block has the size that it will have with them. */
  .markdown pre:not(.code > *) {
    padding-block-start: 3.454em;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 0.6);
    background: var(--_code-surface);
  }
  .segment > pre {
    margin-block-start: 0.971em;
  }

  .markdown img {
    max-inline-size: 100%;
    block-size: auto;
    border-radius: calc(var(--_radius) * 0.5);
  }
  @media print {
    .markdown pre {
      white-space: pre-wrap;
    }
    .markdown a[href]::after {
      content: " (" attr(href) ")";
      overflow-wrap: anywhere;
    }
  }
`;
