/**
 * The types that the templates of Markdown share: their strings, their surroundings and the notes after an answer.
 * @module
 */
import type { CitationMark } from "./citation_marks.ts";
import type { Block, Inline, Inlines } from "./markdown_nodes.ts";

/** The strings of rendered Markdown. */
export interface MarkdownStrings {
  /** The label of a code block without a language. */
  readonly code: string;
  /** The button that copies code, before and after. */
  readonly copy: string;
  readonly copied: string;
  /** The buttons that wrap the lines of code, and save it as a file. */
  readonly wrapLines: string;
  readonly download: string;
  /** The headings of the notes after an answer, and the names of the links between marks and notes: a number follows. */
  readonly sources: string;
  readonly source: string;
  readonly footnotes: string;
  readonly footnote: string;
  readonly footnoteBack: string;
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
  /** The footnotes and sources, once there are any. */
  readonly notes: Notes | undefined;
  /** Called when unchanged text must be rendered again. */
  onChange(): void;
}

/** A link or an image. */
export type Address = Extract<Inline, { readonly url: string }>;

/** A page that the answer cites. */
export interface Source {
  readonly title?: string;
  readonly url: string;
}

/** The sources of an answer. */
export interface Sources {
  readonly citations: readonly Source[];
  /** Where the text cites them. */
  readonly marks?: readonly CitationMark[];
  /** The text, once it is complete: its marks are then shown. */
  readonly text?: string | undefined;
}

/** The notes of one answer. */
export interface Notes {
  /** Changes when the marks in the text must be rendered again. */
  readonly key: string;
  /** Renders a reference to a footnote. */
  renderReference(label: string): unknown;
  /** Renders a text that has marks; undefined if it has none. */
  renderText(text: string): unknown;
  /** Renders the footnotes and the sources. */
  renderEnd(renderBlock: (block: Block) => unknown, renderInlines: (content: Inlines) => unknown): unknown;
}
