/**
 * What a visitor uses now and then, as one module: loaded when it is used for the first time.
 * @module
 */
import "./chat_stream.ts";

export { downloadText, exportChat } from "./chat/chat_export.ts";
export { editorStyles, renderEditor } from "./view/message_editor.ts";
