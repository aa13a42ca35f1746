/**
 * The parts of Markdown that many answers do not need, as a module of their own: loaded with the first code block, table,
 * image, footnote or source.
 * @module
 */
// A hint for the bundler: what is used here and there stays in the component's chunk.
import "./chat_stream.ts";

export { MARKDOWN_ENGLISH as strings } from "./locales/markdown_strings.ts";
export * from "./markdown/markdown_extras.ts";
