/**
 * The English strings of the parts of Markdown that are loaded when an answer needs them. A number follows the names of
 * single sources and footnotes.
 * @module
 */

/** The strings by name. */
export const MARKDOWN_ENGLISH = {
  code: "Code",
  wrapLines: "Wrap lines",
  table: "Table",
  imageBlocked: "Image from {host} not loaded",
  loadImage: "Load image",
  source: "Source",
  footnotes: "Footnotes",
  footnote: "Footnote",
  footnoteBack: "Back to the text of footnote",
};
