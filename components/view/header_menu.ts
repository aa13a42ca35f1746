/**
 * The menu that downloads the conversation. Its items are in `menu_items.ts`.
 * @module
 */
import { html, svg, type TemplateResult } from "lit";
import { icon } from "./icons.ts";
import type { CoreStrings } from "../locales/core_strings.ts";

const SAVE = icon(svg`<path d="M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14" />`);

/** Renders the menu. @param items its rendered items @param onToggle the menu opens, or closes */
export function renderMenu(strings: CoreStrings, items: unknown, onToggle: () => void): TemplateResult {
  return html`
    <details class="menu" @toggle=${onToggle} @focusout=${closeWhenLeft} @keydown=${closeOnEscape}>
      <summary class="plain" aria-label=${strings.download} title=${strings.download}>${SAVE}</summary>
      ${items}
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
