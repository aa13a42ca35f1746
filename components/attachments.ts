/**
 * The files of messages, as one module: loaded on pages with `attachments`, and with the first message that has some.
 * @module
 */
import "./chat_stream.ts";

export { ElementAttachments } from "./element_attachments.ts";
export { ATTACHMENT_ENGLISH } from "./locales/attachment_strings.ts";
export { attachmentStyles } from "./view/attachment_styles.ts";
export { menuStyles } from "./view/menu_items.ts";
