/**
 * Splits the content of a question into the visitor's text and the attachments, and joins them.
 * @module
 */
import type { ContentPart } from "../../protocol/chat_request.ts";

/** The content of a question by kind. */
export interface QuestionContent {
  /** What the visitor typed. */
  readonly text: string;
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
  if (typeof content === "string") return { text: content, attached: [] };
  const isTyped = (part: ContentPart) => part.type === "text" && !FILE.test(part.text);
  return {
    text: content.flatMap((part) => part.type === "text" && isTyped(part) ? [part.text] : []).join("\n"),
    attached: content.filter((part) => !isTyped(part)),
  };
}

/** Combines typed text and attachments into the content of a question. */
export function questionContent(text: string, attached: readonly ContentPart[]): string | readonly ContentPart[] {
  if (attached.length === 0) return text;
  return [...text.trim() === "" ? [] : [{ type: "text", text } as const], ...attached];
}

/** The name of an attached file; undefined for an image, whose part has none. */
export function attachedName(part: ContentPart): string | undefined {
  return part.type === "file" ? part.file.filename : part.type === "text" ? FILE.exec(part.text)?.[1] : undefined;
}
