/**
 * Decides which images of an answer may load, and renders them.
 *
 * Anything that the model has read can influence an answer. An image URL can send data to another host without a click,
 * and on the page's own host it is a GET request with the visitor's cookies. So an image loads only after the visitor
 * allows it, wherever it is, or from an origin that the page trusts.
 * @module
 */
import { html, nothing } from "lit";
import type { Address, InlineContext } from "./markdown_context.ts";
import { plainText } from "./markdown_nodes.ts";
import { growingText } from "./markdown_text.ts";
import { cleanUrl, type PageAddress, pageAddress, parseUrl } from "./markdown_url.ts";

/** An image of an answer: its URL, and the host that the visitor must allow first. */
export interface ImageSource {
  readonly src: string;
  /** The host that the visitor must allow. Undefined for images that may load. */
  readonly blockedHost: string | undefined;
}

const RASTER_DATA = /^data:image\/(?:png|jpeg|gif|webp|avif)[;,]/i;

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

/** Renders an image, or a note and a button in its place. */
export function renderImage({ url, title, content }: Address, context: InlineContext): unknown {
  const alt = plainText(content);
  const source = imageSource(url, pageAddress(), context.imageOrigins);
  if (source === undefined) return growingText(alt);
  const { src, blockedHost } = source;
  if (blockedHost === undefined || context.allowed.has(src)) {
    // `src` comes last: an earlier one would start a request without the policies.
    // deno-fmt-ignore: white space around an inline element would be visible
    return html`<img crossorigin="anonymous" referrerpolicy="no-referrer" loading="lazy" decoding="async"
      alt=${alt} title=${title || nothing} src=${src}>`;
  }
  const load = () => {
    context.allowed.add(src);
    context.onChange();
  };
  // A link must not contain a button.
  const button = context.isInLink
    ? nothing
    : html`<button type="button" @click=${load}>${context.strings.loadImage}</button>`;
  const note = context.strings.imageBlocked.replace("{host}", () => blockedHost);
  // deno-fmt-ignore: white space around an inline element would be visible
  return html`<span class="image-blocked"><span class="image-alt">${alt}</span> <span>${note}</span> ${button}</span>`;
}
