/**
 * What the visitor has not sent yet: the text in the box, a message that waits for the running answer, and quotations.
 * @module
 */
import type { LitElement, TemplateResult } from "lit";
import type { AttachedFile } from "../chat/attachment_list.ts";
import type { MessageContent } from "../chat/before_send.ts";
import type { ChatState } from "../chat/chat_state.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { MessageQueue } from "./message_queue.ts";
import { QuoteButton } from "./quote_button.ts";

/** What receives and holds the text. */
export interface UnsentTextHandler {
  /** The box of the composer. */
  readonly box: { text: string; focus(): void };
  /** Sends the queued message. Resolves with false if it was not sent. */
  onQueued(content: MessageContent): Promise<boolean>;
}

/** The files of the next message and of the queued one. */
export interface UnsentFiles {
  /** Whether the queued message has files. */
  readonly hasQueued: boolean;
  /** Moves the files of the next message to the queued one. */
  queue(): void;
  /** Removes the files of the queued message, and returns them. */
  takeQueued(): readonly AttachedFile[];
  /** Puts files that were not sent back to those of the next message. */
  putBack(files: readonly AttachedFile[]): void;
  /** Renders the files of the queued message. */
  renderQueued(): unknown;
  /** Combines text and files into the content of a message. */
  withText(text: string, files: readonly AttachedFile[]): MessageContent;
}

/** What changes while the chat is used. */
export interface UnsentTextParts {
  readonly strings: ChatStrings;
  /** The attachments, once they are loaded. */
  readonly attachments: UnsentFiles | undefined;
}

/** The unsent text of one element. */
export class UnsentText {
  readonly #handler: UnsentTextHandler;
  readonly #parts: UnsentTextParts;
  readonly #queue: MessageQueue;

  /** @param host the chat @param handler holds and receives the text @param parts what the text is shown and sent with */
  constructor(host: LitElement, handler: UnsentTextHandler, parts: UnsentTextParts) {
    this.#handler = handler;
    this.#parts = parts;
    this.#queue = new MessageQueue({
      hasFiles: () => parts.attachments?.hasQueued ?? false,
      renderFiles: () => parts.attachments?.renderQueued(),
      onChange: () => host.requestUpdate(),
      onSend: () => void this.#send(),
      onEdit: () => this.putBack(),
      onRemove: () => void this.#take(),
    });
    const { box } = handler;
    new QuoteButton(host, () => parts.strings, (quote) => {
      box.text = joinTexts(box.text, quote);
      box.focus();
    });
  }

  /** All unsent text, as it is stored. */
  get text(): string {
    return joinTexts(this.#queue.text, this.#handler.box.text);
  }

  /** Queues a message, with the files that are attached. */
  queue(text: string): void {
    this.#parts.attachments?.queue();
    this.#queue.add(text);
  }

  /** Puts the queued message back into the box, before what is there. */
  putBack(): void {
    if (!this.#queue.isEmpty) this.#putBack(this.#take());
  }

  /** Sends the queued message if an answer has just come to its natural end. */
  onChange(before: ChatState, after: ChatState): void {
    this.#queue.onChange(before, after);
  }

  /** Renders the queued message. @param running whether an answer is running */
  render(strings: ChatStrings, running: boolean): TemplateResult | undefined {
    return this.#queue.render(strings, running);
  }

  /** Empties the queue and returns what it held. */
  #take(): UnsentMessage {
    const files = this.#parts.attachments?.takeQueued() ?? [];
    return { text: this.#queue.take(), files };
  }

  #putBack({ text, files }: UnsentMessage): void {
    const { box } = this.#handler;
    this.#parts.attachments?.putBack(files);
    box.text = joinTexts(text, box.text);
    box.focus();
  }

  async #send(): Promise<void> {
    const message = this.#take();
    const { text, files } = message;
    const content = this.#parts.attachments?.withText(text, files) ?? text;
    if (!await this.#handler.onQueued(content)) this.#putBack(message);
  }
}

/** A message that is not sent. */
interface UnsentMessage {
  readonly text: string;
  readonly files: readonly AttachedFile[];
}

/** Joins texts that are not empty, with an empty line between them. */
function joinTexts(...texts: readonly string[]): string {
  return texts.filter((text) => text.trim() !== "").join("\n\n");
}
