/**
 * Finds formulas in TeX: `\(…\)`, `\[…\]`, `$$…$$` and `$…$`.
 *
 * A dollar sign is money more often than mathematics, so `$…$` has Pandoc's rules and some more: it is on one line, has no
 * space inside its marks, no letter or digit before it and no digit after it, and does not read like an amount.
 * @module
 */

/** A formula in a text. */
export interface MathSpan {
  readonly tex: string;
  /** True for a formula on lines of its own. */
  readonly isDisplay: boolean;
  /** The index after the closing mark. */
  readonly end: number;
}

/** An unfinished formula shows this. It also loads the renderer in time. */
const PENDING_TEX = "\u2026";
/** An unfinished formula that is longer is shown as text: nothing may ever close it. In UTF-16 code units. */
const MAX_OPEN_CHARS = 4000;

const MARKS: Readonly<Record<string, string>> = { "\\(": "\\)", "\\[": "\\]", "$$": "$$" };
const WORD = /[\p{L}\p{N}]/u;
/** An amount: digits that a word follows, or the start of a range of amounts. */
const MONEY = /^\d[\d.,]*[kmb]?(?:[-\u2013\u2014/]$|[,;:]?\s+\p{L}{2,})/iu;
/** Two words: a text after an amount, a variable of a shell or a stray mark. */
const PROSE = /(?<![\\\p{L}])\p{L}{2,}[,.:;]?\s+\p{L}{2,}/u;
/** What a formula may have words in: its groups, the last of which is unfinished. */
const GROUP = /\{[^{}]*(?:\}|$)/g;

/** Returns the mark that closes a formula which opens at `at`; undefined if none opens there. */
function closingMark(text: string, at: number): string | undefined {
  return MARKS[text.slice(at, at + 2)] ?? (text[at] === "$" ? "$" : undefined);
}

/**
 * Reads the formula that opens at `at`; undefined if there is none, or if it is unfinished.
 * @param unclosed the marks that the text does not close: searching again for each opener would be quadratic
 */
export function readMath(text: string, at: number, unclosed: Set<string>): MathSpan | undefined {
  const close = closingMark(text, at);
  if (close === undefined || unclosed.has(close)) return undefined;
  const start = at + close.length;
  const end = findMark(text, close, start);
  if (end === -1 && close !== "$") unclosed.add(close);
  if (end === -1) return undefined;
  const tex = text.slice(start, end);
  const isMath = close === "$" ? isDollarMath(text, start, end) : /[^\s\\]/.test(tex);
  return isMath
    ? { tex: tex.trim(), isDisplay: close === "$$" || close === "\\]", end: end + close.length }
    : undefined;
}

/** Finds a mark that is not escaped. A backslash escapes the character after it. */
function findMark(text: string, mark: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    if (text.startsWith(mark, at)) return at;
    if (mark === "$" && text[at] === "\n") return -1;
    if (text[at] === "\\") at++;
  }
  return -1;
}

function isDollarMath(text: string, start: number, end: number): boolean {
  const tex = text.slice(start, end);
  const after = text[end + 1] ?? "";
  return mayOpen(text, start) && /[^\s([{]$/.test(tex) && !/[\d$]/.test(after) && !MONEY.test(tex) &&
    // "$n$th" is a formula, "$HOME/$USER" is none.
    (!WORD.test(after) || /[\p{L}\p{N})\]}]$/u.test(tex));
}

/** True if a formula may start at `start`, after its dollar sign. */
function mayOpen(text: string, start: number): boolean {
  return !/[\p{L}\p{N}$]$/u.test(text.slice(Math.max(0, start - 3), start - 1)) && !/[\s$]/.test(text[start] ?? " ");
}

/**
 * Replaces a formula that opens at `at` and is unfinished at the end of the text by a placeholder. Undefined if this is
 * no such formula.
 */
export function closePendingMath(text: string, at: number): string | undefined {
  const close = closingMark(text, at);
  const tex = text.slice(at + (close?.length ?? 0));
  if (close === undefined || tex.length > MAX_OPEN_CHARS || tex.includes(close)) return undefined;
  if (PROSE.test(tex.replace(GROUP, ""))) return undefined;
  if (close === "$" && tex !== "" && (!mayOpen(text, at + 1) || /^\d|\n/.test(tex))) return undefined;
  // A single dollar sign at the end is still undecided.
  return text.slice(0, at) + (tex === "" ? "" : text.slice(at, at + close.length) + PENDING_TEX + close);
}

/** Escapes the pipes in the formulas of a table row, where they are no borders of cells. */
export function escapePipes(row: string): string {
  if (!/\$|\\[([]/.test(row)) return row;
  const unclosed = new Set<string>();
  let escaped = "";
  for (let at = 0; at < row.length;) {
    const end = readMath(row, at, unclosed)?.end;
    const step = end === undefined ? row.slice(at, at + (row[at] === "\\" ? 2 : 1)) : row.slice(at, end);
    escaped += end === undefined ? step : step.replace(/(?<!\\)\|/g, "\\|");
    at += step.length;
  }
  return escaped;
}

/** Follows the lines of a paragraph. A formula on lines of its own continues over lines that look like other blocks. */
export function openMathAfter(line: string, open: string | undefined): string | undefined {
  const start = open === undefined ? /^(?:\$\$|\\\[)/.exec(line)?.[0] : "";
  const close = open ?? MARKS[start ?? ""];
  return close === undefined || line.includes(close, start?.length) ? undefined : close;
}
