/**
 * Blocks of Markdown as Lit templates. No HTML string reaches the DOM: text becomes text nodes, and only the elements
 * and attributes written here exist.
 *
 * The root holds the blocks in segments, each behind a guard, so that what is finished costs nothing when more arrives.
 * Blocks are found by their place: the list only grows at its end, where the open block is.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import type { Token, Tokens } from "marked";
import { codeText } from "./markdown_code.ts";
import type { MarkdownBlock, MarkdownDocument } from "./markdown_document.ts";
import { decodeEntities } from "./markdown_entities.ts";
import { type InlineContext, type MarkdownStrings, renderCheckbox, renderInline } from "./markdown_inline.ts";
import { MAX_DEPTH } from "./markdown_lexer.ts";
import { growingText } from "./markdown_text.ts";

export type { MarkdownStrings };

/** What the view needs besides the text. */
export interface MarkdownViewOptions {
  /** Foreign origins from which images may load unasked. */
  readonly imageOrigins: readonly string[];
  readonly strings: MarkdownStrings;
  /** Called when the text has to be rendered again without having changed. */
  onChange(): void;
}

/** Blocks behind one guard. */
const SEGMENT_BLOCKS = 32;

const MAX_AUTO_DIRECTION_CHARS = 4096;

/** The images that the visitor has asked for, by document. */
const agreedImages = new WeakMap<MarkdownDocument, Set<string>>();

/** The document as it is now. */
export function renderMarkdown(document: MarkdownDocument, options: MarkdownViewOptions): TemplateResult {
  const agreed = agreedImages.get(document) ?? new Set();
  agreedImages.set(document, agreed);
  const context: InlineContext = { ...options, agreed, depth: 0, isInLink: false };
  const { code, copy, copied, table, taskDone, taskOpen, imageBlocked, loadImage } = options.strings;
  const words = [code, copy, copied, table, taskDone, taskOpen, imageBlocked, loadImage].join();
  const settings = `${agreed.size} ${options.imageOrigins.join()} ${words}`;
  return html`<div class="markdown">${
    segments(document.blocks).map((blocks) =>
      guard([settings, ...blocks], () =>
        blocks.map((block) =>
          guard([settings, block], () => renderBlock(block.token, context, block.isOpen))
        ))
    )
  }</div>`;
}

function segments(blocks: readonly MarkdownBlock[]): (readonly MarkdownBlock[])[] {
  const count = Math.ceil(blocks.length / SEGMENT_BLOCKS);
  return Array.from({ length: count }, (_, i) => blocks.slice(i * SEGMENT_BLOCKS, (i + 1) * SEGMENT_BLOCKS));
}

function renderBlocks(tokens: readonly Token[], context: InlineContext): unknown {
  const inner = { ...context, depth: context.depth + 1 };
  return tokens.map((token) => renderBlock(token, inner, false));
}

function renderBlock(token: Token, context: InlineContext, isOpen: boolean): unknown {
  if (context.depth > MAX_DEPTH) return growingText(token.raw);
  const block = token as Tokens.Generic;
  const direction = directionOf(token);
  switch (token.type) {
    case "paragraph":
      return html`<p dir=${direction}>${renderInline(block.tokens, context)}</p>`;
    case "text": // the text of an item in a tight list
      return block.tokens === undefined ? growingText(decodeEntities(block.raw)) : renderInline(block.tokens, context);
    case "heading":
      return renderHeading(token as Tokens.Heading, context, direction);
    case "list":
      return renderList(token as Tokens.List, context, direction);
    case "checkbox":
      return renderCheckbox(block.checked, context);
    case "code":
      return renderCode(token as Tokens.Code, context, isOpen);
    case "blockquote":
      return html`<blockquote dir=${direction}>${renderBlocks(block.tokens ?? [], context)}</blockquote>`;
    case "table":
      return renderTable(token as Tokens.Table, context);
    case "hr":
      return html`<hr>`;
    case "html":
      return html`<p class="html" dir=${direction}>${growingText(block.raw.trimEnd())}</p>`;
    default: // space and definitions show nothing
      return nothing;
  }
}

type Direction = "auto" | "ltr" | "rtl";

const RTL_LETTER = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * Each block has the direction of its first letter. For long ones it is found here: where the browser finds it, Chromium
 * looks through all that is in the block for each node that is added to it.
 */
function directionOf({ raw }: Token): Direction {
  if (raw.length < MAX_AUTO_DIRECTION_CHARS) return "auto";
  return RTL_LETTER.test(/\p{L}/u.exec(raw)?.[0] ?? "") ? "rtl" : "ltr";
}

function renderHeading(
  { depth, tokens }: Tokens.Heading,
  context: InlineContext,
  direction: Direction,
): TemplateResult {
  const content = renderInline(tokens, context);
  switch (depth) {
    case 2:
      return html`<h2 dir=${direction}>${content}</h2>`;
    case 3:
      return html`<h3 dir=${direction}>${content}</h3>`;
    case 4:
      return html`<h4 dir=${direction}>${content}</h4>`;
    case 5:
      return html`<h5 dir=${direction}>${content}</h5>`;
    default:
      return html`<h6 dir=${direction}>${content}</h6>`;
  }
}

function renderList(list: Tokens.List, context: InlineContext, direction: Direction): TemplateResult {
  const items = list.items.map((item) =>
    item.task
      ? html`<li class="task">${renderBlocks(item.tokens, context)}</li>`
      : html`<li>${renderBlocks(item.tokens, context)}</li>`
  );
  if (!list.ordered) return html`<ul dir=${direction}>${items}</ul>`;
  return html`<ol dir=${direction} start=${list.start === 1 ? nothing : list.start}>${items}</ol>`;
}

function renderCode({ text, lang }: Tokens.Code, { strings }: InlineContext, isOpen: boolean): TemplateResult {
  const language = decodeEntities(/^\S*/.exec(lang ?? "")?.[0] ?? "").replace(/\\(?=[^\w\s])/g, "");
  const code = isOpen || text === "" || text.endsWith("\n") ? text : `${text}\n`;
  // deno-fmt-ignore: white space in here would show
  return html`<div class="code" dir="ltr"><div class="code-head"><span>${language}</span><button
    type="button" class="code-copy" @click=${copyCode} @blur=${forgetCopied} @pointerleave=${forgetCopied}
    ><span>${strings.copy}</span><span>${strings.copied}</span></button></div><pre
    tabindex="0" role="group" aria-label=${language || strings.code}
    ><code class=${language ? `language-${language}` : nothing} ${codeText(code, language.toLowerCase())}></code></pre></div>`;
}

async function copyCode(event: Event): Promise<void> {
  const button = event.currentTarget as HTMLElement;
  const code = button.closest(".code")?.querySelector("code");
  if (!code) return;
  try {
    await navigator.clipboard.writeText(code.textContent.replace(/\n$/, ""));
    button.dataset.copied = "";
  } catch {
    // Not allowed, or the page is not secure: select the code, so that the visitor's own copy command takes it.
    getSelection()?.selectAllChildren(code);
  }
}

function forgetCopied(event: Event): void {
  delete (event.currentTarget as HTMLElement).dataset.copied;
}

function renderTable({ header, rows }: Tokens.Table, context: InlineContext): TemplateResult {
  const cells = (row: Tokens.TableCell[]) =>
    row.map(({ align, tokens, header }) =>
      header
        ? html`<th scope="col" dir="auto" align=${align ?? nothing}>${renderInline(tokens, context)}</th>`
        : html`<td dir="auto" align=${align ?? nothing}>${renderInline(tokens, context)}</td>`
    );
  const body = rows.length === 0 ? nothing : html`<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody>`;
  return html`
    <div class="table" tabindex="0" role="group" aria-label=${context.strings.table}>
      <table><thead><tr>${cells(header)}</tr></thead>${body}</table>
    </div>
  `;
}
