/**
 * The nodes of parsed Markdown: blocks and their inline nodes. Text is already decoded, so a view only renders it.
 * @module
 */

/** A block. */
export type Block =
  | { readonly type: "paragraph"; readonly content: Inlines }
  /** `depth` is the number of marks in the text; `level` is the level of the heading in the page, 2 to 6. */
  | { readonly type: "heading"; readonly depth: number; level: number; readonly content: Inlines }
  | List
  | { readonly type: "quote"; readonly blocks: readonly Block[] }
  | { readonly type: "code"; readonly language: string; readonly text: string }
  | Table
  /** The text of a footnote. The view renders it after the other blocks. */
  | { readonly type: "footnote"; readonly label: string; readonly blocks: readonly Block[] }
  | { readonly type: "rule" }
  /** Raw HTML, shown as text. */
  | { readonly type: "html"; readonly text: string };

/** A list. The paragraphs of a tight list are rendered without margins. */
export interface List {
  readonly type: "list";
  /** The number of the first item. Absent in a bullet list. */
  readonly start: number | undefined;
  readonly isTight: boolean;
  readonly items: readonly ListItem[];
}

/** An item of a list. */
export interface ListItem {
  /** The state of a task item. Absent in other items. */
  readonly isDone: boolean | undefined;
  readonly blocks: readonly Block[];
}

/** The alignment of a column, if it has one. */
export type Alignment = "left" | "center" | "right" | undefined;

/** A table. Each row has as many cells as the head. */
export interface Table {
  readonly type: "table";
  readonly alignments: readonly Alignment[];
  readonly head: readonly Inlines[];
  readonly rows: readonly (readonly Inlines[])[];
}

/** Text and inline elements. Two texts are never adjacent. */
export type Inlines = readonly Inline[];

/** An inline node. */
export type Inline =
  | string
  | { readonly type: "strong" | "em" | "del"; readonly content: Inlines }
  | { readonly type: "code"; readonly text: string }
  | { readonly type: "break" }
  | { readonly type: "math"; readonly tex: string; readonly isDisplay: boolean }
  /** A reference to a footnote. */
  | { readonly type: "footnote"; readonly label: string }
  | { readonly type: "link" | "image"; readonly url: string; readonly title: string; readonly content: Inlines };

/** The target of a reference. */
export interface Definition {
  readonly url: string;
  readonly title: string;
}

/** Definitions by normalized label. */
export type Definitions = Map<string, Definition>;

/** Normalizes a label: case folded, with single spaces. */
export function normalizeLabel(label: string): string {
  return label.trim().replace(/\s+/g, " ").toLowerCase().toUpperCase();
}

/** Returns the text of inline nodes without their elements. */
export function plainText(content: Inlines): string {
  return content.map((inline) => {
    if (typeof inline === "string") return inline;
    switch (inline.type) {
      case "break":
        return "\n";
      case "code":
        return inline.text;
      case "math":
        return inline.tex;
      case "footnote":
        return "";
      default:
        return plainText(inline.content);
    }
  }).join("");
}
