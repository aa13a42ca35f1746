/**
 * Exports a conversation as a document. Loaded lazily, as most visitors never export.
 * @module
 */
import type { ChatStrings } from "../locales/chat_strings.ts";
import { imageName } from "../locales/occasional_strings.ts";
import { type AnswerEntry, type ChatState, type QuestionEntry, requestMessages, shownEntries } from "./chat_state.ts";
import { attachedName, readQuestionContent } from "./question_content.ts";

/** The formats of an exported conversation. */
export type ChatExportFormat = "markdown" | "json";

/** Formats the shown conversation as Markdown, or its messages as JSON. */
export function exportChat(state: ChatState, format: ChatExportFormat, strings: ChatStrings): string {
  if (format === "json") return `${JSON.stringify(exportMessages(state), null, 2)}\n`;
  return shownEntries(state).map((entry) =>
    entry.type === "question"
      ? `## ${strings.you}\n\n${questionText(entry, strings)}\n`
      : `## ${strings.assistant}\n\n${answerMarkdown(entry, strings)}\n${listSources(entry, strings)}`
  ).join("\n");
}

/** The text of an answer, and a list of the names of its images. */
export function answerMarkdown({ answer }: AnswerEntry, strings: ChatStrings): string {
  const images = answer.base64_images ?? [];
  const names = images.map((_, index) => `- ${imageName(index, images.length, strings)}`).join("\n");
  return [answer.text, names].filter(Boolean).join("\n\n");
}

/** The text, and a list of the attachments' names. */
function questionText({ content }: QuestionEntry, strings: ChatStrings): string {
  const { text, attached } = readQuestionContent(content);
  const names = attached.map((part) => `- ${attachedName(part) ?? strings.imageSent}`).join("\n");
  return [text, names].filter(Boolean).join("\n\n");
}

/** The messages, and beside them the sources: answers by their text, as a request has no field for them. */
function exportMessages(state: ChatState): object {
  const sources = shownEntries(state).flatMap((entry) =>
    entry.type === "answer" && entry.answer.grounding?.citations.length
      ? [{ answer: entry.answer.text, ...entry.answer.grounding }]
      : []
  );
  return { messages: requestMessages(state), ...(sources.length > 0 && { sources }) };
}

/** The sources of an answer as a Markdown list. */
function listSources({ answer: { grounding } }: AnswerEntry, strings: ChatStrings): string {
  if (!grounding?.citations.length) return "";
  const items = grounding.citations.map(({ title, url }, index) => `${index + 1}. ${linkTo(url, title ?? url)}\n`);
  return `\n${strings.sources}:\n\n${items.join("")}`;
}

/** Other schemes than that of the web are no links: the file may be opened in any program. */
function linkTo(url: string, title: string): string {
  const text = title.replace(/\s+/g, " ").replace(/[\\[\]`*_<>]/g, "\\$&");
  return /^https?:\/\//i.test(url) ? `[${text}](<${url.replace(/[<>\s]/g, encodeURIComponent)}>)` : text;
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
