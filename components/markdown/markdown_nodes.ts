/**
 * What a Markdown text is made of once it is read: blocks, and the inline nodes in them. Text is decoded already, so
 * that a view has nothing to interpret.
 * @module
 */

/** A block. */
export type Block =
  | { readonly type: "paragraph"; readonly content: Inlines }
  /** `depth` is the number of marks as written, `level` that of the heading in the page, 2 to 6. */
  | { readonly type: "heading"; readonly depth: number; level: number; readonly content: Inlines }
  | List
  | { readonly type: "quote"; readonly blocks: readonly Block[] }
  | { readonly type: "code"; readonly language: string; readonly text: string }
  | Table
  | { readonly type: "rule" }
  /** Raw HTML, to be shown as the text that it is. */
  | { readonly type: "html"; readonly text: string };

/** A list. The paragraphs of a tight one are shown without their space. */
export interface List {
  readonly type: "list";
  /** The number of the first item, absent in a list of bullets. */
  readonly start: number | undefined;
  readonly isTight: boolean;
  readonly items: readonly ListItem[];
}

/** An item of a list. */
export interface ListItem {
  /** Whether the task that it is is done; absent where it is none. */
  readonly isDone: boolean | undefined;
  readonly blocks: readonly Block[];
}

/** How the cells of a column are aligned, where it says. */
export type Alignment = "left" | "center" | "right" | undefined;

/** A table. Each row is as wide as the head. */
export interface Table {
  readonly type: "table";
  readonly alignments: readonly Alignment[];
  readonly head: readonly Inlines[];
  readonly rows: readonly (readonly Inlines[])[];
}

/** Text and elements in it. No two texts are neighbours. */
export type Inlines = readonly Inline[];

/** A part of a line. */
export type Inline =
  | string
  | { readonly type: "strong" | "em" | "del"; readonly content: Inlines }
  | { readonly type: "code"; readonly text: string }
  | { readonly type: "break" }
  | { readonly type: "link" | "image"; readonly url: string; readonly title: string; readonly content: Inlines };

/** Where a reference leads. */
export interface Definition {
  readonly url: string;
  readonly title: string;
}

/** Definitions by their normalised label. */
export type Definitions = Map<string, Definition>;

/** A label as definitions are known by: without its case, and with single spaces. */
export function normalizeLabel(label: string): string {
  return label.trim().replace(/\s+/g, " ").toLowerCase().toUpperCase();
}

/** What inline nodes say, without their elements. */
export function plainText(content: Inlines): string {
  return content.map((inline) => {
    if (typeof inline === "string") return inline;
    if (inline.type === "break") return "\n";
    return inline.type === "code" ? inline.text : plainText(inline.content);
  }).join("");
}
