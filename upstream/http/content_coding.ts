/**
 * Finds responses that are compressed although no client here requests it. They are refused: some hundred bytes of one may
 * hold gigabytes.
 * @module
 */

/** True for a body with a content coding (RFC 9110, section 8.4). */
export function hasContentCoding(headers: Headers): boolean {
  return !/^\s*(?:identity\s*)?$/i.test(headers.get("content-encoding") ?? "");
}
