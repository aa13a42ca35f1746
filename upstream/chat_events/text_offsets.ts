/**
 * Converts a provider's offsets in the answer's text to UTF-16 code units, which is what a browser counts. Providers count
 * bytes or code points. The text itself is not kept: runs of characters with the same width are enough.
 * @module
 */

/** What a provider counts: bytes of UTF-8, or Unicode code points. */
export type OffsetUnit = "bytes" | "code points";

/** The most runs of one text. Offsets after the last one are not converted. */
const MAX_RUNS = 16_384;

/** Characters of the same width. Both starts are offsets in the text. */
interface Run {
  readonly start: number;
  readonly providerStart: number;
  /** What a UTF-16 code unit counts in the provider's unit. */
  readonly width: number;
  /** The run has surrogate pairs only. An offset never lies within a pair. */
  readonly isPairs: boolean;
}

/** The offsets in one text, which grows. */
export class TextOffsets {
  readonly #unit: OffsetUnit;
  /** The characters that do not have the width 1. Most texts have none. */
  readonly #wide: RegExp;
  readonly #runs: Run[] = [];
  #length = 0;
  #providerLength = 0;
  #isFull = false;

  constructor(unit: OffsetUnit) {
    this.#unit = unit;
    this.#wide = unit === "bytes" ? /[\u0080-\uffff]/ : /[\ud800-\udfff]/;
  }

  /** The length of the text so far, in the provider's unit. */
  get providerLength(): number {
    return this.#providerLength;
  }

  /** Adds the next text. */
  add(text: string): void {
    if (!this.#wide.test(text)) return this.#count(text.length, 1, false);
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit >= 0xd800 && unit <= 0xdfff) this.#count(1, this.#unit === "bytes" ? 2 : 0.5, true);
      else this.#count(1, this.#unit === "bytes" ? bytesOf(unit) : 1, false);
    }
  }

  /** Adds the next text, which is the inside of a JSON string as `JSON.stringify` writes it. Only for code points. */
  addJson(json: Uint8Array, start: number, end: number): void {
    let narrow = 0;
    for (let at = start; at < end; at++) {
      const byte = json[at]!;
      if (byte === BACKSLASH) {
        // An escape has two bytes, and one with a number six. `\ud8…` to `\udf…` is half a pair.
        const hasNumber = json[at + 1] === LETTER_U;
        if (hasNumber && json[at + 2] === LETTER_D && json[at + 3]! >= DIGIT_EIGHT) narrow = this.#countPair(narrow, 1);
        else narrow++;
        at += hasNumber ? 5 : 1;
      } else if (byte >= FOUR_BYTES) narrow = this.#countPair(narrow, 2);
      else if (!isContinuation(byte)) narrow++;
    }
    this.#count(narrow, 1, false);
  }

  /**
   * Converts an offset.
   * @param offset in the provider's unit; not trusted
   * @returns undefined for anything but an offset within the text so far, from 1
   */
  toUtf16(offset: unknown): number | undefined {
    if (typeof offset !== "number" || !Number.isInteger(offset)) return undefined;
    if (offset <= 0 || offset > this.#providerLength) return undefined;
    const { start, providerStart, width, isPairs } = this.#runBefore(offset);
    const units = Math.floor((offset - providerStart) / width);
    return start + (isPairs ? units - units % 2 : units);
  }

  /** @returns the number of narrow characters that have not been counted: none */
  #countPair(narrow: number, units: number): 0 {
    this.#count(narrow, 1, false);
    this.#count(units, 0.5, true);
    return 0;
  }

  #count(units: number, width: number, isPairs: boolean): void {
    if (this.#isFull || units === 0) return;
    const last = this.#runs.at(-1);
    if (last === undefined || last.width !== width || last.isPairs !== isPairs) {
      if (this.#runs.length === MAX_RUNS) return void (this.#isFull = true);
      this.#runs.push({ start: this.#length, providerStart: this.#providerLength, width, isPairs });
    }
    this.#length += units;
    this.#providerLength += units * width;
  }

  /** The last run that begins before `offset`: a binary search. */
  #runBefore(offset: number): Run {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#runs[middle]!.providerStart < offset) low = middle;
      else high = middle - 1;
    }
    return this.#runs[low]!;
  }
}

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const LETTER_D = 0x64;
const DIGIT_EIGHT = 0x38;
/** The first byte of a character with four bytes, which is a surrogate pair in UTF-16. */
const FOUR_BYTES = 0xf0;

function bytesOf(unit: number): number {
  return unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0;
}
