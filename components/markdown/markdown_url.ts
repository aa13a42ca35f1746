/**
 * Decides which addresses of an answer become links, and which of its images may load.
 *
 * An answer can be steered by whatever the model has read, so an image address is a way to send data out of the page
 * without a click. Hence the two policies: links are widely allowed and marked, images are not loaded from strangers.
 * @module
 */

/** Where a link goes. */
export interface LinkTarget {
  readonly href: string;
  /** The host, for links that leave the site. */
  readonly host: string | undefined;
}

/** An image of an answer: where to load it from, and from which host it must not load unasked. */
export interface ImageSource {
  readonly src: string;
  /** The foreign host that the visitor has to agree to, absent for images that may load. */
  readonly blockedHost: string | undefined;
}

const LINK_SCHEMES: readonly string[] = ["http:", "https:", "mailto:", "tel:"];
const RASTER_DATA = /^data:image\/(?:png|jpeg|gif|webp|avif)[;,]/i;
/** Control characters, which hide a scheme from a check, and bidirectional overrides, which make an address lie. */
// deno-lint-ignore no-control-regex
const DECEPTIVE = /[\u0000-\u0020\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** The page that an answer is shown in. */
export interface PageAddress {
  /** What relative addresses are relative to. */
  readonly base: string;
  readonly origin: string;
}

/** The target of a link, or undefined where its scheme is not allowed. */
export function linkTarget(written: string, { base, origin }: PageAddress): LinkTarget | undefined {
  const href = cleanUrl(written);
  const url = parseUrl(href, base);
  if (url === undefined) return undefined;
  const isRelative = parseUrl(href, undefined) === undefined;
  if (!isRelative && !LINK_SCHEMES.includes(url.protocol)) return undefined;
  const isOffSite = url.protocol.startsWith("http") && url.origin !== origin;
  return { href, host: isOffSite ? url.host : undefined };
}

/** How an image may load, or undefined where it never may. */
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
  const isTrusted = url.origin === origin || trustedOrigins.includes(url.origin);
  if (url.protocol === "blob:") return isTrusted ? { src, blockedHost: undefined } : undefined;
  return { src, blockedHost: isTrusted ? undefined : url.host };
}

/** The address as it is put into the page: without what deceives, and with the rest percent-encoded. */
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
