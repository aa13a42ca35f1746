/**
 * Feeds the text of an answer to its document: only what is new, evenly while it streams, and the end at once.
 * @module
 */
import { type AnswerEntry, isRunning } from "../chat/chat_state.ts";
import { MarkdownDocument } from "../markdown/markdown_document.ts";
import type { nextShown } from "./smooth_text.ts";

/** The text of one answer, as a document that grows with it. */
export class AnswerText {
  /** What is rendered. */
  readonly document: MarkdownDocument = new MarkdownDocument();
  #shown = 0;
  #shownAt = 0;
  #ended = false;

  /**
   * Brings the document nearer to the entry, or up to it.
   * @param pace says how far to show the text; undefined shows all there is at once
   * @returns true when text is left that the next frame should show
   */
  update({ answer: { text }, status }: AnswerEntry, pace: typeof nextShown | undefined): boolean {
    const now = performance.now();
    const ended = !isRunning(status);
    const isBehind = text.length > this.#shown;
    if (isBehind) {
      const end = ended || pace === undefined ? text.length : pace(text, this.#shown, this.#elapsed(now));
      if (end > this.#shown) this.document.append(text.slice(this.#shown, end));
      this.#shown = end;
      this.#shownAt = now;
    }
    if (ended && !this.#ended) this.document.end();
    this.#ended ||= ended;
    return text.length > this.#shown;
  }

  /** The time since the last frame; after a pause it counts as one frame, so that a burst does not appear at once. */
  #elapsed(now: number): number {
    const elapsed = now - this.#shownAt;
    return elapsed > MAX_FRAME_MS ? FRAME_MS : elapsed;
  }
}

const FRAME_MS = 16;
const MAX_FRAME_MS = 500;
