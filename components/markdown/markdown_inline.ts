/**
 * Inline Markdown (text, emphasis, code, links and images) as Lit templates: text nodes and a handful of elements.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { PENDING_URL } from "./markdown_heal.ts";
import { type Inline, type Inlines, plainText } from "./markdown_nodes.ts";
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
  readonly isInLink: boolean;
  /** Called when the text has to be rendered again without having changed. */
  onChange(): void;
}

type Address = Extract<Inline, { readonly url: string }>;

/** Inline nodes as text nodes and elements. */
export function renderInline(content: Inlines, context: InlineContext): readonly unknown[] {
  return content.map((inline) => typeof inline === "string" ? renderText(inline) : renderSpan(inline, context));
}

/** Very long text gets places to break at: Chromium lays out one long run of mixed glyphs in quadratic time. */
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
  // One template for all: a link whose address arrives stays the same element.
  // deno-fmt-ignore: white space around an inline element would show
  return html`<a href=${target.href} title=${title || nothing} data-host=${shownHost(target.host, content)}
    rel="noopener noreferrer nofollow ugc" target=${target.host === undefined ? nothing : "_blank"}>${inner}</a>`;
}

/** Read each time: a page may change its base, or move by its history. */
function pageAddress(): PageAddress {
  return { base: document.baseURI, origin: location.origin };
}

/** The host of an off-site link, where its text does not begin with it anyway. */
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
  if (blockedHost === undefined || context.agreed.has(src)) {
    // deno-fmt-ignore: white space around an inline element would show
    return html`<img src=${src} alt=${alt} title=${title || nothing}
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
