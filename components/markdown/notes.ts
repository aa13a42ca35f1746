/**
 * What stands after an answer and what points to it: footnotes and the sources of citations.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { placeMarks, splitAtMarks } from "./citation_marks.ts";
import type { MarkdownStrings, Notes, Source, Sources } from "./markdown_context.ts";
import { MarkdownDocument } from "./markdown_document.ts";
import type { Block, Inlines } from "./markdown_nodes.ts";
import { growingText } from "./markdown_text.ts";

type Footnote = Extract<Block, { readonly type: "footnote" }>;
/** Render a block, and inline nodes. */
type Renderers = Parameters<Notes["renderEnd"]>;

/** More sources than this are collapsed. */
const MAX_OPEN_SOURCES = 4;

const marked = new WeakMap<MarkdownDocument, { readonly marks: unknown; readonly document: MarkdownDocument }>();

/** Returns the complete document with the marks of its citations; the same document if there are none. */
export function withMarks(document: MarkdownDocument, sources: Sources | undefined): MarkdownDocument {
  const { marks, text, citations } = sources ?? {};
  if (!marks?.length || text === undefined || citations === undefined) return document;
  const known = marked.get(document);
  if (known?.marks === marks) return known.document;
  const copy = new MarkdownDocument();
  copy.append(placeMarks(text, marks, citations.length));
  copy.end();
  marked.set(document, { marks, document: copy });
  return copy;
}

const ids = new WeakMap<MarkdownDocument, number>();
let lastId = 0;

/** Reads the notes of an answer; undefined if it has none. @param owner identifies the answer */
export function readNotes(
  owner: MarkdownDocument,
  document: MarkdownDocument,
  sources: Sources | undefined,
  strings: MarkdownStrings,
): Notes | undefined {
  const blocks = document.blocks.map(({ block }) => block);
  const labels = new Set(blocks.flatMap(labelsIn));
  const citations = sources?.citations ?? [];
  if (labels.size === 0 && citations.length === 0) return undefined;
  const id = ids.get(owner) ?? ++lastId;
  ids.set(owner, id);
  return new AnswerNotes({ id, blocks, labels, citations, strings, isEnded: document.isEnded });
}

interface NotesContent {
  /** Makes the ids of elements unique in their shadow root. */
  readonly id: number;
  readonly blocks: readonly Block[];
  /** The labels of the references, in their order. */
  readonly labels: ReadonlySet<string>;
  readonly citations: readonly Source[];
  readonly strings: MarkdownStrings;
  readonly isEnded: boolean;
}

class AnswerNotes implements Notes {
  readonly key: string;
  readonly #content: NotesContent;
  readonly #footnotes = new Map<string, Footnote>();
  readonly #numbers = new Map<string, number>();

  constructor(content: NotesContent) {
    const { blocks, labels, citations, isEnded } = content;
    this.#content = content;
    for (const note of blocks.flatMap(footnotesIn)) {
      if (!this.#footnotes.has(note.label)) this.#footnotes.set(note.label, note);
    }
    // While the answer grows, the text of a footnote may still come. At its end, a reference without one is plain text.
    for (const label of labels) {
      if (!isEnded || this.#footnotes.has(label)) this.#numbers.set(label, this.#numbers.size + 1);
    }
    this.key = [[...this.#numbers.keys()], [...this.#footnotes.keys()], citations.map(({ url }) => url)].join("\n");
  }

  renderReference(label: string): unknown {
    const number = this.#numbers.get(label);
    if (number === undefined) return `[^${label}]`;
    if (!this.#footnotes.has(label)) return html`<sup class="mark"><span>${number}</span></sup>`;
    return renderMark(
      "mark",
      `note-${this.#content.id}-${number}`,
      number,
      `${this.#content.strings.footnote} ${number}`,
    );
  }

  renderText(text: string): unknown {
    const { citations } = this.#content;
    return splitAtMarks(text, citations.length)?.map((part) =>
      typeof part === "string" ? growingText(part) : this.#renderCitation(part)
    );
  }

  renderEnd(...renderers: Renderers): unknown {
    return [this.#renderFootnotes(...renderers), this.#renderSources()];
  }

  #renderCitation(index: number): TemplateResult {
    const { id, citations, strings } = this.#content;
    const source = citations[index];
    const title = source === undefined ? "" : titleOf(source);
    return renderMark(
      "mark source",
      `source-${id}-${index + 1}`,
      index + 1,
      `${strings.source} ${index + 1}: ${title}`,
    );
  }

  #renderFootnotes(...renderers: Renderers): unknown {
    const { strings } = this.#content;
    const notes = [...this.#numbers].flatMap(([label, number]) => {
      const note = this.#footnotes.get(label);
      return note === undefined ? [] : [{ note, number }];
    });
    if (notes.length === 0) return nothing;
    return html`
      <section class="notes-end" role="doc-endnotes" aria-label=${strings.footnotes}>
        <ol>
          ${notes.map(({ note, number }) => this.#renderFootnote(note, number, ...renderers))}
        </ol>
      </section>
    `;
  }

  /** Renders a footnote. The link back stands at the end of its text. */
  #renderFootnote({ blocks }: Footnote, number: number, ...[renderBlock, renderInlines]: Renderers): TemplateResult {
    const { id, strings } = this.#content;
    const target = `note-${id}-${number}`;
    const label = `${strings.footnoteBack} ${number}`;
    // deno-fmt-ignore: white space around an inline element would be visible
    const back = html` <a class="note-back" href="#${target}" role="doc-backlink" aria-label=${label} title=${label}
      @click=${goBack}><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M9 14 4 9l5-5M4 9h10.500a5.500 5.500 0 0 1 0 11H11" /></svg></a>`;
    const last = blocks.at(-1);
    const text = last?.type === "paragraph" ? html`${renderInlines(last.content)}${back}` : undefined;
    const end = text ?? [last && renderBlock(last), back];
    // With several blocks each has its own direction.
    const direction = text && blocks.length === 1 ? "auto" : nothing;
    // deno-fmt-ignore: white space around an inline element would be visible
    return html`<li id=${target} value=${number} tabindex="-1" dir=${direction}>${blocks.slice(0, -1).map(renderBlock)}${
      text && blocks.length > 1 ? html`<p dir="auto">${text}</p>` : end}</li>`;
  }

  #renderSources(): unknown {
    const { citations, strings, isEnded } = this.#content;
    // Text that still arrives would push the list down.
    if (citations.length === 0 || !isEnded) return nothing;
    const isOpen = citations.length <= MAX_OPEN_SOURCES;
    const list = html`<ol>${citations.map((source, index) => this.#renderSource(source, index))}</ol>`;
    if (isOpen) {
      return html`<section class="sources" aria-label=${strings.sources}>
        <span class="sources-title" aria-hidden="true">${strings.sources}</span>${list}
      </section>`;
    }
    return html`
      <section class="sources" aria-label=${strings.sources}>
        <details>
          <summary class="sources-title">${strings.sources} <span class="sources-count">${citations
            .length}</span></summary>
          ${list}
        </details>
      </section>
    `;
  }

  #renderSource(source: Source, index: number): TemplateResult {
    const target = `source-${this.#content.id}-${index + 1}`;
    const url = webUrl(source.url);
    const title = titleOf(source);
    const host = url?.host.replace(/^www\./, "") ?? "";
    // deno-fmt-ignore: white space around an inline element would be visible
    const content = html`<span class="source-text"><span class="source-title" dir="auto">${title}</span>${
      host === "" || host === title ? nothing : html` <span class="source-host">${host}</span>`}</span>`;
    return html`<li>${
      url === undefined
        ? html`<span id=${target} tabindex="-1">${content}</span>`
        : html`<a id=${target} href=${url.href} target="_blank" rel="noopener noreferrer nofollow ugc">${content}</a>`
    }</li>`;
  }
}

function renderMark(className: string, target: string, number: number, label: string): TemplateResult {
  // deno-fmt-ignore: white space around an inline element would be visible
  return html`<sup class=${className}><a href="#${target}" role="doc-noteref" aria-label=${label} title=${label}
    @click=${goToTarget}>${number}</a></sup>`;
}

/** Focuses the target. The browser cannot: it does not find the ids in a shadow root. */
function goToTarget(event: Event): void {
  const link = event.currentTarget as HTMLAnchorElement;
  focusIn(event, `#${link.hash.slice(1)}`);
}

/** Focuses the first mark that points to the footnote. */
function goBack(event: Event): void {
  focusIn(event, `.mark a[href="${(event.currentTarget as HTMLAnchorElement).hash}"]`);
}

function focusIn(event: Event, selector: string): void {
  event.preventDefault();
  const target = ((event.currentTarget as Element).getRootNode() as ParentNode).querySelector<HTMLElement>(selector);
  const details = target?.closest("details");
  if (details) details.open = true;
  target?.focus({ preventScroll: true });
  target?.scrollIntoView({ block: "nearest" });
}

/** The URL of a page on the web; undefined for every other scheme. */
function webUrl(written: string): URL | undefined {
  const url = URL.parse(written);
  return url?.protocol === "https:" || url?.protocol === "http:" ? url : undefined;
}

function titleOf({ title, url }: Source): string {
  return title?.trim() || webUrl(url)?.host.replace(/^www\./, "") || url;
}

const knownLabels = new WeakMap<object, readonly string[]>();

/** The labels of the references in a block. A block does not change, so they are searched once. */
function labelsIn(block: Block): readonly string[] {
  const known = knownLabels.get(block);
  if (known !== undefined) return known;
  const labels = inlinesOf(block).flatMap(labelsInText).concat(childrenOf(block).flatMap(labelsIn));
  knownLabels.set(block, labels);
  return labels;
}

function labelsInText(content: Inlines): string[] {
  return content.flatMap((inline) => {
    if (typeof inline === "string") return [];
    if (inline.type === "footnote") return [inline.label];
    return "content" in inline ? labelsInText(inline.content) : [];
  });
}

function footnotesIn(block: Block): Footnote[] {
  return block.type === "footnote" ? [block] : childrenOf(block).flatMap(footnotesIn);
}

function inlinesOf(block: Block): readonly Inlines[] {
  if (block.type === "table") return [...block.head, ...block.rows.flat()];
  return block.type === "paragraph" || block.type === "heading" ? [block.content] : [];
}

function childrenOf(block: Block): readonly Block[] {
  if (block.type === "list") return block.items.flatMap(({ blocks }) => blocks);
  return block.type === "quote" || block.type === "footnote" ? block.blocks : [];
}
