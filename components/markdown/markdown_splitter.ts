/**
 * Cuts a growing Markdown text into chunks that can be parsed on their own, by looking at each line once.
 *
 * Where it cuts depends on the text alone, never on how the text was delivered: that is what makes every split of an
 * answer render the same. It cuts only where every container of CommonMark is known to be closed, so a chunk may hold
 * several blocks, but no block spans two chunks.
 * @see https://spec.commonmark.org/0.31.2/#phase-1-block-structure
 * @module
 */

/** A top-level fenced code block. */
export interface MarkdownFence {
  /** How many backticks or tildes at least close it, and which. */
  readonly mark: string;
  /** Spaces before the opening fence, which each line of the code may lose. */
  readonly indent: number;
  /** What the opening fence says after its mark, as written. */
  readonly info: string;
}

/** A piece of the text that no later text can change. */
export interface MarkdownChunk {
  readonly source: string;
  /** Set where the chunk is one fenced code block. */
  readonly fence: MarkdownFence | undefined;
}

const FENCE = /^( {0,3})(`{3,}(?=[^`]*$)|~{3,})(.*)$/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]|$)/;
const LIST_ITEM = /^ {0,3}(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)/;
/** An unfinished line that may still become the start of a list item, a heading or a fence. */
const UNDECIDED = /^ {0,3}(?:[-+*]|\d{1,9}[.)]?|#{1,6}|[`~].*)?$/;

/** Takes text, gives the chunks that it completes, and keeps the open rest. */
export class MarkdownSplitter {
  #open = "";
  /** Where the line begins that has not been looked at yet. */
  #lineStart = 0;
  #fence: MarkdownFence | undefined;
  #hasContent = false;
  #isInList = false;
  #isAfterBlank = false;

  /** The chunk that later text may still change. */
  get open(): MarkdownChunk {
    return { source: this.#open, fence: this.#fence };
  }

  /** The chunks that `text`, the next piece, completes. */
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

  /** The rest, now that nothing follows. */
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
    if (this.#startsChunk(line, fence !== null || HEADING.test(line))) {
      next -= this.#close(this.#lineStart, closed);
    }
    if (fence !== null && !this.#hasContent) this.#fence = readFence(fence);
    this.#hasContent = true;
    this.#isAfterBlank = false;
    this.#isInList ||= LIST_ITEM.test(line);
    this.#lineStart = next;
  }

  /** A line may tell by its first characters that it starts a chunk. Waiting for its end would hold back a paragraph. */
  #lookAhead(closed: MarkdownChunk[]): void {
    if (this.#fence !== undefined || !this.#isAfterBlank || !this.#hasContent) return;
    const line = this.#open.slice(this.#lineStart, this.#lineStart + 20);
    if (line.trim() !== "" && !UNDECIDED.test(line) && this.#startsChunk(line, false)) {
      this.#close(this.#lineStart, closed);
    }
  }

  /** Whether no block before the line can go on in it. A list goes on in lines that are indented, or are items. */
  #startsChunk(line: string, interruptsParagraph: boolean): boolean {
    if (!this.#hasContent) return false;
    if (line.search(/[^ ]/) > (this.#isInList ? 1 : 3) || line.trimStart() !== line.replace(/^ */, "")) return false;
    return interruptsParagraph || (this.#isAfterBlank && !(this.#isInList && LIST_ITEM.test(line)));
  }

  /** Ends the open chunk at `end`. Returns how far the rest has moved. */
  #close(end: number, closed: MarkdownChunk[]): number {
    if (end > 0) closed.push({ source: this.#open.slice(0, end), fence: this.#fence });
    this.#open = this.#open.slice(end);
    this.#lineStart = 0;
    this.#fence = undefined;
    this.#hasContent = this.#isInList = this.#isAfterBlank = false;
    return end;
  }
}

/** Whether the line is the closing fence of an open one. */
export function closesFence(line: string, fence: MarkdownFence): boolean {
  const mark = /^ {0,3}(`+|~+)[ \t]*$/.exec(line)?.[1];
  return mark !== undefined && mark.startsWith(fence.mark);
}

function readFence([, indent = "", mark = "", info = ""]: readonly string[]): MarkdownFence {
  return { mark, indent: indent.length, info: info.trim() };
}
