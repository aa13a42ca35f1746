/**
 * Finds the blank line that ends a message of an event stream and the head of an HTTP response alike.
 * @module
 */

const LF = 10;
const CR = 13;

/**
 * Where the first blank line ends, or -1 where there is none. A line ends with LF or CRLF.
 * @param from where to start; a blank line whose line feeds lie before it is not found
 */
export function afterBlankLine(bytes: Uint8Array, from: number): number {
  for (let lf = bytes.indexOf(LF, from); lf !== -1; lf = bytes.indexOf(LF, lf + 1)) {
    if (bytes[lf + 1] === LF) return lf + 2;
    if (bytes[lf + 1] === CR && bytes[lf + 2] === LF) return lf + 3;
  }
  return -1;
}
