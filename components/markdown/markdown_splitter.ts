/**
 * Splits a growing Markdown text into chunks that can be parsed independently. Examines each line once.
 *
 * The borders of chunks depend on the text only, not on how it was split while it arrived, so every split of an answer
 * renders the same. A chunk ends only where all CommonMark containers are closed: it may contain several blocks, but no
 * block spans two chunks.
 * @see https://spec.commonmark.org/0.31.2/#phase-1-block-structure
 * @module
 */

/** A top-level fenced code block. */
export interface MarkdownFence {
  /** The opening backticks or tildes. At least as many close the block. */
  readonly mark: string;
  /** The spaces before the opening fence. Each line of the code loses up to as many. */
  readonly indent: number;
  /** The info string of the opening fence, as written. */
  readonly info: string;
}

/** A part of the text that later text cannot change. */
export interface MarkdownChunk {
  readonly source: string;
  /** Set if the chunk is one fenced code block. */
  readonly fence: MarkdownFence | undefined;
}

const FENCE = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]|$)/;
const LIST_ITEM = /^ {0,3}(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)/;
/** An unfinished line that may still become the start of a list item, a heading or a fence. */
const UNDECIDED = /^ {0,3}(?:[-+*]|\d{1,9}[.)]?|#{1,6}|[`~].*)?$/;

/** Takes text, returns the chunks that it completes, and keeps the open rest. */
export class MarkdownSplitter {
  #open = "";
  /** The start of the line that has not been examined yet. */
  #lineStart = 0;
  #fence: MarkdownFence | undefined;
  #hasContent = false;
  #isInList = false;
  #isAfterBlank = false;

  /** The open chunk, which later text may change. */
  get open(): MarkdownChunk {
    return { source: this.#open, fence: this.#fence };
  }

  /** Appends text and returns the chunks that it completes. */
  push(text: string): MarkdownChunk[] {
    const closed: MarkdownChunk[] = [];
    this.#open += text;
    for (;;) {
      const end = this.#open.indexOf("\n", this.#lineStart);
      if (end === -1) break;
      this.#takeLine(this.#open.slice(this.#lineStart, end), end + 1, closed);
    }
    this.#lookAhead(closed);
    return closed;
  }

  /** Ends the text and returns the rest. */
  end(): MarkdownChunk[] {
    const closed: MarkdownChunk[] = [];
    if (this.#lineStart < this.#open.length) {
      this.#takeLine(this.#open.slice(this.#lineStart), this.#open.length, closed);
    }
    this.#close(this.#open.length, closed);
    return closed;
  }

  #takeLine(line: string, next: number, closed: MarkdownChunk[]): void {
    if (this.#fence !== undefined) {
      this.#lineStart = next;
      if (closesFence(line, this.#fence)) this.#close(next, closed);
      return;
    }
    if (line.trim() === "") {
      this.#isAfterBlank = true;
      this.#lineStart = next;
      return;
    }
    const fence = FENCE.exec(line);
    // Blank lines before a fence are no part of its code.
    const hasBlankStart = fence !== null && !this.#hasContent;
    if (hasBlankStart || this.#startsChunk(line, fence !== null || HEADING.test(line))) {
      next -= this.#close(this.#lineStart, closed);
    }
    if (fence !== null && !this.#hasContent) this.#fence = readFence(fence);
    this.#hasContent = true;
    this.#isAfterBlank = false;
    this.#isInList ||= LIST_ITEM.test(line);
    this.#lineStart = next;
  }

  /** Checks the first characters of an unfinished line: waiting for its end would hold back a paragraph. */
  #lookAhead(closed: MarkdownChunk[]): void {
    if (this.#fence !== undefined || !this.#isAfterBlank || !this.#hasContent) return;
    const line = this.#open.slice(this.#lineStart, this.#lineStart + 20);
    if (line.trim() !== "" && !UNDECIDED.test(line) && this.#startsChunk(line, false)) {
      this.#close(this.#lineStart, closed);
    }
  }

  /** True if no block before the line can continue in it. A list continues in indented lines and in items. */
  #startsChunk(line: string, interruptsParagraph: boolean): boolean {
    if (!this.#hasContent) return false;
    if (line.search(/[^ ]/) > (this.#isInList ? 1 : 3) || line.trimStart() !== line.replace(/^ */, "")) return false;
    return interruptsParagraph || (this.#isAfterBlank && !(this.#isInList && LIST_ITEM.test(line)));
  }

  /** Ends the open chunk at `end`. Returns by how much the rest has moved. */
  #close(end: number, closed: MarkdownChunk[]): number {
    if (end > 0) closed.push({ source: this.#open.slice(0, end), fence: this.#fence });
    this.#open = this.#open.slice(end);
    this.#lineStart = 0;
    this.#fence = undefined;
    this.#hasContent = this.#isInList = this.#isAfterBlank = false;
    return end;
  }
}

/** True if the line closes an open fence. */
export function closesFence(line: string, fence: MarkdownFence): boolean {
  const mark = /^ {0,3}(`+|~+)[ \t]*$/.exec(line)?.[1];
  return mark !== undefined && mark.startsWith(fence.mark);
}

function readFence([, indent = "", mark = "", info = ""]: readonly string[]): MarkdownFence {
  return { mark, indent: indent.length, info: info.trim() };
}
