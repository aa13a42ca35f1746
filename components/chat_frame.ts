/**
 * What is around the messages, as templates: the header, the greeting, the launcher's button, the small notices.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import type { ChatExportFormat } from "./chat_export.ts";
import { CLOSE, DOWN, MARK, NEW_CHAT, SAVE } from "./icons.ts";
import { type ChatStrings, fillString } from "./strings.ts";

/** What the header shows and does; a button whose function is absent is not there. */
export interface HeaderOptions {
  readonly label: string;
  readonly words: ChatStrings;
  readonly onClear: (() => void) | undefined;
  readonly onClose: (() => void) | undefined;
  onDownload(format: ChatExportFormat): void;
}

/** The title and what can be done with the whole conversation. */
export function renderHeader({ label, words, onClear, onClose, onDownload }: HeaderOptions): TemplateResult {
  const download = (event: Event, format: ChatExportFormat) => {
    (event.currentTarget as Element).closest("details")?.removeAttribute("open");
    onDownload(format);
  };
  return html`
    <header class="header" part="header">
      <slot name="header"><span class="title" part="title">${MARK}${label}</span></slot>
      <div class="header-buttons">
        ${onClear === undefined ? nothing : html`
          <button type="button" class="plain" @click=${onClear}>${NEW_CHAT}<span>${words.newChat}</span></button>
          <details class="menu" @focusout=${closeWhenLeft} @keydown=${closeOnEscape}>
            <summary class="plain" aria-label=${words.download} title=${words.download}>${SAVE}</summary>
            <div class="menu-items">
              <button type="button" class="plain" @click=${(event: Event) => download(event, "markdown")}>${words
                .asMarkdown}</button>
              <button type="button" class="plain" @click=${(event: Event) => download(event, "json")}>${words
                .asJson}</button>
            </div>
          </details>
        `}
        ${onClose === undefined ? nothing : html`
          <button type="button" class="plain" aria-label=${words.close} title=${words
            .close} @click=${onClose}>${CLOSE}</button>
        `}
      </div>
    </header>
  `;
}

function closeWhenLeft(event: FocusEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (!menu.contains(event.relatedTarget as Node | null)) menu.open = false;
}

function closeOnEscape(event: KeyboardEvent): void {
  const menu = event.currentTarget as HTMLDetailsElement;
  if (event.key !== "Escape" || !menu.open) return;
  event.stopPropagation();
  menu.open = false;
  menu.querySelector("summary")?.focus();
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

/** The way back to the end of the conversation. */
export function renderJump(unseen: number, words: ChatStrings, onJump: () => void): TemplateResult {
  const label = unseen === 0 ? words.jump : fillString(words.jumpCount, { count: unseen });
  return html`<button type="button" class="jump" part="jump-button" @click=${onJump}>${DOWN}${label}</button>`;
}

/** The way back after clearing. */
export function renderUndo(words: ChatStrings, onUndo: () => void): TemplateResult {
  return html`
    <div class="undo">${words.cleared}<button type="button" class="plain" @click=${onUndo}>${words.undo}</button></div>
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
