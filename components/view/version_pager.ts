/**
 * The buttons that switch between the versions of a message. Loaded lazily.
 * @module
 */
import { css, type CSSResult, html, type TemplateResult } from "lit";
import { fillString } from "../locales/core_strings.ts";
import type { OccasionalStrings } from "../locales/occasional_strings.ts";
import { CHEVRON } from "./icons.ts";

/** The styles of the buttons. */
export const versionStyles: CSSResult = css`
  .small[aria-disabled="true"] {
    opacity: 0.35;
    cursor: default;
    background: none;
    color: inherit;
  }
  .small.back,
  .small.forward:dir(rtl) {
    rotate: 180deg;
  }
  .small.back:dir(rtl) {
    rotate: 0deg;
  }
  .place {
    font-size: 0.8125em;
    font-variant-numeric: tabular-nums;
  }
`;

/** The versions of a message. */
export interface VersionPagerOptions {
  readonly strings: OccasionalStrings;
  /** The ids of all versions, oldest first. */
  readonly versions: readonly number[];
  /** The id of the shown version. */
  readonly id: number;
  onShow(id: number): void;
}

/** Renders the buttons and the place of the shown version between them. */
export function renderVersions({ strings, versions, id, onShow }: VersionPagerOptions): TemplateResult {
  const index = versions.indexOf(id);
  const step = (by: number, label: string, name: string) => {
    const target = versions[index + by];
    return html`
      <button
        type="button"
        class="small ${name}"
        aria-label=${label}
        title=${label}
        aria-disabled=${String(target === undefined)}
        @click=${() => target !== undefined && onShow(target)}
      >${CHEVRON}</button>
    `;
  };
  const place = fillString(strings.version, { index: index + 1, count: versions.length });
  return html`
    ${step(-1, strings.earlier, "back")}
    <span
      class="place"><span aria-hidden="true">${index + 1}/${versions
        .length}</span><span class="hidden">${place}</span></span>
    ${step(1, strings.later, "forward")}
  `;
}
