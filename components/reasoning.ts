/**
 * What shows the model's reasoning, as one module: loaded with the first answer that has some.
 * @module
 */
import "./chat_stream.ts";

export { REASONING_ENGLISH } from "./locales/reasoning_strings.ts";
export { renderReasoning } from "./view/reasoning_view.ts";
export { reasoningStyles } from "./view/reasoning_styles.ts";
