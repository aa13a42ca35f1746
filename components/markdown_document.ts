/**
 * The text of one message as it grows. Plain paragraphs for now.
 * @module
 */

/** A growing text. */
export class MarkdownDocument {
  /** Everything so far. */
  text = "";
  /** Grows with each change. */
  version = 0;

  /** Adds a piece of text. */
  append(text: string): void {
    this.text += text;
    this.version++;
  }

  /** The text is complete. */
  end(): void {
    this.version++;
  }
}
