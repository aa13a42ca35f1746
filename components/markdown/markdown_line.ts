/**
 * One line of Markdown and how far it has been read, with tabs as the stops of four columns that they are.
 * @see https://spec.commonmark.org/0.31.2/#tabs
 * @module
 */

const SPACE = 32;
const TAB = 9;

/** A line that is read from its left. */
export class MarkdownLine {
  readonly #text: string;
  #at = 0;
  #column = 0;
  /** Columns of the tab at the place that have been read already. */
  #tabRead = 0;

  /** @param text the line without its ending */
  constructor(text: string) {
    this.#text = text;
  }

  /** How many columns of white space come next. */
  get indent(): number {
    let column = this.#column;
    for (let at = this.#at; at < this.#text.length; at++) {
      const char = this.#text.charCodeAt(at);
      if (char === SPACE) column++;
      else if (char === TAB) column += tabWidth(column);
      else break;
    }
    return column - this.#column - this.#tabRead;
  }

  /** Whether only white space is left. */
  get isBlank(): boolean {
    return this.content === "";
  }

  /** What is left, without the white space before it. */
  get content(): string {
    let at = this.#at;
    while (this.#text.charCodeAt(at) === SPACE || this.#text.charCodeAt(at) === TAB) at++;
    return this.#text.slice(at);
  }

  /** What is left. What remains of a tab is spaces. */
  get rest(): string {
    if (this.#tabRead === 0) return this.#text.slice(this.#at);
    return " ".repeat(tabWidth(this.#column) - this.#tabRead) + this.#text.slice(this.#at + 1);
  }

  /** Reads characters that are not white space. */
  skip(chars: number): void {
    this.#at += chars;
    this.#column += chars;
  }

  /** Reads at most so many columns of white space. */
  skipSpaces(columns: number): void {
    for (let left = columns; left > 0;) {
      const char = this.#text.charCodeAt(this.#at);
      if (char === SPACE) {
        this.skip(1);
        left--;
      } else if (char === TAB) {
        const width = tabWidth(this.#column) - this.#tabRead;
        if (width > left) {
          this.#tabRead += left;
          return;
        }
        this.#column += tabWidth(this.#column);
        this.#at++;
        this.#tabRead = 0;
        left -= width;
      } else return;
    }
  }
}

function tabWidth(column: number): number {
  return 4 - column % 4;
}
