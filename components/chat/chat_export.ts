/**
 * Exports a conversation as a document. Loaded lazily, as most visitors never export.
 * @module
 */
import type { ChatStrings } from "../locales/chat_strings.ts";
import { type ChatState, type QuestionEntry, requestMessages, shownEntries } from "./chat_state.ts";
import { attachedName, readQuestionContent } from "./question_content.ts";

/** The formats of an exported conversation. */
export type ChatExportFormat = "markdown" | "json";

/** Formats the shown conversation as Markdown, or its messages as JSON. */
export function exportChat(state: ChatState, format: ChatExportFormat, strings: ChatStrings): string {
  if (format === "json") return `${JSON.stringify({ messages: requestMessages(state) }, null, 2)}\n`;
  return shownEntries(state).map((entry) =>
    entry.type === "question"
      ? `## ${strings.you}\n\n${questionText(entry, strings)}\n`
      : `## ${strings.assistant}\n\n${entry.answer.text}\n`
  ).join("\n");
}

/** The text, and a list of the attachments' names. */
function questionText({ content }: QuestionEntry, strings: ChatStrings): string {
  const { text, attached } = readQuestionContent(content);
  const names = attached.map((part) => `- ${attachedName(part) ?? strings.imageSent}`).join("\n");
  return [text, names].filter(Boolean).join("\n\n");
}

/** Makes the browser download `text` as a file. */
export function downloadText(text: string, format: ChatExportFormat): void {
  const type = format === "json" ? "application/json" : "text/markdown";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = `chat.${format === "json" ? "json" : "md"}`;
  link.click();
  URL.revokeObjectURL(link.href);
}
