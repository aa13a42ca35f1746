/**
 * Reads what an attachment in a message is: its name and its data.
 * @module
 */
import type { ContentPart } from "../../protocol/chat_request.ts";
import { FILE_START } from "./question_content.ts";

/** The name of an attached file; undefined for an image, whose part has none. */
export function attachedName(part: ContentPart): string | undefined {
  return part.type === "file" ? part.file.filename : part.type === "text" ? FILE_START.exec(part.text)?.[1] : undefined;
}

/** The URL of an attached image or file; undefined for a part that is text. It is empty if the data was not kept. */
export function attachedUrl(part: ContentPart): string | undefined {
  return part.type === "image_url" ? part.image_url.url : part.type === "file" ? part.file.file_data : undefined;
}

/** The attachment with its name and without its data, which no longer exists. */
export function withoutData(part: ContentPart): ContentPart {
  if (part.type === "image_url") return { ...part, image_url: { url: "" } };
  return part.type === "file" ? { ...part, file: { ...part.file, file_data: "" } } : part;
}
