/**
 * The words in a message's content.
 * @module
 */
import type { ContentPart } from "../protocol/chat_request.ts";

/** The text parts of `content`, a line each. */
export function contentText(content: string | readonly ContentPart[] | null): string {
  if (typeof content === "string") return content;
  return (content ?? []).flatMap((part) => part.type === "text" ? [part.text] : []).join("\n");
}
