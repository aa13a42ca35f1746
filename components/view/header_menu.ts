/**
 * The menu that downloads the conversation. Loaded lazily.
 * @module
 */
import { html, svg, type TemplateResult } from "lit";
import type { ChatExportFormat } from "../chat/chat_export.ts";
import { icon } from "./icons.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";

const SAVE = icon(svg`<path d="M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14" />`);

/** Renders the menu with one item for each file format. */
export function renderMenu(strings: ChatStrings, onDownload: (format: ChatExportFormat) => void): TemplateResult {
  const download = (event: Event, format: ChatExportFormat) => {
    (event.currentTarget as Element).closest("details")?.removeAttribute("open");
    onDownload(format);
  };
  return html`
    <details class="menu" @focusout=${closeWhenLeft} @keydown=${closeOnEscape}>
      <summary class="plain" aria-label=${strings.download} title=${strings.download}>${SAVE}</summary>
      <div class="menu-items">
        <button type="button" class="plain" @click=${(event: Event) => download(event, "markdown")}>
          ${strings.asMarkdown}
        </button>
        <button type="button" class="plain" @click=${(event: Event) => download(event, "json")}>${strings
          .asJson}</button>
      </div>
    </details>
  `;
}

/** Closes a menu when the focus leaves it. */
export function closeWhenLeft(event: FocusEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (!menu.contains(event.relatedTarget as Node | null)) menu.open = false;
}

/** Closes a menu at Escape, and does nothing else with that key. */
export function closeOnEscape(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (event.key !== "Escape" || !menu.open) return;
  event.preventDefault();
  event.stopPropagation();
  menu.open = false;
  menu.querySelector("summary")?.focus();
}
