/**
 * Detects compressed responses. No client here requests one, and they are refused: a few hundred bytes may expand to
 * gigabytes.
 * @module
 */

/** True for a body with a content coding (RFC 9110, section 8.4). */
export function hasContentCoding(headers: Headers): boolean {
  return !/^\s*(?:identity\s*)?$/i.test(headers.get("content-encoding") ?? "");
}
