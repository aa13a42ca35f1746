/**
 * Finds the end of a JSON string in UTF-8 bytes, if the bytes are exactly what `JSON.stringify` and a `TextEncoder`
 * would write. Such a string can be copied from a provider's stream into ours without decoding. Pure.
 * @see https://www.rfc-editor.org/rfc/rfc8259#section-7
 * @see https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G27506 (table 3-7, well-formed UTF-8)
 * @module
 */

const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;
const FIRST_NON_ASCII = 0x80;

/** The short escapes that `JSON.stringify` writes. Its long ones are rare and left to the parser. */
const SHORT_ESCAPES: ReadonlySet<number | undefined> = new Set([...'"\\bfnrt'].map((letter) => letter.charCodeAt(0)));

/**
 * The position of the closing quote.
 * @param start the position after the opening quote
 * @returns -1 where the string does not end in these bytes, or is not written as `JSON.stringify` writes it
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
    } else if (byte < FIRST_NON_ASCII) {
      at++;
    } else {
      const length = lengthOfCharacter(bytes, at, byte);
      if (length === 0) return -1;
      at += length;
    }
  }
  return -1;
}

/** The position of the closing quote of a string without escapes; -1 where an escape or the end comes first. */
export function endOfPlainString(bytes: Uint8Array, start: number): number {
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < SPACE) return -1;
  }
  return -1;
}

/** The length in bytes of the non-ASCII character that begins at `at` with `lead`; 0 where it is malformed. */
function lengthOfCharacter(bytes: Uint8Array, at: number, lead: number): number {
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return isContinuation(bytes[at + 1]) ? 2 : 0;
  const second = bytes[at + 1];
  if (!isContinuation(second) || !isContinuation(bytes[at + 2])) return 0;
  if (lead < 0xf0) {
    // Overlong encodings, and halves of surrogate pairs.
    return (lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f) ? 0 : 3;
  }
  // Overlong encodings, and code points above U+10FFFF.
  if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return 0;
  return isContinuation(bytes[at + 3]) ? 4 : 0;
}

function isContinuation(byte: number | undefined): byte is number {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
