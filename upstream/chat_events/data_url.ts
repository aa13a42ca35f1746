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
 * The `data:` URL of an image; undefined where `mimeType` names no image or `data` is not base64. Both are a provider's and
 * become part of a page.
 */
export function imageUrlOf(mimeType: unknown, data: unknown): string | undefined {
  if (typeof mimeType !== "string" || !/^image\/[\w.+-]+$/.test(mimeType)) return undefined;
  if (typeof data !== "string" || !/^[\w+/-]+={0,2}$/.test(data)) return undefined;
  // Some providers use the alphabet for URLs, which browsers do not decode.
  const standard = /[-_]/.test(data) ? data.replaceAll("-", "+").replaceAll("_", "/") : data;
  return `data:${mimeType};base64,${standard}`;
}

/** The parts of a `data:` URL with base64; undefined for anything else. */
export function parseDataUrl(url: string): InlineData | undefined {
  const head = /^data:([\w.+-]+\/[\w.+-]+)(?:;[\w.+-]+=[^;,]*)*;base64,/i.exec(url);
  return head === null ? undefined : { mimeType: head[1]!.toLowerCase(), data: url.slice(head[0].length) };
}
