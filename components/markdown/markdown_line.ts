/**
 * One line of Markdown with a read position. Tabs advance to the next stop of four columns.
 * @see https://spec.commonmark.org/0.31.2/#tabs
 * @module
 */

const SPACE = 32;
const TAB = 9;

/** A line that is read from left to right. */
export class MarkdownLine {
  readonly #text: string;
  #at = 0;
  #column = 0;
  /** The columns of the current tab that are already read. */
  #tabRead = 0;

  /** @param text the line without its ending */
  constructor(text: string) {
    this.#text = text;
  }

  /** The number of columns of white space at the current position. */
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

  /** True if only white space is left. */
  get isBlank(): boolean {
    return this.content === "";
  }

  /** The rest of the line without leading white space. */
  get content(): string {
    let at = this.#at;
    while (this.#text.charCodeAt(at) === SPACE || this.#text.charCodeAt(at) === TAB) at++;
    return this.#text.slice(at);
  }

  /** The rest of the line. The rest of a tab becomes spaces. */
  get rest(): string {
    if (this.#tabRead === 0) return this.#text.slice(this.#at);
    return " ".repeat(tabWidth(this.#column) - this.#tabRead) + this.#text.slice(this.#at + 1);
  }

  /** Skips characters that are not white space. */
  skip(chars: number): void {
    this.#at += chars;
    this.#column += chars;
  }

  /** Skips up to `columns` columns of white space. */
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
