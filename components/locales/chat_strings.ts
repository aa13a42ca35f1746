/**
 * The type of the component's strings: those of the start, and those of the lazily loaded parts.
 * @module
 */
import type { ATTACHMENT_ENGLISH } from "./attachment_strings.ts";
import type { CORE_ENGLISH } from "./core_strings.ts";
import type { FEATURE_ENGLISH } from "./feature_strings.ts";
import type { MARKDOWN_ENGLISH } from "./markdown_strings.ts";
import type { OCCASIONAL_ENGLISH } from "./occasional_strings.ts";
import type { REASONING_ENGLISH } from "./reasoning_strings.ts";
import type { TOOL_ENGLISH } from "./tool_strings.ts";

/** Every string of the component by name. */
export type ChatStrings = Readonly<
  & typeof ATTACHMENT_ENGLISH
  & typeof CORE_ENGLISH
  & typeof FEATURE_ENGLISH
  & typeof MARKDOWN_ENGLISH
  & typeof OCCASIONAL_ENGLISH
  & typeof REASONING_ENGLISH
  & typeof TOOL_ENGLISH
>;
