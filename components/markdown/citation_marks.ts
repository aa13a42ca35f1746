/**
 * Puts the marks of citations into a Markdown text, as private characters that the view replaces.
 *
 * A provider gives the offset of a mark in the text with its markup. The mark moves to where it cannot change what the
 * markup means: to the end of its word, link, code or formula, and never into a fence or a delimiter row.
 * @module
 */

/** Where a text cites sources. */
export interface CitationMark {
  /** The offset in the text, in UTF-16 code units. */
  readonly end: number;
  /** The cited sources, as indexes. */
  readonly citations: readonly number[];
}

/** The private characters begin here: one for each source. */
const FIRST = 0xf0000;
/** The maximum number of sources with marks. */
const MAX_SOURCES = 999;
/** A mark or `[1]` in a text. */
const MARK = /\[(\d{1,3})\]|[\u{f0000}-\u{f03e7}]/gu;

/** Markup that a mark must not divide. */
const WHOLE =
  /(`+)(?!`)[^]{1,1000}?(?<!`)\1(?!`)|!?\[[^\]\n]{0,500}\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,200}\])|\$\$[^]{1,4000}?\$\$|\$[^$\n]{1,500}\$|\\\[[^]{1,4000}?\\\]|\\\([^]{1,4000}?\\\)|<[^>\s]{1,2000}>|(?:https?:\/\/|www\.)[^\s<>]+/gi;
const FENCE = /^[ \t]*(?:(?:>|[-+*]|\d{1,9}[.)])[ \t]+)*(`{3,}|~{3,})/;
/** Lines without text of their own: a delimiter row, a rule, an underline; and lines of other syntax. */
const UNSAFE = /^(?:[-=|:*_ \t>]*$|(?: {4}|\t)(?![ \t]*(?:[-+*]|\d{1,9}[.)])[ \t])|[ \t]*\[[^\]]+\]:|[ \t]*<)/;

/** Returns the text with marks. Marks that have no place, or no source, are left out. */
export function placeMarks(text: string, marks: readonly CitationMark[], sourceCount: number): string {
  const lines = readLines(text);
  const wholes = [...text.matchAll(WHOLE)].map((match) => [match.index, match.index + match[0].length] as const);
  const places = new Map<number, Set<number>>();
  for (const { end, citations } of marks) {
    const place = findPlace(text, end, lines, wholes);
    if (place === undefined) continue;
    const sources = places.get(place) ?? new Set();
    for (const index of citations) {
      if (Number.isInteger(index) && index >= 0 && index < Math.min(sourceCount, MAX_SOURCES)) sources.add(index);
    }
    places.set(place, sources);
  }
  let placed = "";
  let at = 0;
  for (const [place, sources] of [...places].sort(([a], [b]) => a - b)) {
    placed += text.slice(at, place);
    for (const index of sources) placed += String.fromCodePoint(FIRST + index);
    at = place;
  }
  return placed + text.slice(at);
}

/** Splits a text at its marks: texts, and the indexes of cited sources. Undefined if it has none. */
export function splitAtMarks(text: string, sourceCount: number): (string | number)[] | undefined {
  const parts: (string | number)[] = [];
  let at = 0;
  for (const { 0: written, 1: number, index } of text.matchAll(MARK)) {
    const source = number === undefined ? (written.codePointAt(0) ?? 0) - FIRST : Number(number) - 1;
    if (source < 0 || source >= sourceCount) continue;
    // A mark stands at its word.
    const before = text.slice(at, index).trimEnd();
    if (before !== "") parts.push(before);
    parts.push(source);
    at = index + written.length;
  }
  if (parts.length === 0) return undefined;
  return at < text.length ? [...parts, text.slice(at)] : parts;
}

interface Line {
  readonly start: number;
  readonly end: number;
  readonly isSafe: boolean;
}

function readLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  let fence: string | undefined;
  let start = 0;
  for (const line of text.split("\n")) {
    const mark = FENCE.exec(line)?.[1];
    const isSafe = fence === undefined && mark === undefined && !UNSAFE.test(line);
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence) && line.trimEnd().endsWith(mark)) fence = undefined;
    lines.push({ start, end: start + line.length, isSafe });
    start += line.length + 1;
  }
  return lines;
}

type Whole = readonly [start: number, end: number];

function findPlace(text: string, end: number, lines: readonly Line[], wholes: readonly Whole[]): number | undefined {
  if (!Number.isInteger(end) || end <= 0) return undefined;
  let at = Math.min(end, text.length);
  while (at > 0 && /\s/.test(text[at - 1] ?? "")) at--;
  const whole = wholes.find(([start, end]) => start < at && at < end);
  if (whole !== undefined) at = whole[1];
  else if (/[\p{L}\p{N}]/u.test(text.slice(at - 1, at))) {
    at += /^[\p{L}\p{N}]*/u.exec(text.slice(at, at + 50))![0].length;
  }
  at += /^[*_~]*/.exec(text.slice(at, at + 9))![0].length;
  const index = lines.findLastIndex((line) => line.start < at);
  // The end of a formula on lines of its own is no line of text, but may have a mark.
  const line = whole !== undefined && lines[index]?.isSafe === false && !/`{3}|~{3}/.test(text.slice(...whole))
    ? lines[index]
    : lines.slice(0, index + 1).findLast(({ isSafe }) => isSafe);
  if (line === undefined) return undefined;
  const written = text.slice(line.start, line.end).trimEnd();
  const isRow = written.trimStart().startsWith("|") && written.endsWith("|");
  const last = line.start + (isRow ? written.slice(0, -1).trimEnd() : written).length;
  return Math.min(at, last);
}
