/**
 * Feeds the text of an answer to its document: only what is new, and the end once.
 * @module
 */
import type { AnswerEntry } from "./chat_state.ts";
import { isRunning } from "./chat_state.ts";
import { MarkdownDocument } from "./markdown_document.ts";

/** The text of one answer, as a document that grows with it. */
export class AnswerText {
  /** What is rendered. */
  readonly document: MarkdownDocument = new MarkdownDocument();
  #taken = 0;
  #ended = false;

  /** Brings the document up to the entry. */
  update(entry: AnswerEntry): void {
    const { text } = entry.answer;
    if (text.length > this.#taken) {
      this.document.append(text.slice(this.#taken));
      this.#taken = text.length;
    }
    if (!this.#ended && !isRunning(entry.status)) {
      this.#ended = true;
      this.document.end();
    }
  }
}
