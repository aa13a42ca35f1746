/**
 * The parts of Markdown that most answers do not need, as one module: loaded with the first code block, footnote or source.
 * @module
 */
export { renderCodeHead } from "./code_head.ts";
export { createPainter } from "./highlight.ts";
export { renderImage } from "./markdown_image.ts";
export { markdownExtraStyles as styles } from "./markdown_extra_styles.ts";
export { readNotes, withMarks } from "./notes.ts";
