/**
 * Decides which URLs of an answer become links, and which of its images may load.
 *
 * Anything that the model has read can influence an answer. An image URL can send data to another host without a click,
 * and on the page's own host it is a GET request with the visitor's cookies. So links are allowed widely and marked, but
 * an image loads only after the visitor allows it, wherever it is, or from an origin that the page trusts.
 * @module
 */

/** The target of a link. */
export interface LinkTarget {
  readonly href: string;
  /** The host, for links that leave the site. */
  readonly host: string | undefined;
}

/** An image of an answer: its URL, and the host that the visitor must allow first. */
export interface ImageSource {
  readonly src: string;
  /** The host that the visitor must allow. Undefined for images that may load. */
  readonly blockedHost: string | undefined;
}

const LINK_SCHEMES: readonly string[] = ["http:", "https:", "mailto:", "tel:"];
const RASTER_DATA = /^data:image\/(?:png|jpeg|gif|webp|avif)[;,]/i;
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

/**
 * Decides how an image may load; undefined if it never may. Images in the page's memory (`data:`, `blob:`) may load, as
 * they send no request.
 */
export function imageSource(
  written: string,
  { base, origin }: PageAddress,
  trustedOrigins: readonly string[],
): ImageSource | undefined {
  const src = cleanUrl(written);
  const url = parseUrl(src, base);
  if (url === undefined) return undefined;
  if (RASTER_DATA.test(src)) return { src, blockedHost: undefined };
  if (url.protocol !== "blob:" && !url.protocol.startsWith("http")) return undefined;
  if (url.protocol === "blob:") return url.origin === origin ? { src, blockedHost: undefined } : undefined;
  return { src, blockedHost: trustedOrigins.includes(url.origin) ? undefined : url.host };
}

/** Formats a URL for the page: without misleading characters, the rest percent-encoded. */
function cleanUrl(written: string): string {
  const url = written.trim().replaceAll(" ", "%20").replace(DECEPTIVE, "");
  try {
    return encodeURI(url).replace(/%25(?=[\da-f]{2})/gi, "%").replace(/^(\w+:\/\/)%5B([\da-f:.]+)%5D/i, "$1[$2]");
  } catch {
    return ""; // half of a surrogate pair
  }
}

function parseUrl(url: string, base: string | undefined): URL | undefined {
  return URL.canParse(url, base) ? new URL(url, base) : undefined;
}
