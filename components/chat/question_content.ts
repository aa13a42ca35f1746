/**
 * Splits the content of a question into the visitor's text and the attachments.
 * @module
 */
import type { ContentPart } from "../../protocol/chat_request.ts";

/** The content of a question by kind. */
export interface QuestionContent {
  /** What the visitor typed. */
  readonly text: string;
  /** The names of the text files. */
  readonly files: readonly string[];
  /** The URLs of the images. */
  readonly images: readonly string[];
  /** Every part except the typed text, as it is sent. */
  readonly attached: readonly ContentPart[];
}

const FILE = /^([^\n]+):\n```\n/;

/** Formats a text file for a model: its name, then its content in a code fence. */
export function fileText(name: string, text: string): string {
  return `${name}:\n\`\`\`\n${text}\n\`\`\``;
}

/** Splits a question's content. A text part that looks like `fileText` counts as a file. */
export function readQuestionContent(content: string | readonly ContentPart[]): QuestionContent {
  if (typeof content === "string") return { text: content, files: [], images: [], attached: [] };
  const isTyped = (part: ContentPart) => part.type === "text" && !FILE.test(part.text);
  return {
    text: content.flatMap((part) => part.type === "text" && isTyped(part) ? [part.text] : []).join("\n"),
    files: content.flatMap((part) => (part.type === "text" && FILE.exec(part.text)?.[1]) || []),
    images: content.flatMap((part) => part.type === "image_url" ? [part.image_url.url] : []),
    attached: content.filter((part) => !isTyped(part)),
  };
}
