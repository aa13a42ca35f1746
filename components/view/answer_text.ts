/**
 * Appends the new text of an answer to its Markdown document: at an even pace while it streams, all at once at the end.
 * @module
 */
import { type AnswerEntry, isRunning } from "../chat/chat_state.ts";
import { MarkdownDocument } from "../markdown/markdown_document.ts";
import type { nextShown } from "./smooth_text.ts";

/** The text of one answer as a growing Markdown document. */
export class AnswerText {
  #document = new MarkdownDocument();
  #shown = 0;
  #shownAt = 0;
  #ended = false;

  /** The document to render. */
  get document(): MarkdownDocument {
    return this.#document;
  }

  /**
   * Moves the document towards the text of the entry.
   * @param pace computes how far to show the text; undefined shows all of it
   * @param isHeld true if no more text may be shown now
   * @returns true if the next frame should show more
   */
  update({ answer: { text }, status }: AnswerEntry, pace: typeof nextShown | undefined, isHeld: boolean): boolean {
    if (isHeld) return true;
    const now = performance.now();
    const ended = !isRunning(status);
    if (this.#ended && !ended) this.#reopen(text);
    const isBehind = text.length > this.#shown;
    if (isBehind) {
      const end = ended || pace === undefined ? text.length : pace(text, this.#shown, this.#elapsed(now));
      if (end > this.#shown) this.#document.append(text.slice(this.#shown, end));
      this.#shown = end;
      this.#shownAt = now;
    }
    if (ended && !this.#ended) this.#document.end();
    this.#ended ||= ended;
    return text.length > this.#shown;
  }

  /** An answer is continued: its last block is open again. */
  #reopen(text: string): void {
    const shown = text.slice(0, this.#shown);
    this.#document = new MarkdownDocument();
    this.#document.append(shown);
    this.#ended = false;
  }

  /** The milliseconds since the last update. A pause counts as one frame, so that a burst does not appear at once. */
  #elapsed(now: number): number {
    const elapsed = now - this.#shownAt;
    return elapsed > MAX_FRAME_MS ? FRAME_MS : elapsed;
  }
}

const FRAME_MS = 16;
const MAX_FRAME_MS = 500;
