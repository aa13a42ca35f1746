/**
 * The type of the component's strings: those of the start, of messages, of their Markdown, and of attachments.
 * @module
 */
import type { ATTACHMENT_ENGLISH } from "./attachment_strings.ts";
import type { CORE_ENGLISH } from "./core_strings.ts";
import type { EXTRA_ENGLISH } from "./extra_strings.ts";
import type { MARKDOWN_ENGLISH } from "./markdown_strings.ts";

/** Every string of the component by name. */
export type ChatStrings = Readonly<
  typeof CORE_ENGLISH & typeof EXTRA_ENGLISH & typeof MARKDOWN_ENGLISH & typeof ATTACHMENT_ENGLISH
>;
