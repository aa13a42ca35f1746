/**
 * The editor of a sent question.
 * @module
 */
import { css, type CSSResult, html, type TemplateResult } from "lit";
import type { ChatStrings } from "../locales/chat_strings.ts";

/** The styles of the editor. */
export const editorStyles: CSSResult = css`
  .editor {
    inline-size: 100%;
    padding: 0.75em 0.75em 0.5em 1em;
    border: 1px solid var(--_outline);
    border-radius: calc(var(--_radius) * 1.1);
    background: var(--_surface);
  }
  .editor:has(textarea:focus) {
    border-color: var(--_accent);
    box-shadow: 0 0 0 1px var(--_accent);
  }
  .editor textarea {
    display: block;
    inline-size: 100%;
    min-block-size: 4.5em;
  }
  .editor-buttons {
    display: flex;
    justify-content: flex-end;
    gap: 0.25em;
  }
`;

/** The `keyCode` of a keydown that an input method handles. */
const IME_KEY_CODE = 229;

/** Renders the editor of a question. As in the composer, Enter sends and Shift+Enter inserts a line break. */
export function renderEditor(options: {
  readonly strings: ChatStrings;
  readonly text: string;
  /** The rendered attachments. */
  readonly files: unknown;
  /** True if a message without text may be sent. */
  readonly canSendEmpty: boolean;
  onSend(text: string): void;
  onCancel(): void;
}): TemplateResult {
  const { strings, text, files, canSendEmpty, onSend, onCancel } = options;
  const boxOf = (event: Event) => (event.currentTarget as Element).closest(".editor")?.querySelector("textarea");
  const send = (event: Event) => {
    const value = boxOf(event)?.value ?? "";
    if (canSendEmpty || value.trim() !== "") onSend(value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === "Escape" && !event.isComposing) {
      // A dialog of the page that contains the chat stays open.
      event.preventDefault();
      onCancel();
    }
    const isForInputMethod = event.isComposing || event.keyCode === IME_KEY_CODE;
    if (event.key !== "Enter" || event.shiftKey || event.altKey || isForInputMethod) return;
    event.preventDefault();
    send(event);
  };
  return html`
    <div class="editor">
      ${files}
      <textarea dir="auto" enterkeyhint="send" aria-label=${strings
        .edit} .value=${text} @keydown=${onKeyDown}></textarea>
      <div class="editor-buttons">
        <button type="button" class="plain" @click=${onCancel}>${strings.cancel}</button>
        <button type="button" class="plain filled" @click=${send}>${strings.send}</button>
      </div>
    </div>
  `;
}
