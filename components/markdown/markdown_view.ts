/**
 * Renders blocks of Markdown as Lit templates. No HTML string reaches the DOM: text becomes text nodes, and only the
 * elements and attributes written here exist.
 *
 * Blocks are rendered in segments, each behind a guard, so that finished ones cost nothing when text arrives. Blocks
 * need no keys: the list only grows at its end, where the open block is.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import type { InlineContext, MarkdownStrings, Sources } from "./markdown_context.ts";
import type { MarkdownBlock, MarkdownDocument } from "./markdown_document.ts";
import { extraStrings, renderCheckbox, renderInline } from "./markdown_inline.ts";
import { type Block, type List, type ListItem, plainText } from "./markdown_nodes.ts";
import { EXTRAS, MATH } from "./markdown_modules.ts";
import { growingText } from "./markdown_text.ts";

export type { MarkdownStrings, Sources };

/** Replaces the view of a code block. `isComplete` is false while the block may still grow. */
export type CodeWrapper = (block: Extract<Block, { type: "code" }>, isComplete: boolean, view: unknown) => unknown;

/** What the view needs besides the document. */
export interface MarkdownViewOptions {
  /** The origins whose images load without asking. */
  readonly imageOrigins: readonly string[];
  readonly strings: MarkdownStrings;
  /** The sources of the answer. */
  readonly sources?: Sources | undefined;
  /** Replaces the views of code blocks. */
  readonly wrapCode?: CodeWrapper | undefined;
  /** Called when unchanged text must be rendered again. */
  onChange(): void;
}

/** The number of blocks behind one guard. */
const SEGMENT_BLOCKS = 16;

/** The number of segments at the end that are never settled. */
const OPEN_SEGMENTS = 2;

const MAX_AUTO_DIRECTION_PARTS = 200;

/** The image URLs that the visitor has allowed, by document. */
const allowedImages = new WeakMap<MarkdownDocument, Set<string>>();

/** Renders the current blocks of a document. */
export function renderMarkdown(document: MarkdownDocument, options: MarkdownViewOptions): TemplateResult {
  const allowed = allowedImages.get(document) ?? new Set();
  allowedImages.set(document, allowed);
  const { sources, strings, wrapCode } = options;
  const isLong = document.blocks.length > SEGMENT_BLOCKS * OPEN_SEGMENTS;
  const extras = isLong || sources !== undefined ? EXTRAS.need(options.onChange) : EXTRAS.module;
  const shown = extras?.withMarks(document, sources) ?? document;
  if (document.hasMath) MATH.need(options.onChange);
  const notes = extras?.readNotes(document, shown, sources, extraStrings(extras, strings));
  const context: BlockContext = { ...options, allowed, isInLink: false, notes, isComplete: true };
  const settings = [allowed.size, options.imageOrigins, notes?.key].join();
  const look = [strings, settings, wrapCode, extras, MATH.module];
  return html`<div class="markdown">${
    segments(shown.blocks).map((blocks, index, { length }) => {
      const settled = index < length - OPEN_SEGMENTS && extras?.settledSegment;
      return guard([...look, settled, ...blocks], () =>
        html`<div class="segment" ${settled ? settled() : nothing}>${
          blocks.map((block) =>
            guard([...look, block], () =>
              renderBlock(block.block, block.isOpen ? { ...context, isComplete: false } : context))
          )
        }</div>`);
    })
  }${
    notes?.renderEnd(
      (block) => renderBlock(block, context),
      (content) => renderInline(content, context),
    )
  }</div>`;
}

function segments(blocks: readonly MarkdownBlock[]): (readonly MarkdownBlock[])[] {
  const count = Math.ceil(blocks.length / SEGMENT_BLOCKS);
  return Array.from({ length: count }, (_, i) => blocks.slice(i * SEGMENT_BLOCKS, (i + 1) * SEGMENT_BLOCKS));
}

interface BlockContext extends InlineContext {
  readonly wrapCode?: CodeWrapper | undefined;
  readonly isComplete: boolean;
}

function renderBlock(block: Block, context: BlockContext): unknown {
  const direction = directionOf(block);
  switch (block.type) {
    case "paragraph":
      return html`<p dir=${direction}>${renderInline(block.content, context)}</p>`;
    case "heading":
      return renderHeading(block.level, renderInline(block.content, context), direction);
    case "list":
      return renderList(block, context, direction);
    case "code": {
      const view = EXTRAS.render(
        (extras) => extras.renderCode(block.text, block.language, extraStrings(extras, context.strings)),
        html`<pre><code>${growingText(block.text)}</code></pre>`,
        context.onChange,
      );
      return context.wrapCode ? context.wrapCode(block, context.isComplete, view) : view;
    }
    case "quote":
      return html`<blockquote dir=${direction}>${
        block.blocks.map((inner) => renderBlock(inner, context))
      }</blockquote>`;
    case "table":
      return EXTRAS.render(
        (extras) =>
          extras.renderTable(block, {
            label: extraStrings(extras, context.strings).table,
            isComplete: context.isComplete,
            renderCell: (cell) => renderInline(cell, context),
          }),
        [block.head, ...block.rows].map((row) => html`<p dir="auto">${row.map(plainText).join(" | ")}</p>`),
        context.onChange,
      );
    case "footnote":
      // The notes are rendered after the blocks.
      return context.notes ? nothing : block.blocks.map((inner) => renderBlock(inner, context));
    case "rule":
      return html`<hr>`;
    case "html":
      return html`<p class="html" dir=${direction}>${growingText(block.text)}</p>`;
    default:
      return block satisfies never;
  }
}

type Direction = "auto" | "ltr" | "rtl";

const RTL_LETTER = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/**
 * A block has the direction of its first letter. For blocks with many parts it is computed here: with `dir="auto"`,
 * Chromium searches the whole block again for each added node.
 */
function directionOf(block: Block): Direction {
  const parts = block.type === "list" ? block.items : block.type === "paragraph" ? block.content : [];
  if (parts.length < MAX_AUTO_DIRECTION_PARTS) return "auto";
  return RTL_LETTER.test(/\p{L}/u.exec(firstText(block))?.[0] ?? "") ? "rtl" : "ltr";
}

function firstText(block: Block | undefined): string {
  if (block?.type === "list") return firstText(block.items[0]?.blocks[0]);
  return block?.type === "paragraph" ? plainText(block.content.slice(0, 9)) : "";
}

function renderHeading(level: number, content: unknown, direction: Direction): TemplateResult {
  switch (level) {
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

function renderList({ start, isTight, items }: List, context: BlockContext, direction: Direction): TemplateResult {
  const rendered = items.map((item) => renderItem(item, isTight, context));
  if (start === undefined) return html`<ul dir=${direction}>${rendered}</ul>`;
  return html`<ol dir=${direction} start=${start === 1 ? nothing : start}>${rendered}</ol>`;
}

function renderItem({ isDone, blocks }: ListItem, isTight: boolean, context: BlockContext): TemplateResult {
  const content = blocks.map((block) =>
    isTight && block.type === "paragraph" ? renderInline(block.content, context) : renderBlock(block, context)
  );
  if (isDone === undefined) return html`<li>${content}</li>`;
  return html`<li class="task">${renderCheckbox(isDone, context)}${content}</li>`;
}
