/**
 * The content of a question in its pieces: the visitor's words, and what went with them.
 * @module
 */
import type { ContentPart } from "../../protocol/chat_request.ts";

/** A question's content in pieces. */
export interface ContentPieces {
  /** What the visitor wrote. */
  readonly words: string;
  /** The names of the text files. */
  readonly files: readonly string[];
  /** The addresses of the images. */
  readonly images: readonly string[];
  /** Everything but the words, as it is sent. */
  readonly attached: readonly ContentPart[];
}

const FILE = /^([^\n]+):\n```\n/;

/** A text file as text for a model: its name, and its content behind a fence. */
export function fileText(name: string, text: string): string {
  return `${name}:\n\`\`\`\n${text}\n\`\`\``;
}

/** The pieces of a content. */
export function contentPieces(content: string | readonly ContentPart[]): ContentPieces {
  if (typeof content === "string") return { words: content, files: [], images: [], attached: [] };
  const isWords = (part: ContentPart) => part.type === "text" && !FILE.test(part.text);
  return {
    words: content.flatMap((part) => part.type === "text" && isWords(part) ? [part.text] : []).join("\n"),
    files: content.flatMap((part) => (part.type === "text" && FILE.exec(part.text)?.[1]) || []),
    images: content.flatMap((part) => part.type === "image_url" ? [part.image_url.url] : []),
    attached: content.filter((part) => !isWords(part)),
  };
}
