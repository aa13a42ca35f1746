/**
 * Renders inline Markdown (text, emphasis, code, links, images) as Lit templates.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { PENDING_URL } from "./markdown_heal.ts";
import { type Inline, type Inlines, plainText } from "./markdown_nodes.ts";
import { growingText } from "./markdown_text.ts";
import { imageSource, linkTarget, type PageAddress } from "./markdown_url.ts";

/** The strings of rendered Markdown. */
export interface MarkdownStrings {
  /** The label of a code block without a language. */
  readonly code: string;
  /** The button that copies code, before and after. */
  readonly copy: string;
  readonly copied: string;
  /** The label of a table, which may scroll. */
  readonly table: string;
  /** The two states of a task in a list. */
  readonly taskDone: string;
  readonly taskOpen: string;
  /** Replaces an image that was not loaded. `{host}` is the host of its URL. */
  readonly imageBlocked: string;
  readonly loadImage: string;
}

/** What the templates need besides their nodes. */
export interface InlineContext {
  /** The origins whose images load without asking. */
  readonly imageOrigins: readonly string[];
  readonly strings: MarkdownStrings;
  /** The URLs of the images that the visitor has allowed. */
  readonly allowed: Set<string>;
  readonly isInLink: boolean;
  /** Called when unchanged text must be rendered again. */
  onChange(): void;
}

type Address = Extract<Inline, { readonly url: string }>;

/** Renders inline nodes as text nodes and elements. */
export function renderInline(content: Inlines, context: InlineContext): readonly unknown[] {
  return content.map((inline) => typeof inline === "string" ? renderText(inline) : renderSpan(inline, context));
}

/** Very long text gets break opportunities: Chromium lays out a long run of mixed glyphs in quadratic time. */
function renderText(text: string): unknown {
  if (text.length <= 4096) return growingText(text);
  return text.match(/[^]{1,4096}/g)?.map((run) => html`${growingText(run)}<wbr>`);
}

function renderSpan(span: Exclude<Inline, string>, context: InlineContext): unknown {
  switch (span.type) {
    case "strong":
      return html`<strong>${renderInline(span.content, context)}</strong>`;
    case "em":
      return html`<em>${renderInline(span.content, context)}</em>`;
    case "del":
      return html`<del>${renderInline(span.content, context)}</del>`;
    case "code":
      return html`<code>${growingText(span.text)}</code>`;
    case "break":
      return html`<br>`;
    case "link":
      return renderLink(span, context);
    case "image":
      return renderImage(span, context);
    default:
      return span satisfies never;
  }
}

function renderLink({ url, title, content }: Address, context: InlineContext): unknown {
  const inner = renderInline(content, { ...context, isInLink: true });
  const target = url === PENDING_URL ? { href: nothing, host: undefined } : linkTarget(url, pageAddress());
  if (target === undefined) return inner;
  // One template for all states: a link stays the same element when its URL arrives.
  // deno-fmt-ignore: white space around an inline element would be visible
  return html`<a href=${target.href} title=${title || nothing} data-host=${shownHost(target.host, content)}
    rel="noopener noreferrer nofollow ugc" target=${target.host === undefined ? nothing : "_blank"}>${inner}</a>`;
}

/** Read for each link: a page may change its base or its URL. */
function pageAddress(): PageAddress {
  return { base: document.baseURI, origin: location.origin };
}

/** Returns the host of an off-site link, unless the link's text already starts with it. */
function shownHost(host: string | undefined, [text]: Inlines): string | typeof nothing {
  if (typeof text !== "string") return host ?? nothing;
  const isShown = host === undefined || text.replace(/^https?:\/\//i, "").split(/[/?#]/, 1)[0]?.toLowerCase() === host;
  return isShown ? nothing : host;
}

function renderImage({ url, title, content }: Address, context: InlineContext): unknown {
  const alt = plainText(content);
  const source = imageSource(url, pageAddress(), context.imageOrigins);
  if (source === undefined) return growingText(alt);
  const { src, blockedHost } = source;
  if (blockedHost === undefined || context.allowed.has(src)) {
    // `src` comes last: an earlier one would start a request without the policies.
    // deno-fmt-ignore: white space around an inline element would be visible
    return html`<img crossorigin="anonymous" referrerpolicy="no-referrer" loading="lazy" decoding="async"
      alt=${alt} title=${title || nothing} src=${src}>`;
  }
  const load = () => {
    context.allowed.add(src);
    context.onChange();
  };
  // A link must not contain a button.
  const button = context.isInLink
    ? nothing
    : html`<button type="button" @click=${load}>${context.strings.loadImage}</button>`;
  const note = context.strings.imageBlocked.replace("{host}", () => blockedHost);
  // deno-fmt-ignore: white space around an inline element would be visible
  return html`<span class="image-blocked"><span class="image-alt">${alt}</span> <span>${note}</span> ${button}</span>`;
}

/** Renders the checkbox of a task, which is read only. */
export function renderCheckbox(isDone: boolean, { strings }: InlineContext): TemplateResult {
  // deno-fmt-ignore: white space around an inline element would be visible
  return html`<input type="checkbox" disabled ?checked=${isDone} aria-label=${isDone ? strings.taskDone : strings.taskOpen}> `;
}
