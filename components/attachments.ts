/**
 * Everything for attachments, as one module: it is loaded with `attachments`, or with the first message that has some.
 * @module
 */
// A hint for the bundler, as in `extras.ts`: what both share belongs to the extras, which are always loaded before.
import "./extras.ts";

export { AttachmentList } from "./chat/attachment_list.ts";
export { renderAttachments } from "./view/attachment_composer.ts";
export { attachmentStyles } from "./view/attachment_styles.ts";
export { renderEdited, renderSent } from "./view/attachment_view.ts";
