/**
 * Renders inline Markdown (text, emphasis, code, links, images) as Lit templates.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import type { Address, InlineContext, MarkdownStrings } from "./markdown_context.ts";
import { PENDING_URL } from "./markdown_heal.ts";
import { EXTRAS, type MarkdownExtras, MATH } from "./markdown_modules.ts";
import { type Inline, type Inlines, plainText } from "./markdown_nodes.ts";
import { growingText } from "./markdown_text.ts";
import { linkTarget, pageAddress } from "./markdown_url.ts";

/** Renders inline nodes as text nodes and elements. */
export function renderInline(content: Inlines, context: InlineContext): readonly unknown[] {
  return content.map((inline) =>
    typeof inline === "string" ? renderText(inline, context) : renderSpan(inline, context)
  );
}

/** Very long text gets break opportunities: Chromium lays out a long run of mixed glyphs in quadratic time. */
function renderText(text: string, { notes, isInLink }: InlineContext): unknown {
  const marked = isInLink ? undefined : notes?.renderText(text);
  if (marked !== undefined) return marked;
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
    case "math":
      return renderMath(span.tex, span.isDisplay, context);
    case "footnote":
      return renderReference(span.label, context);
    case "link":
      return renderLink(span, context);
    case "image":
      return EXTRAS.render(
        (extras) => extras.renderImage(span, { ...context, strings: extraStrings(extras, context.strings) }),
        growingText(plainText(span.content)),
        context.onChange,
      );
    default:
      return span satisfies never;
  }
}

/** A formula stays the same element while its paragraph grows. */
function renderMath(tex: string, isDisplay: boolean, { onChange }: InlineContext): unknown {
  return guard(
    [tex, isDisplay, MATH.module],
    () => MATH.render((math) => math.renderMath(tex, isDisplay), html`<code>${tex}</code>`, onChange),
  );
}

function renderReference(label: string, { notes, onChange }: InlineContext): unknown {
  EXTRAS.need(onChange);
  return notes?.renderReference(label) ?? `[^${label}]`;
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

/** Returns the host of an off-site link, unless the link's text already starts with it. */
function shownHost(host: string | undefined, [text]: Inlines): string | typeof nothing {
  if (typeof text !== "string") return host ?? nothing;
  const isShown = host === undefined || text.replace(/^https?:\/\//i, "").split(/[/?#]/, 1)[0]?.toLowerCase() === host;
  return isShown ? nothing : host;
}

/** The strings for the lazily loaded parts, which bring the English ones. */
export function extraStrings(extras: MarkdownExtras, strings: MarkdownStrings): MarkdownStrings {
  return { ...extras.strings, ...strings };
}

/** Renders the checkbox of a task, which is read only. */
export function renderCheckbox(isDone: boolean, { strings }: InlineContext): TemplateResult {
  // deno-fmt-ignore: white space around an inline element would be visible
  return html`<input type="checkbox" disabled ?checked=${isDone} aria-label=${isDone ? strings.taskDone : strings.taskOpen}> `;
}
