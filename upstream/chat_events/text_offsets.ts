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
  /** The width of half a surrogate pair. */
  readonly #pairWidth: number;
  readonly #runs: Run[] = [];
  #length = 0;
  #providerLength = 0;
  #isFull = false;

  constructor(unit: OffsetUnit) {
    this.#unit = unit;
    this.#pairWidth = unit === "bytes" ? 2 : 0.5;
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
      const isPairs = unit >= 0xd800 && unit <= 0xdfff;
      if (isPairs || this.#unit === "code points") this.addUnits(1, isPairs);
      else this.#count(1, bytesOf(unit), false);
    }
  }

  /** Adds code units of one kind: those of surrogate pairs, or others of the width 1. */
  addUnits(units: number, isPairs: boolean): void {
    this.#count(units, isPairs ? this.#pairWidth : 1, isPairs);
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

function bytesOf(unit: number): number {
  return unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
}
