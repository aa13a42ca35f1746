/**
 * Keeps the text of a message that the visitor sends while an answer is running, until that answer is complete. There is
 * one: a second message is appended to it. After a failure or a stop it waits for the visitor. The attachments keep its
 * files.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { type ChatState, chatStatus, isCutByLength, isRunning } from "../chat/chat_state.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";

/** Receives what happens to the queued message. */
export interface MessageQueueHandler {
  /** Whether the message has files. */
  hasFiles(): boolean;
  /** Renders the files of the message. */
  renderFiles(): unknown;
  /** The message has changed. */
  onChange(): void;
  /** The message can be sent now. */
  onSend(): void;
  /** The visitor takes the message back into the box. */
  onEdit(): void;
  /** The visitor removes the message. */
  onRemove(): void;
}

/** The queued message of one conversation. */
export class MessageQueue {
  readonly #handler: MessageQueueHandler;
  #text = "";

  /** @param handler receives what happens to the message */
  constructor(handler: MessageQueueHandler) {
    this.#handler = handler;
  }

  /** The queued text; empty if there is none, or only files. */
  get text(): string {
    return this.#text;
  }

  /** True if no message is queued. */
  get isEmpty(): boolean {
    return this.#text === "" && !this.#handler.hasFiles();
  }

  /** Queues a text, after the one that is queued already. */
  add(text: string): void {
    this.#set([this.#text, text.trim()].filter(Boolean).join("\n\n"));
  }

  /** Removes the text and returns it. */
  take(): string {
    const text = this.#text;
    this.#set("");
    return text;
  }

  /** Sends the message if an answer has just come to its natural end. */
  onChange(before: ChatState, after: ChatState): void {
    if (this.isEmpty || !isRunning(chatStatus(before))) return;
    const last = after.entries.find(({ id }) => id === after.leaf);
    if (last?.type === "answer" && last.status === "done" && !isCutByLength(last.answer)) {
      this.#handler.onSend();
    }
  }

  /** Renders the message with buttons that edit, remove and, if no answer is running, send it. */
  render(strings: ChatStrings, running: boolean): TemplateResult | undefined {
    if (this.isEmpty) return undefined;
    const { onRemove, onEdit, onSend, renderFiles } = this.#handler;
    return html`
      <div class="queued" part="queued" role="group" aria-label=${strings.queued}>
        <span class="queued-note">${running ? strings.queued : strings.queuedWaiting}</span>
        ${renderFiles()}
        ${this.#text ? html`<span class="queued-text" dir="auto">${this.#text}</span>` : nothing}
        <span class="queued-buttons">
          <button type="button" class="plain" @click=${onRemove}>${strings.remove}</button>
          <button type="button" class="plain" @click=${onEdit}>${strings.edit}</button>
          ${running
            ? nothing
            : html`<button type="button" class="plain filled" @click=${onSend}>${strings.send}</button>`}
        </span>
      </div>
    `;
  }

  #set(text: string): void {
    this.#text = text;
    this.#handler.onChange();
  }
}
