/**
 * The actions below a message: copy, regenerate, edit, and what others add.
 * @module
 */
import { html, nothing, svg, type TemplateResult } from "lit";
import { icon, RETRY } from "./icons.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";

const COPY = icon(svg`
  <rect x="9" y="9" width="11" height="11" rx="2.5" />
  <path d="M5 15V6.5A2.5 2.5 0 0 1 7.5 4H15" />
`);
const CHECK = icon(svg`
  <path d="m5 13 4.5 4.500L19 7" />
`);
const EDIT = icon(svg`
  <path d="M4 20l1-4L16 5l3 3L8 19zM14 7l3 3" />
`);

/** The content and the handlers of the buttons. */
export interface MessageActionsOptions {
  readonly strings: ChatStrings;
  /** The rendered buttons that switch versions. */
  readonly versions: unknown;
  /** True for a moment after copying. */
  readonly isCopied: boolean;
  /** The rendered time. */
  readonly time: unknown;
  /** Further rendered buttons. */
  readonly more: unknown;
  /** Copies the text. Absent for a message without text. */
  onCopy?(): void;
  /** Requests another answer. Absent for a question. */
  onRegenerate?(): void;
  /** Opens the editor. Absent for an answer. */
  onEdit?(): void;
}

/** Renders the buttons below a message. */
export function renderActions(options: MessageActionsOptions): TemplateResult {
  const { strings, versions, isCopied, time, more, onCopy, onRegenerate, onEdit } = options;
  // The clipboard exists in secure contexts only.
  const canCopy = onCopy && globalThis.navigator?.clipboard !== undefined;
  return html`
    <div class="actions" part="actions">
      ${versions}
      ${canCopy ? renderButton(isCopied ? strings.copied : strings.copy, isCopied ? CHECK : COPY, onCopy) : nothing}
      ${onEdit ? renderButton(strings.edit, EDIT, onEdit) : nothing}
      ${onRegenerate ? renderButton(strings.regenerate, RETRY, onRegenerate) : nothing}
      ${more} ${time}
    </div>
  `;
}

function renderButton(label: string, image: TemplateResult, onClick: () => void): TemplateResult {
  return html`<button type="button" class="small" aria-label=${label} title=${label} @click=${onClick}>${image}</button>`;
}
