/**
 * Decides which URLs of an answer become links. Links are allowed widely, and marked.
 * @module
 */

/** The target of a link. */
export interface LinkTarget {
  readonly href: string;
  /** The host, for links that leave the site. */
  readonly host: string | undefined;
}

const LINK_SCHEMES: readonly string[] = ["http:", "https:", "mailto:", "tel:"];
/**
 * Control characters, which can hide a scheme from a check, and bidirectional overrides, which can make a URL
 * misleading.
 */
// deno-lint-ignore no-control-regex
const DECEPTIVE = /[\u0000-\u0020\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The page that shows the answer. */
export interface PageAddress {
  /** The base of relative URLs. */
  readonly base: string;
  readonly origin: string;
}

/** Resolves the target of a link; undefined if its scheme is not allowed. */
export function linkTarget(written: string, { base, origin }: PageAddress): LinkTarget | undefined {
  const href = cleanUrl(written);
  const url = parseUrl(href, base);
  if (url === undefined) return undefined;
  const isRelative = parseUrl(href, undefined) === undefined;
  if (!isRelative && !LINK_SCHEMES.includes(url.protocol)) return undefined;
  const isOffSite = url.protocol.startsWith("http") && url.origin !== origin;
  return { href, host: isOffSite ? url.host : undefined };
}

/** The current address of the page. Read for each link: a page may change its base or its URL. */
export function pageAddress(): PageAddress {
  return { base: document.baseURI, origin: location.origin };
}

/** Formats a URL for the page: without misleading characters, the rest percent-encoded. */
export function cleanUrl(written: string): string {
  const url = written.trim().replaceAll(" ", "%20").replace(DECEPTIVE, "");
  try {
    return encodeURI(url).replace(/%25(?=[\da-f]{2})/gi, "%").replace(/^(\w+:\/\/)%5B([\da-f:.]+)%5D/i, "$1[$2]");
  } catch {
    return ""; // half of a surrogate pair
  }
}

/** Parses a URL; undefined if it is none. */
export function parseUrl(url: string, base: string | undefined): URL | undefined {
  return URL.canParse(url, base) ? new URL(url, base) : undefined;
}
