/**
 * The files of a message, as one module: loaded on pages with `attachments`.
 * @module
 */
import "./chat_stream.ts";

export { AttachmentList } from "./view/attachments.ts";
export { attachmentStyles } from "./view/attachment_styles.ts";
