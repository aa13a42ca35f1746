/**
 * The visitor's text that is not sent yet: what is in the box, a message that waits for the running answer, and
 * quotations.
 * @module
 */
import type { LitElement, TemplateResult } from "lit";
import type { ChatState } from "../chat/chat_state.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { MessageQueue } from "./message_queue.ts";
import { QuoteButton } from "./quote_button.ts";

/** What receives and holds the text. */
export interface UnsentTextHandler {
  /** The box of the composer. */
  readonly box: { text: string; focus(): void };
  /** The queued message can be sent. */
  onQueued(text: string): void;
}

/** The unsent text of one element. */
export class UnsentText {
  readonly #handler: UnsentTextHandler;
  readonly #queue: MessageQueue;

  /** @param host the chat @param handler holds and receives the text @param strings returns the strings */
  constructor(host: LitElement, handler: UnsentTextHandler, strings: () => ChatStrings) {
    this.#handler = handler;
    this.#queue = new MessageQueue({
      onChange: () => host.requestUpdate(),
      onSend: (text) => handler.onQueued(text),
      onEdit: (text) => this.putBack(text),
    });
    const { box } = handler;
    new QuoteButton(host, strings, (quote) => {
      box.text = joinTexts(box.text, quote);
      box.focus();
    });
  }

  /** All unsent text, as it is stored. */
  get text(): string {
    return joinTexts(this.#queue.text, this.#handler.box.text);
  }

  /** Queues a message. */
  queue(text: string): void {
    this.#queue.add(text);
  }

  /** Puts a message that was not sent back into the box, before what is there. By default the queued one. */
  putBack(text: string = this.#queue.take()): void {
    if (text === "") return;
    const { box } = this.#handler;
    box.text = joinTexts(text, box.text);
    box.focus();
  }

  /** Sends the queued message if an answer has just come to its natural end. */
  onChange(before: ChatState, after: ChatState): void {
    this.#queue.onChange(before, after);
  }

  /** Renders the queued message. @param running whether an answer is running */
  render(strings: ChatStrings, running: boolean): TemplateResult | undefined {
    return this.#queue.render(strings, running);
  }
}

/** Joins texts that are not empty, with an empty line between them. */
function joinTexts(...texts: readonly string[]): string {
  return texts.filter((text) => text.trim() !== "").join("\n\n");
}
