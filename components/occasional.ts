/**
 * What a visitor uses now and then, as one module: loaded when it is used for the first time.
 * @module
 */
import "./chat_stream.ts";
import type { CSSResult } from "lit";
import { answerMarkdown } from "./chat/chat_export.ts";
import { describeFailure } from "./locales/occasional_strings.ts";
import { imageStyles, renderImages } from "./view/answer_images.ts";
import { jumpStyles, renderJump } from "./view/jump_button.ts";
import { menuStyles, renderDownloads } from "./view/menu_items.ts";
import { editorStyles, renderEditor } from "./view/message_editor.ts";
import { renderTimeOnDemand, timeStyles } from "./view/message_time.ts";
import { renderQuotedText } from "./view/quoted_text.ts";
import { talkStyles } from "./view/talk_styles.ts";
import { renderUndo, undoStyles } from "./view/undo_notice.ts";
import { renderVersions, versionStyles } from "./view/version_pager.ts";

export { logSetupMistake } from "./chat/setup_mistake.ts";
export { downloadText, exportChat } from "./chat/chat_export.ts";
export { OCCASIONAL_ENGLISH } from "./locales/occasional_strings.ts";
export { RetryCountdown } from "./view/retry_countdown.ts";
export { UnsentText } from "./view/unsent_text.ts";

/** The views. */
export const views = {
  answerMarkdown,
  describeFailure,
  renderDownloads,
  renderEditor,
  renderImages,
  renderJump,
  renderQuotedText,
  renderTimeOnDemand,
  renderUndo,
  renderVersions,
};

/** The styles of the views. */
export const styles: readonly CSSResult[] = [
  editorStyles,
  imageStyles,
  jumpStyles,
  menuStyles,
  talkStyles,
  timeStyles,
  undoStyles,
  versionStyles,
];
