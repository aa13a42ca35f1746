/**
 * The template of the images in an answer. Loaded lazily.
 * @module
 */
import { css, type CSSResult, html, nothing } from "lit";
import { imageName, type OccasionalStrings } from "../locales/occasional_strings.ts";

/** The styles of the images. */
export const imageStyles: CSSResult = css`
  .picture {
    display: block;
    max-inline-size: 100%;
    margin-block-start: 0.75em;
    border-radius: calc(var(--_radius) * 0.65);
  }
`;

/** Renders images from `data:` URLs. A remote URL would let a third party track the visitor, so it is skipped. */
export function renderImages(urls: readonly string[], strings: OccasionalStrings): unknown {
  return urls.map((url, index) =>
    /^data:image\/(?:png|jpeg|gif|webp|avif);base64,/.test(url)
      ? html`<img class="picture" src=${url} alt=${imageName(index, urls.length, strings)}>`
      : nothing
  );
}
