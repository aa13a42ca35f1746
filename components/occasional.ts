/**
 * What a visitor uses now and then, as one module: loaded when it is used for the first time.
 * @module
 */
import "./chat_stream.ts";

export { downloadText, exportChat } from "./chat/chat_export.ts";
export { describeFailure, OCCASIONAL_ENGLISH } from "./locales/occasional_strings.ts";
export { editorStyles, renderEditor } from "./view/message_editor.ts";
export { renderQuotedText } from "./view/quoted_text.ts";
export { RetryCountdown } from "./view/retry_countdown.ts";
export { talkStyles } from "./view/talk_styles.ts";
export { renderVersions, versionStyles } from "./view/version_pager.ts";
export { UnsentText } from "./view/unsent_text.ts";
