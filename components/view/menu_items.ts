/**
 * The items of the menu that downloads the conversation, and the styles of the items of every menu. Loaded lazily.
 * @module
 */
import { css, type CSSResult, html, type TemplateResult } from "lit";
import type { ChatExportFormat } from "../chat/chat_export.ts";
import type { OccasionalStrings } from "../locales/occasional_strings.ts";

/** The styles of the items. */
export const menuStyles: CSSResult = css`
  .menu-items {
    position: absolute;
    z-index: 1;
    inset-block-start: calc(100% + 0.25em);
    inset-inline-end: 0;
    display: grid;
    padding: 0.375em;
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 0.8);
    background: var(--_surface);
    box-shadow: 0 8px 28px -8px rgb(0 0 0 / 25%);
  }
  .menu-items .plain {
    justify-content: start;
    border-radius: calc(var(--_radius) * 0.55);
    color: var(--_text);
  }
  @media (pointer: coarse) {
    .menu-items .plain {
      min-block-size: 3.15em;
    }
  }
`;

/** Renders one item for each file format. */
export function renderDownloads(
  strings: OccasionalStrings,
  onDownload: (format: ChatExportFormat) => void,
): TemplateResult {
  const download = (event: Event, format: ChatExportFormat) => {
    (event.currentTarget as Element).closest("details")?.removeAttribute("open");
    onDownload(format);
  };
  const renderItem = (format: ChatExportFormat, label: string) =>
    html`<button type="button" class="plain" @click=${(event: Event) => download(event, format)}>${label}</button>`;
  return html`
    <div class="menu-items">${renderItem("markdown", strings.asMarkdown)}${renderItem("json", strings.asJson)}</div>
  `;
}
