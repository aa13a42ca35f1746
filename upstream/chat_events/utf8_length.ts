/**
 * The length of a string in UTF-8, without encoding it.
 * @module
 */

/** The number of bytes of a string in UTF-8. A lone surrogate counts as the two bytes of half a pair. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    // A surrogate pair has two units and four bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
