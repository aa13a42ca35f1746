/**
 * Inline Markdown (text, emphasis, code, links and images) as Lit templates: text nodes and a handful of elements.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import type { Token, Tokens } from "marked";
import { decodeEntities } from "./markdown_entities.ts";
import { PENDING_URL } from "./markdown_heal.ts";
import { MAX_DEPTH } from "./markdown_lexer.ts";
import { growingText } from "./markdown_text.ts";
import { imageSource, linkTarget, type PageAddress } from "./markdown_url.ts";

/** The words of rendered Markdown. */
export interface MarkdownStrings {
  /** Names a code block whose language is unknown. */
  readonly code: string;
  /** The button that copies code, and what it says after. */
  readonly copy: string;
  readonly copied: string;
  /** Names a table for those who cannot see that it scrolls. */
  readonly table: string;
  /** The two states of a task in a list. */
  readonly taskDone: string;
  readonly taskOpen: string;
  /** What stands for an image that was not loaded; `{host}` is where it is from. */
  readonly imageBlocked: string;
  readonly loadImage: string;
}

/** What the templates need besides their token. */
export interface InlineContext {
  /** Foreign origins from which images may load unasked. */
  readonly imageOrigins: readonly string[];
  readonly strings: MarkdownStrings;
  /** The images that the visitor has asked for. */
  readonly agreed: Set<string>;
  /** How many elements of Markdown this one is in. */
  readonly depth: number;
  readonly isInLink: boolean;
  /** Called when the text has to be rendered again without having changed. */
  onChange(): void;
}

/** Inline tokens as text nodes and elements. Neighbouring text becomes one node, which can grow. */
export function renderInline(tokens: readonly Token[] | undefined, context: InlineContext): unknown[] {
  const parts: unknown[] = [];
  let text = "";
  const flush = () => {
    if (text !== "") parts.push(renderText(text));
    text = "";
  };
  for (const token of tokens ?? []) {
    const plain = plainText(token, context);
    if (plain !== undefined) {
      text += plain;
      continue;
    }
    flush();
    parts.push(renderSpan(token as Tokens.Generic, { ...context, depth: context.depth + 1 }));
  }
  flush();
  return parts;
}

/** Very long text gets places to break at: Chromium lays out one long run of mixed glyphs in quadratic time. */
function renderText(text: string): unknown {
  if (text.length <= 4096) return growingText(text);
  return text.match(/[^]{1,4096}/g)?.map((run) => html`${growingText(run)}<wbr>`);
}

/** The text of a token that is nothing but text, undefined for others. */
function plainText(token: Token, context: InlineContext): string | undefined {
  if (token.type === "text") return decodeEntities(token.raw).replace(/[ \t]*\n[ \t]*/g, "\n");
  if (token.type === "escape") return (token as Tokens.Escape).text;
  return token.type === "html" || context.depth >= MAX_DEPTH ? token.raw : undefined;
}

function renderSpan(token: Tokens.Generic, context: InlineContext): unknown {
  switch (token.type) {
    case "strong":
      return html`<strong>${renderInline(token.tokens, context)}</strong>`;
    case "em":
      return html`<em>${renderInline(token.tokens, context)}</em>`;
    case "del":
      return html`<del>${renderInline(token.tokens, context)}</del>`;
    case "codespan":
      return html`<code>${growingText(token.text)}</code>`;
    case "br":
      return html`<br>`;
    case "checkbox":
      return renderCheckbox(token.checked, context);
    case "link":
      return renderLink(token, context);
    case "image":
      return renderImage(token, context);
    default:
      return growingText(token.raw);
  }
}

function renderLink({ href, title, tokens }: Tokens.Generic, context: InlineContext): unknown {
  const content = renderInline(tokens, { ...context, isInLink: true });
  const target = href === PENDING_URL ? { href: nothing, host: undefined } : linkTarget(href, pageAddress());
  if (target === undefined) return content;
  // One template for all: a link whose address arrives stays the same element.
  // deno-fmt-ignore: white space around an inline element would show
  return html`<a href=${target.href} title=${title ? decodeEntities(title) : nothing} data-host=${shownHost(target.host, tokens)}
    rel="noopener noreferrer nofollow ugc" target=${target.host === undefined ? nothing : "_blank"}>${content}</a>`;
}

/** Read each time: a page may change its base, or move by its history. */
function pageAddress(): PageAddress {
  return { base: document.baseURI, origin: location.origin };
}

/** The host of an off-site link, where its text does not begin with it anyway. */
function shownHost(host: string | undefined, tokens: readonly Token[] | undefined): string | typeof nothing {
  const text = tokens?.length === 1 && tokens[0]?.type === "text" ? tokens[0].raw : "";
  const isShown = host === undefined || text.replace(/^https?:\/\//i, "").split(/[/?#]/, 1)[0]?.toLowerCase() === host;
  return isShown ? nothing : host;
}

function renderImage({ href, title, text, tokens }: Tokens.Generic, context: InlineContext): unknown {
  const alt = tokens === undefined ? String(text) : textContent(tokens, context);
  const source = imageSource(href, pageAddress(), context.imageOrigins);
  if (source === undefined) return growingText(alt);
  const { src, blockedHost } = source;
  if (blockedHost === undefined || context.agreed.has(src)) {
    // deno-fmt-ignore: white space around an inline element would show
    return html`<img src=${src} alt=${alt} title=${title ? decodeEntities(title) : nothing}
      loading="lazy" decoding="async" referrerpolicy="no-referrer">`;
  }
  const load = () => {
    context.agreed.add(src);
    context.onChange();
  };
  // A button may not stand in a link.
  const button = context.isInLink
    ? nothing
    : html`<button type="button" @click=${load}>${context.strings.loadImage}</button>`;
  const note = context.strings.imageBlocked.replace("{host}", () => blockedHost);
  // deno-fmt-ignore: white space around an inline element would show
  return html`<span class="image-blocked"><span class="image-alt">${alt}</span> <span>${note}</span> ${button}</span>`;
}

/** The box of a task, which shows its state and cannot be changed. */
export function renderCheckbox(isDone: boolean, { strings }: InlineContext): TemplateResult {
  // deno-fmt-ignore: white space around an inline element would show
  return html`<input type="checkbox" disabled ?checked=${isDone} aria-label=${isDone ? strings.taskDone : strings.taskOpen}> `;
}

/** Inline tokens as plain text, for an attribute. */
function textContent(tokens: readonly Token[], context: InlineContext): string {
  return tokens.map((token) =>
    plainText(token, context) ??
      ("tokens" in token && token.tokens
        ? textContent(token.tokens, context)
        : "text" in token
        ? String(token.text)
        : "")
  ).join("");
}
