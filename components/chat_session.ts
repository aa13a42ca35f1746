/**
 * The living conversation: sends, listens, stops. It holds the one request there can be and the state that results;
 * nothing else in the component touches the network. A request that has been replaced can no longer change anything.
 * @module
 */
import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { ChatRequest, ContentPart } from "../protocol/chat_request.ts";
import { streamChat } from "./chat_client.ts";
import {
  type ChatAction,
  type ChatState,
  chatStatus,
  EMPTY_CHAT,
  isRunning,
  reduceChat,
  requestMessages,
} from "./chat_state.ts";

/** Where and how to ask; read anew for each request. */
export interface ChatSessionConfig {
  readonly endpoint: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly credentials?: RequestCredentials;
  /** More fields of the request, such as `model` or `temperature`. */
  readonly request?: Partial<Omit<ChatRequest, "messages" | "stream">>;
}

/** What the session asks of its element. */
export interface ChatSessionHost extends ReactiveControllerHost {
  readonly isConnected: boolean;
  /** The settings for the next request. */
  readonly sessionConfig: ChatSessionConfig;
  /** Called after each change, before anything is rendered. */
  chatChanged(before: ChatState, after: ChatState): void;
}

/** A Lit controller with one conversation. */
export class ChatSession implements ReactiveController {
  readonly #host: ChatSessionHost;
  #state: ChatState = EMPTY_CHAT;
  #abort: AbortController | undefined;

  /** @param host the element that shows the conversation */
  constructor(host: ChatSessionHost) {
    this.#host = host;
    host.addController(this);
  }

  /** The conversation as it stands. */
  get state(): ChatState {
    return this.#state;
  }

  /** True while an answer is on its way. */
  get isRunning(): boolean {
    return isRunning(chatStatus(this.#state));
  }

  /** Asks `content` after the entry `parent`, by default at the end. Does nothing while an answer is on its way. */
  send(content: string | readonly ContentPart[], parent: number | undefined = this.#state.leaf): Promise<void> {
    if (this.isRunning) return Promise.resolve();
    this.#dispatch({ type: "ask", content, parent });
    return this.#run();
  }

  /** Asks again for the answer `id`, by default the last one; the earlier one stays as a version. */
  regenerate(id: number | undefined = this.#state.leaf): Promise<void> {
    const entry = this.#state.entries.find((candidate) => candidate.id === id);
    if (this.isRunning || entry?.type !== "answer" || entry.parent === undefined) return Promise.resolve();
    this.#dispatch({ type: "answer", parent: entry.parent });
    return this.#run();
  }

  /** Ends the running answer and keeps what has arrived. */
  stop(): void {
    if (this.#abort === undefined || this.#state.leaf === undefined) return;
    this.#dispatch({ type: "stop", id: this.#state.leaf });
    this.#abort.abort();
    this.#abort = undefined;
  }

  /** Forgets the conversation. */
  clear(): void {
    this.stop();
    this.#dispatch({ type: "clear" });
  }

  /** Removing the element ends its request; moving it within the page does not. */
  hostDisconnected(): void {
    queueMicrotask(() => {
      if (!this.#host.isConnected) this.stop();
    });
  }

  /** Runs the request for the answer that is now the leaf. Never rejects. */
  async #run(): Promise<void> {
    const id = this.#state.leaf as number;
    const abort = new AbortController();
    this.#abort = abort;
    try {
      await streamChat({
        ...this.#host.sessionConfig,
        request: { ...this.#host.sessionConfig.request, messages: requestMessages(this.#state) },
        signal: abort.signal,
        onEvent: (event) => {
          if (this.#abort === abort) this.#dispatch({ type: "event", id, event });
        },
      });
    } catch (error) {
      if (abort.signal.aborted) return;
      this.#dispatch({ type: "event", id, event: { type: "error", data: UNEXPECTED } });
      // A fault of ours, not of the connection: shown to the visitor above, and to the developer here.
      reportError(error);
    } finally {
      if (this.#abort === abort) this.#abort = undefined;
    }
  }

  #dispatch(action: ChatAction): void {
    const before = this.#state;
    this.#state = reduceChat(before, action);
    if (this.#state === before) return;
    this.#host.chatChanged(before, this.#state);
    this.#host.requestUpdate();
  }
}

const UNEXPECTED = { type: "InternalServerError", message: "The answer could not be shown." } as const;
