/**
 * Sends the visitor's messages: lets the page check and cancel them, and queues one while an answer is running.
 * @module
 */
import type { MessageContent } from "./chat/before_send.ts";
import type { ChatSession } from "./chat/chat_session.ts";
import type { ChatFeatures } from "./chat_features.ts";
import { ChatSendEvent } from "./chat_stream_events.ts";
import type { ChatStreamProperties } from "./chat_stream_properties.ts";
import type { LazyParts } from "./lazy_parts.ts";

/** What the outbox needs. */
export interface OutboxContext {
  readonly host: ChatStreamProperties;
  readonly session: ChatSession;
  readonly parts: LazyParts;
  /** Loads the features, which check messages. */
  loadFeatures(): Promise<ChatFeatures>;
  /** A message is accepted. Its answer begins after this call. */
  onAccepted(): void;
}

/** A message that was sent. A promise inside, so that `await` does not wait for the answer. */
export interface SentMessage {
  /** Resolves when the answer has ended. */
  readonly ended: Promise<void>;
}

/** The outbox of one element. */
export class Outbox {
  readonly #context: OutboxContext;

  /** @param context what the outbox needs */
  constructor(context: OutboxContext) {
    this.#context = context;
  }

  /**
   * Sends a message at the end of the conversation, or in place of the question `id`. If the page checks no messages,
   * the answer begins before this function returns. Resolves with undefined if the message was not sent.
   */
  async send(content: MessageContent, id?: number): Promise<SentMessage | undefined> {
    const { host, session } = this.#context;
    const accepted = host.beforeSend ? await this.#check(content) : content;
    const isBlocked = id === undefined && session.isRunning;
    if (accepted === undefined || isBlocked || !host.dispatchEvent(new ChatSendEvent(accepted))) return undefined;
    this.#context.onAccepted();
    return { ended: id === undefined ? session.send(accepted) : session.edit(id, accepted) };
  }

  async #check(content: MessageContent): Promise<MessageContent | undefined> {
    const features = await this.#context.loadFeatures().catch(reportError);
    return features?.check(content);
  }

  /** Sends what is in the box, or queues it. Resolves with true once the box can be emptied. */
  async sendFromBox(text: string): Promise<boolean> {
    const { parts, session } = this.#context;
    if (session.isRunning) return await parts.queue(text);
    const { attachments } = parts;
    const files = attachments?.files ?? [];
    const sent = await this.send(attachments?.withText(text) ?? text);
    if (sent) attachments?.clear(files);
    return sent !== undefined;
  }

  /** Sends a message that was queued, after the update that shows the end of the answer. False if it was not sent. */
  async sendQueued(content: MessageContent): Promise<boolean> {
    await this.#context.host.updateComplete;
    return await this.send(content) !== undefined;
  }
}
