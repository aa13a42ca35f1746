/**
 * What runs and shows tool calls, as one module: loaded with the first question of a page with tools, or with the first
 * answer that calls one.
 * @module
 */
import "./chat_stream.ts";

export { canRunTools, runTools, toolDefinitions } from "./chat/tool_runner.ts";
export { TOOL_ENGLISH } from "./locales/tool_strings.ts";
export { toolStyles } from "./view/tool_styles.ts";
export { ToolConsent } from "./tool_consent.ts";
export { renderToolCalls } from "./view/tool_view.ts";
