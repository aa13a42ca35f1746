/**
 * The parts that a conversation does not need to start, as one module: it is loaded with the first question, or earlier
 * if the page needs some of it. One module, as every further chunk costs more than it saves.
 * @module
 */
// A hint for the bundler: with this import, the whole component becomes the chunk that both share. Without it, the shared
// part would be a third chunk, which adds 800 bytes to a conversation.
import "./chat_stream.ts";

export { downloadText, exportChat } from "./chat/chat_export.ts";
export { ChatKeeper } from "./chat/chat_keeper.ts";
export { canRunTools, runTools, toolDefinitions } from "./chat/tool_runner.ts";
export { announceFailure, EXTRA_ENGLISH } from "./locales/extra_strings.ts";
export { loadLocale } from "./locales/locales.ts";
export { AttachmentList } from "./view/attachments.ts";
export { extraStyles } from "./view/extra_styles.ts";
export { renderMenu } from "./view/header_menu.ts";
export { MessageControls } from "./view/message_controls.ts";
export { renderJump, renderUndo } from "./view/notices.ts";
export { ScrollFollower } from "./view/scroll_follower.ts";
export { nextShown } from "./view/smooth_text.ts";
export { talkStyles } from "./view/talk_styles.ts";
export { toolTitle } from "./view/tool_view.ts";
export { UnsentText } from "./view/unsent_text.ts";
