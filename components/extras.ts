/**
 * What a conversation does not need to begin, in one piece that is loaded once the first question is on its way, or earlier
 * where the page asks for some of it: one piece, as every seam between chunks costs more than it saves.
 * @module
 */
// Makes the component itself the piece that is shared. Without this the bundler would cut what both use out of it, and
// two pieces weigh more than one.
import "./chat_stream.ts";
export { AttachmentList } from "./view/attachments.ts";
export { canRunTools, offer, runTools } from "./chat/tool_runner.ts";
export { downloadText, exportChat } from "./chat/chat_export.ts";
export { describeFailure, EXTRA_ENGLISH } from "./locales/extra_strings.ts";
export { extraStyles } from "./view/extra_styles.ts";
export { ChatKeeper } from "./chat/chat_storage.ts";
export { loadLocale } from "./locales/locales.ts";
export { renderMenu } from "./view/header_menu.ts";
export { renderToolCalls } from "./view/tool_view.ts";
export { renderActions, renderEditor } from "./view/message_actions.ts";
export { ScrollFollower } from "./view/scroll_follower.ts";
export { nextShown } from "./view/smooth_text.ts";
export { renderJump, renderUndo } from "./view/notices.ts";
