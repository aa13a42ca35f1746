/**
 * Keeps a message that the visitor sends while an answer is running, until that answer is complete. There is one: a
 * second message is appended to it. After a failure or a stop it waits for the visitor.
 * @module
 */
import { html, nothing, type TemplateResult } from "lit";
import { type ChatState, chatStatus, isCutByLength, isRunning } from "../chat/chat_state.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";

/** Receives what happens to the queued message. */
export interface MessageQueueHandler {
  /** The message has changed. */
  onChange(): void;
  /** The message can be sent now. The queue is already empty. */
  onSend(text: string): void;
  /** The visitor takes the message back into the box. The queue is already empty. */
  onEdit(text: string): void;
}

/** The queued message of one conversation. */
export class MessageQueue {
  readonly #handler: MessageQueueHandler;
  #text = "";

  /** @param handler receives what happens to the message */
  constructor(handler: MessageQueueHandler) {
    this.#handler = handler;
  }

  /** The queued message; empty if there is none. */
  get text(): string {
    return this.#text;
  }

  /** Queues a message, after the one that is queued already. */
  add(text: string): void {
    this.#set(this.#text === "" ? text.trim() : `${this.#text}\n\n${text.trim()}`);
  }

  /** Empties the queue and returns what it held. */
  take(): string {
    const text = this.#text;
    if (text !== "") this.#set("");
    return text;
  }

  /** Sends the message if an answer has just come to its natural end. */
  onChange(before: ChatState, after: ChatState): void {
    if (this.#text === "" || !isRunning(chatStatus(before))) return;
    const last = after.entries.find(({ id }) => id === after.leaf);
    if (last?.type === "answer" && last.status === "done" && !isCutByLength(last.answer)) this.#send();
  }

  /** Renders the message with buttons that edit, remove and, if no answer is running, send it. */
  render(strings: ChatStrings, running: boolean): TemplateResult | undefined {
    if (this.#text === "") return undefined;
    return html`
      <div class="queued" part="queued" role="group" aria-label=${strings.queued}>
        <span class="queued-note">${running ? strings.queued : strings.queuedWaiting}</span>
        <span class="queued-text" dir="auto">${this.#text}</span>
        <span class="queued-buttons">
          <button type="button" class="plain" @click=${() => this.#set("")}>${strings.remove}</button>
          <button type="button" class="plain" @click=${() => this.#handler.onEdit(this.take())}>${strings.edit}</button>
          ${running
            ? nothing
            : html`<button type="button" class="plain filled" @click=${() => this.#send()}>${strings.send}</button>`}
        </span>
      </div>
    `;
  }

  #send(): void {
    this.#handler.onSend(this.take());
  }

  #set(text: string): void {
    this.#text = text;
    this.#handler.onChange();
  }
}
