/**
 * Finds the blank line that ends a message of an event stream and the head of an HTTP response alike.
 * @module
 */

const LF = 10;
const CR = 13;

/**
 * The index after the first blank line, or -1. A line ends with LF or CRLF.
 * @param from where the search starts; line feeds before it do not count
 */
export function afterBlankLine(bytes: Uint8Array, from: number): number {
  for (let lf = bytes.indexOf(LF, from); lf !== -1; lf = bytes.indexOf(LF, lf + 1)) {
    if (bytes[lf + 1] === LF) return lf + 2;
    if (bytes[lf + 1] === CR && bytes[lf + 2] === LF) return lf + 3;
  }
  return -1;
}
