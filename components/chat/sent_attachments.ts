/**
 * Decides which attachments of a conversation are sent again. Every request contains the whole conversation, but a
 * server accepts only so much.
 * @module
 */
import type { ChatMessage, ContentPart } from "../../protocol/chat_request.ts";
import { attachedName } from "./question_content.ts";

/** The size of all attachments in a request for a server whose limit is not known, in UTF-16 code units. */
export const DEFAULT_ATTACHED_CHARS = 750_000;
/** The maximum number of images in a request. Servers accept ten by default. */
export const MAX_SENT_IMAGES = 10;

/** The URL of an attached image or file; undefined for a part that is text. It is empty if the data was not kept. */
export function attachedUrl(part: ContentPart): string | undefined {
  return part.type === "image_url" ? part.image_url.url : part.type === "file" ? part.file.file_data : undefined;
}

/** Replaces the oldest images and files with a note once there are too many, or their data is gone. */
export function withoutOldAttachments(
  messages: readonly ChatMessage[],
  maxChars: number = DEFAULT_ATTACHED_CHARS,
): readonly ChatMessage[] {
  let chars = 0;
  let images = 0;
  const keep = (part: ContentPart): ContentPart => {
    const url = attachedUrl(part);
    if (url === undefined) return part;
    chars += url.length;
    if (part.type === "image_url") images++;
    return url !== "" && chars <= maxChars && images <= MAX_SENT_IMAGES ? part : { type: "text", text: noteOf(part) };
  };
  return messages.toReversed().map((message) => {
    if (!Array.isArray(message.content)) return message;
    const parts: readonly ContentPart[] = message.content;
    return { ...message, content: parts.toReversed().map(keep).reverse() };
  }).reverse();
}

function noteOf(part: ContentPart): string {
  if (part.type === "image_url") return "(An earlier image, not sent again.)";
  return `(An earlier file, not sent again: ${attachedName(part) ?? "unnamed"})`;
}
