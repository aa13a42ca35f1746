/**
 * What is around the messages, as templates: the header, the greeting, the launcher's button.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { CLOSE, MARK, NEW_CHAT } from "./icons.ts";
import type { CoreStrings } from "../locales/strings.ts";

/** What the header shows and does; a button whose function is absent is not there. */
export interface HeaderOptions {
  readonly label: string;
  readonly words: CoreStrings;
  /** What else can be done. */
  readonly menu: unknown;
  readonly onClear: (() => void) | undefined;
  readonly onClose: (() => void) | undefined;
}

/** The title and what can be done with the whole conversation. */
export function renderHeader({ label, words, menu, onClear, onClose }: HeaderOptions): TemplateResult {
  const close = html`
    <button type="button" class="plain" aria-label=${words.close} title=${words
      .close} @click=${onClose}>${CLOSE}</button>
  `;
  const clear = html`
    <button type="button" class="plain" aria-label=${words.newChat} title=${words.newChat}
      @click=${onClear}>${NEW_CHAT}<span class="label">${words.newChat}</span></button>
  `;
  return html`
    <div class="header" part="header">
      <slot name="header"><span class="title" part="title">${MARK}${label}</span></slot>
      <div class="header-buttons">${onClear ? clear : nothing}${menu}${onClose ? close : nothing}</div>
    </div>
  `;
}

/** What is there before the first question. */
export function renderEmpty(
  greeting: string,
  starters: readonly string[],
  onStart: (text: string) => void,
): TemplateResult {
  return html`
    <slot name="empty">
      <div class="empty" part="empty">
        ${MARK}
        <p>${greeting}</p>
        <div class="starters">
          ${starters.map((text) =>
            html`
              <button type="button" class="starter" part="starter" @click=${() => onStart(text)}>${text}</button>
            `
          )}
        </div>
      </div>
    </slot>
  `;
}

/** The button that opens the panel. */
export function renderLauncher(label: string, opened: boolean, onToggle: () => void): TemplateResult {
  return html`
    <button
      type="button"
      class="launcher"
      part="launcher"
      aria-label=${label}
      aria-expanded=${String(opened)}
      aria-haspopup="dialog"
      @click=${onToggle}
    ><slot name="launcher-icon">${MARK}</slot></button>
  `;
}
