/**
 * `data:` URLs with base64: images of answers, and images and files of requests.
 * @module
 */

/** The data of a `data:` URL, and its type. */
export interface InlineData {
  readonly mimeType: string;
  /** In base64. */
  readonly data: string;
}

/**
 * The `data:` URL of an image; undefined where `mimeType` names no image or there is no data. Both are a provider's and become
 * part of a page. As RFC 2045 says, characters that are not base64 are skipped: some providers break lines.
 */
export function imageUrlOf(mimeType: unknown, data: unknown): string | undefined {
  if (typeof mimeType !== "string" || !/^image\/[\w.+-]+$/.test(mimeType) || typeof data !== "string") return undefined;
  const base64 = /^[A-Za-z0-9+/]+={0,2}$/.test(data) ? data : toStandardBase64(data);
  return base64 === "" ? undefined : `data:${mimeType};base64,${base64}`;
}

/** Some providers use the alphabet for URLs, which browsers do not decode. */
function toStandardBase64(data: string): string {
  const digits = data.replaceAll("-", "+").replaceAll("_", "/").replace(/[^A-Za-z0-9+/]+/g, "");
  return digits.padEnd(Math.ceil(digits.length / 4) * 4, "=");
}

/** The parts of a `data:` URL with base64; undefined for anything else. */
export function parseDataUrl(url: string): InlineData | undefined {
  const head = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w.+-]+=[^;,]*)*;base64,/i.exec(url);
  return head === null ? undefined : { mimeType: head[1]!.toLowerCase(), data: url.slice(head[0].length) };
}
