/**
 * The parts of Markdown that many answers do not need, as one module: loaded with the first code block, table, image,
 * footnote or source, or a long answer.
 * @module
 */
export { renderCode } from "./code_block.ts";
export { renderImage } from "./markdown_image.ts";
export { markdownExtraStyles as styles } from "./markdown_extra_styles.ts";
export { renderTable } from "./markdown_table.ts";
export { readNotes, withMarks } from "./notes.ts";
export { settledSegment } from "./settled_segment.ts";
