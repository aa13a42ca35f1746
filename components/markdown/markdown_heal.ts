/**
 * Closes unfinished emphasis, code, links and formulas at the end of a growing text, so that they already render as what they
 * will become and their raw marks are never visible.
 *
 * This is a guess, used for the open end of an answer only. Complete text is parsed as written.
 * @module
 */

import { closePendingMath, readMath } from "./markdown_math.ts";

/** The destination of a link whose URL has not arrived. No link is created for it. */
export const PENDING_URL = "pending:";

/** A mark further back than this is taken as a stray mark that nothing will close. In UTF-16 code units. */
const MAX_OPEN_CHARS = 1000;

/** Longer texts are not healed, in UTF-16 code units. */
const MAX_CHARS = 10_000;
/** The maximum number of open marks. A text with more is not healed: each closed one would cost the parser a scan. */
const MAX_OPENERS = 8;

const SPACE = /\s|^$/;
const WORD = /[\p{L}\p{N}]/u;
const PUNCTUATION = /[\p{P}\p{S}]/u;

interface Opener {
  readonly mark: string;
  readonly length: number;
  /** The index of the mark. */
  readonly at: number;
}

/** Closes what is unfinished at the end of an open block's inline text, or hides it if it shows nothing yet. */
export function healInline(source: string): string {
  if (source.length > MAX_CHARS) return source;
  return new Healer(
    source.replace(/(?:&#?\w{0,12}|\\|<(?:\w{1,6}:?\/{0,2})?|(?<!\S)!|!?\[(?:\^[^\s\]]{0,50}|\d{1,3})?)$/, ""),
  )
    .heal();
}

class Healer {
  #text: string;
  #openers: Opener[] = [];
  /** Lengths of backtick runs without a closing run: searching again for each opener would be quadratic. */
  readonly #unclosedCode = new Set<number>();
  readonly #unclosedMath = new Set<string>();
  #end = "";
  #isHostile = false;

  constructor(text: string) {
    this.#text = text;
  }

  heal(): string {
    let at = 0;
    const written = this.#text;
    while (at < this.#text.length && !this.#isHostile) at = this.#step(at);
    return this.#isHostile ? written : this.#finish();
  }

  /** Reads the character at `at`. Returns the next index, or one past the end if the rest is unfinished and handled. */
  #step(at: number): number {
    switch (this.#text[at]) {
      case "\\":
      case "$":
        return this.#math(at);
      case "`":
        return this.#code(at);
      case "*":
      case "_":
      case "~":
        return this.#delimiters(at);
      case "[":
        this.#open({ mark: "[", length: 1, at });
        return at + 1;
      case "]":
        return this.#linkEnd(at);
      case "<":
        return this.#autolink(at);
      default:
        return at + 1;
    }
  }

  #math(at: number): number {
    const math = readMath(this.#text, at, this.#unclosedMath);
    if (math !== undefined) return math.end;
    const closed = closePendingMath(this.#text, at);
    if (closed === undefined) return at + (this.#text[at] === "$" ? 1 : 2);
    this.#text = closed;
    return closed.length;
  }

  #code(at: number): number {
    const length = this.#runLength(at);
    const body = at + length;
    let close = this.#unclosedCode.has(length) ? -1 : this.#text.indexOf("`", body);
    while (close !== -1) {
      const found = this.#runLength(close);
      if (found === length) return close + length;
      close = this.#text.indexOf("`", close + found);
    }
    this.#unclosedCode.add(length);
    if (this.#isStray(at)) return body;
    const code = this.#text.slice(body).replace(/`+$/, "");
    if (code.trim() === "") return this.#cut(at);
    this.#text = this.#text.slice(0, body) + code;
    this.#end = "`".repeat(length);
    return this.#text.length;
  }

  #delimiters(at: number): number {
    const mark = this.#text[at] ?? "";
    const length = this.#runLength(at);
    const next = at + length;
    if (next === this.#text.length) return this.#trailingDelimiters(mark, length, at);
    const before = this.#text[at - 1] ?? "";
    const after = this.#text[next] ?? "";
    let left = length;
    if (canClose(mark, before, after)) left = this.#closeWith(mark, length);
    if (left > 0 && canOpen(mark, before, after) && (mark !== "~" || left === 2)) {
      this.#open({ mark, length: left, at });
    }
    return next;
  }

  #open(opener: Opener): void {
    this.#openers.push(opener);
    this.#isHostile ||= this.#openers.length > MAX_OPENERS;
  }

  /** Handles marks at the very end: they close something, start to close it, or open what has not arrived. */
  #trailingDelimiters(mark: string, length: number, at: number): number {
    const top = this.#openers.at(-1);
    const left = top?.mark === mark && top.length > length ? length : this.#closeWith(mark, length);
    return left === 0 ? at + length : this.#cut(this.#text.length - left);
  }

  /** Closes the openers that match a run of `length` marks. Returns the number of unused marks. */
  #closeWith(mark: string, length: number): number {
    let left = length;
    while (left > 0) {
      const index = this.#openers.findLastIndex((opener) => opener.mark === mark || opener.mark === "[");
      const opener = this.#openers[index];
      if (opener === undefined || opener.mark !== mark) break;
      this.#openers.length = index;
      if (opener.length > left) this.#openers.push({ ...opener, length: opener.length - left });
      left = Math.max(0, left - opener.length);
    }
    return left;
  }

  #linkEnd(at: number): number {
    const index = this.#openers.findLastIndex((opener) => opener.mark === "[");
    const opener = this.#openers[index];
    if (opener === undefined) return at + 1;
    this.#openers.length = index;
    const next = this.#text[at + 1];
    if (next === "(") {
      const end = destinationEnd(this.#text, at + 2);
      if (end !== undefined) return end;
      if (this.#isStray(at)) return at + 1;
    } else if (next === "[") {
      const end = this.#text.indexOf("]", at + 2);
      if (end !== -1) return end + 1;
    } else if (next !== undefined || !this.#mayBeLink(opener.at) || /\[(?:\^\S+|\d{1,3})\]$/.test(this.#text)) {
      return at + 1;
    }
    if (this.#isStray(opener.at)) return at + 1;
    return this.#pendingLink(opener, at);
  }

  /** Shows the text of a link whose URL is unfinished, and nothing of an unfinished image. */
  #pendingLink(opener: Opener, textEnd: number): number {
    if (this.#text[opener.at - 1] === "!") return this.#cut(opener.at - 1);
    if (this.#text.slice(opener.at + 1, textEnd).trim() === "") return this.#cut(opener.at);
    this.#text = this.#text.slice(0, textEnd);
    this.#end = `](${PENDING_URL})`;
    return this.#text.length;
  }

  /** A URL in angle brackets: shown without them while it is unfinished. */
  #autolink(at: number): number {
    if (this.#isStray(at)) return at + 1;
    const rest = this.#text.slice(at + 1);
    if (!/^(?:https?:\/\/|mailto:|[\w.+-]+@)[^\s<>]*$/.test(rest)) return at + 1;
    this.#text = this.#text.slice(0, at) + rest;
    return this.#text.length;
  }

  /** Hides everything from `at` on. */
  #cut(at: number): number {
    this.#text = this.#text.slice(0, at);
    return this.#text.length;
  }

  #finish(): string {
    const link = this.#openers.findLast(({ mark, at }) => mark === "[" && this.#mayBeLink(at));
    let healed = this.#end === "" ? this.#text.trimEnd() : this.#text + this.#end;
    for (const opener of this.#openers.toReversed()) {
      if (opener.mark === "[") {
        if (opener === link) healed = this.#closeLink(opener, healed);
      } else if (opener.at + opener.length >= healed.length) {
        healed = healed.slice(0, opener.at).trimEnd();
      } else if (!this.#isStray(opener.at)) {
        healed += opener.mark.repeat(opener.length);
      }
    }
    return healed.trimEnd();
  }

  #closeLink(opener: Opener, healed: string): string {
    if (this.#text[opener.at - 1] === "!") return healed.slice(0, opener.at - 1);
    if (opener.at + 1 >= healed.length) return healed.slice(0, opener.at);
    return `${healed}](${PENDING_URL})`;
  }

  /** True if the bracket may start a link. A bracket directly after a word is more likely an array index. */
  #mayBeLink(at: number): boolean {
    return !this.#isStray(at) && !WORD.test(this.#text[at - 1] ?? "") && this.#text.length > at;
  }

  #isStray(at: number): boolean {
    return this.#text.length - at > MAX_OPEN_CHARS;
  }

  #runLength(at: number): number {
    let end = at + 1;
    while (this.#text[end] === this.#text[at]) end++;
    return end - at;
  }
}

/** True if a run of marks may open emphasis (left-flanking in the standard). */
function canOpen(mark: string, before: string, after: string): boolean {
  if (SPACE.test(after) || (mark === "_" && WORD.test(before))) return false;
  return !PUNCTUATION.test(after) || SPACE.test(before) || PUNCTUATION.test(before);
}

/** True if a run of marks may close emphasis (right-flanking in the standard). */
function canClose(mark: string, before: string, after: string): boolean {
  if (SPACE.test(before) || (mark === "_" && WORD.test(after))) return false;
  return !PUNCTUATION.test(before) || SPACE.test(after) || PUNCTUATION.test(after);
}

/** Returns the end of the link destination that was opened before `at`; undefined if it is unfinished or too long. */
function destinationEnd(text: string, at: number): number | undefined {
  let depth = 1;
  for (const end = Math.min(text.length, at + MAX_OPEN_CHARS); at < end; at++) {
    const char = text[at];
    if (char === "\\") at++;
    else if (char === "(") depth++;
    else if (char === ")" && --depth === 0) return at + 1;
  }
}
