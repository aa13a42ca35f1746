/**
 * Templates of what surrounds the messages: the header and the empty state.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { CLOSE, MARK, NEW_CHAT } from "./icons.ts";
import type { CoreStrings } from "../locales/core_strings.ts";

/** The content of the header. A button without a handler is not rendered. */
export interface HeaderOptions {
  readonly label: string;
  readonly strings: CoreStrings;
  /** The list of models. */
  readonly models: unknown;
  /** The menu with further actions. */
  readonly menu: unknown;
  /** The button that enlarges a launcher's panel. */
  readonly enlarge: unknown;
  readonly onClear: (() => void) | undefined;
  readonly onClose: (() => void) | undefined;
}

/** Renders the title and the actions for the whole conversation. */
export function renderHeader(
  { label, strings, models, menu, enlarge, onClear, onClose }: HeaderOptions,
): TemplateResult {
  const close = html`
    <button type="button" class="plain" aria-label=${strings.close} title=${strings
      .close} @click=${onClose}>${CLOSE}</button>
  `;
  const clear = html`
    <button type="button" class="plain" aria-label=${strings.newChat} title=${strings.newChat}
      @click=${onClear}>${NEW_CHAT}<span class="label">${strings.newChat}</span></button>
  `;
  return html`
    <div class="header" part="header">
      <slot
        name="header"><span class="title" part="title" title=${label}>${MARK}<span>${label}</span></span></slot>
      <div class="header-buttons">${models}${onClear ? clear : nothing}${menu}${enlarge}${onClose
        ? close
        : nothing}</div>
    </div>
  `;
}

/** Renders the empty state: the greeting and the starters. */
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
