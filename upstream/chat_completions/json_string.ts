/**
 * Finds the end of a JSON string in UTF-8 bytes, where those bytes are exactly what `JSON.stringify` and a `TextEncoder`
 * would write: such a string can be copied from a provider's stream into ours without being decoded. Pure.
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-7
 * @see https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G27506 (table 3-7, well-formed UTF-8)
 * @module
 */

const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;
const FIRST_BEYOND_ASCII = 0x80;

/** What may follow a backslash: the short escapes that `JSON.stringify` writes. Its long ones are rare, and for the parser. */
const SHORT_ESCAPES: ReadonlySet<number | undefined> = new Set([...'"\\bfnrt'].map((letter) => letter.charCodeAt(0)));

/**
 * The place of the quote that ends the string.
 * @param start the first byte after the opening quote
 * @returns -1 where the string does not end in these bytes, or is not spelt as `JSON.stringify` spells it
 */
export function endOfJsonString(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) {
      if (!SHORT_ESCAPES.has(bytes[at + 1])) return -1;
      at += 2;
    } else if (byte < SPACE) {
      return -1;
    } else if (byte < FIRST_BEYOND_ASCII) {
      at++;
    } else {
      const length = lengthOfCharacter(bytes, at, byte);
      if (length === 0) return -1;
      at += length;
    }
  }
  return -1;
}

/** The place of the quote that ends a string without escapes; -1 where there is none, or where an escape comes first. */
export function endOfPlainString(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < SPACE) return -1;
  }
  return -1;
}

/** How many bytes the well-formed character beyond ASCII has that begins at `at` with `lead`; 0 where there is none. */
function lengthOfCharacter(bytes: Uint8Array, at: number, lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return isContinuation(bytes[at + 1]) ? 2 : 0;
  const second = bytes[at + 1];
  if (!isContinuation(second) || !isContinuation(bytes[at + 2])) return 0;
  if (lead < 0xf0) {
    // What would fit in two bytes, and the halves of surrogate pairs.
    return (lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f) ? 0 : 3;
  }
  // What would fit in three bytes, and what lies beyond Unicode's last character.
  if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return 0;
  return isContinuation(bytes[at + 3]) ? 4 : 0;
}

function isContinuation(byte: number | undefined): byte is number {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
