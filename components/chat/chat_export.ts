/**
 * A conversation as a document to keep. Loaded when someone asks for it.
 * @module
 */
import { type ChatState, requestMessages, shownEntries } from "./chat_state.ts";
import { contentPieces } from "./content_text.ts";
import type { ChatStrings } from "../locales/strings.ts";

/** The kinds of document. */
export type ChatExportFormat = "markdown" | "json";

/** The conversation as Markdown, or as the JSON of its messages. */
export function exportChat(state: ChatState, format: ChatExportFormat, strings: ChatStrings): string {
  if (format === "json") return `${JSON.stringify({ messages: requestMessages(state) }, null, 2)}\n`;
  return shownEntries(state).map((entry) =>
    entry.type === "question"
      ? `## ${strings.you}\n\n${contentPieces(entry.content).words}\n`
      : `## ${strings.assistant}\n\n${entry.answer.text}\n`
  ).join("\n");
}

/** Offers `text` as a file. */
export function downloadText(text: string, format: ChatExportFormat): void {
  const type = format === "json" ? "application/json" : "text/markdown";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = `chat.${format === "json" ? "json" : "md"}`;
  link.click();
  URL.revokeObjectURL(link.href);
}
