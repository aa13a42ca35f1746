/**
 * The blank line, which ends a message of an event stream and the head of an HTTP answer alike.
 * @module
 */

const LF = 10;
const CR = 13;

/**
 * Where the first blank line ends, or -1 where there is none. A line feed ends a line, with a carriage return before it or
 * without.
 * @param from where to look; a blank line whose line feeds lie before is not seen
 */
export function afterBlankLine(bytes: Uint8Array, from: number): number {
  for (let lf = bytes.indexOf(LF, from); lf !== -1; lf = bytes.indexOf(LF, lf + 1)) {
    if (bytes[lf + 1] === LF) return lf + 2;
    if (bytes[lf + 1] === CR && bytes[lf + 2] === LF) return lf + 3;
  }
  return -1;
}
