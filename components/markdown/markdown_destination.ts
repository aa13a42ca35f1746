/**
 * Parses the destination and the title of a link, which inline links and definitions share.
 * @see https://spec.commonmark.org/0.31.2/#link-destination
 * @module
 */
import { decodeEntities } from "./markdown_entities.ts";

/** A parsed value and the index after it. */
export interface Reading {
  readonly value: string;
  readonly end: number;
}

/** The maximum depth of parentheses in a URL: each level costs a scan for every link before it. */
const MAX_PARENTHESES = 8;

const POINTY = /<((?:\\.|[^\\<>\n])*)>/y;
const TITLE = /"((?:\\[^]|[^\\"])*)"|'((?:\\[^]|[^\\'])*)'|\(((?:\\[^]|[^\\()])*)\)/y;
const SPACES = /[ \t]*(?:\n[ \t]*)?/y;

/** Parses the link destination at `at`; undefined if there is none. */
export function readDestination(text: string, at: number): Reading | undefined {
  if (text[at] === "<") {
    const [whole, address] = matchAt(POINTY, text, at) ?? [];
    return whole === undefined ? undefined : { value: unescape(address ?? ""), end: at + whole.length };
  }
  let depth = 0;
  let end = at;
  for (; end < text.length; end++) {
    const char = text[end] ?? "";
    if (char <= " " || char === "\x7f") break;
    if (char === "\\" && /[!-/:-@[-`{-~]/.test(text[end + 1] ?? "")) end++;
    else if (char === "(" && ++depth > MAX_PARENTHESES) return undefined;
    else if (char === ")" && --depth < 0) break;
  }
  return depth > 0 ? undefined : { value: unescape(text.slice(at, end)), end };
}

/** Parses the link title at `at`; undefined if there is none. */
export function readTitle(text: string, at: number): Reading | undefined {
  const [whole, ...titles] = matchAt(TITLE, text, at) ?? [];
  if (whole === undefined || /\n[ \t]*\n/.test(whole)) return undefined;
  return { value: unescape(titles.find((title) => title !== undefined) ?? ""), end: at + whole.length };
}

/** Returns the end of the white space at `at`, which may contain one line ending. */
export function skipSpaces(text: string, at: number): number {
  return at + (matchAt(SPACES, text, at)?.[0].length ?? 0);
}

/** Resolves backslash escapes and character references. */
export function unescape(text: string): string {
  return text.split(/\\([!-/:-@[-`{-~])/).map((part, i) => i % 2 === 1 ? part : decodeEntities(part)).join("");
}

/** Matches a sticky pattern at `at`. */
export function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
