/**
 * Counts text that is still JSON, for the offsets in an answer: the short cut never has it as a string.
 * @module
 */
import type { TextOffsets } from "../chat_events/text_offsets.ts";

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const LETTER_D = 0x64;
const DIGIT_EIGHT = 0x38;
/** The first byte of a character with four bytes, which is a surrogate pair in UTF-16. */
const FOUR_BYTES = 0xf0;

/**
 * Adds the next text.
 * @param offsets in code points
 * @param json has the inside of a JSON string from `start` to `end`, as `JSON.stringify` writes it
 */
export function addJsonText(offsets: TextOffsets, json: Uint8Array, start: number, end: number): void {
  let narrow = 0;
  for (let at = start; at < end; at++) {
    const byte = json[at]!;
    if (byte === BACKSLASH) {
      // An escape has two bytes, and one with a number six.
      const hasNumber = json[at + 1] === LETTER_U;
      if (hasNumber && isSurrogate(json, at)) narrow = addPair(offsets, narrow, 1);
      else narrow++;
      at += hasNumber ? 5 : 1;
    } else if (byte >= FOUR_BYTES) narrow = addPair(offsets, narrow, 2);
    else if (!isContinuation(byte)) narrow++;
  }
  offsets.addUnits(narrow, false);
}

/** @returns the number of other characters that have not been counted: none */
function addPair(offsets: TextOffsets, narrow: number, units: number): 0 {
  offsets.addUnits(narrow, false);
  offsets.addUnits(units, true);
  return 0;
}

/** `\ud8…` to `\udf…` is half a pair. */
function isSurrogate(json: Uint8Array, at: number): boolean {
  return json[at + 2] === LETTER_D && json[at + 3]! >= DIGIT_EIGHT;
}

function isContinuation(byte: number): boolean {
  return byte >= 0x80 && byte < 0xc0;
}
