/**
 * The `<chat-stream>` element: puts the session, the composer and the announcer together and renders them. Importing
 * this file defines nothing; `define.ts` does.
 * @module
 */
import { type CSSResultGroup, html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import { guard } from "lit/directives/guard.js";
import { createRef, ref } from "lit/directives/ref.js";
import { repeat } from "lit/directives/repeat.js";
import { Announcer, ANNOUNCER_SLOT } from "./announcer.ts";
import { AnswerText } from "./answer_text.ts";
import { ChatSession, type ChatSessionConfig, type ChatSessionHost } from "./chat_session.ts";
import {
  type AnswerEntry,
  type ChatEntry,
  type ChatState,
  type ChatStatus,
  chatStatus,
  shownEntries,
} from "./chat_state.ts";
import { chatStreamStyles } from "./chat_stream_styles.ts";
import { Composer } from "./composer.ts";
import { MARK, NEW_CHAT } from "./icons.ts";
import { markdownStyles } from "./markdown_styles.ts";
import { renderMarkdown } from "./markdown_view.ts";
import { renderAnswer, renderQuestion } from "./message_view.ts";
import { type ChatStrings, describeFailure, ENGLISH } from "./strings.ts";

/** An answer longer than this is announced as complete instead of being read out. */
const MAX_ANNOUNCED_CHARS = 500;

/** The server that the script came from, wherever the page is. */
const DEFAULT_ENDPOINT = new URL("/api/chat", import.meta.url).href;

/**
 * A conversation with a language model, streamed.
 *
 * @summary AI chat in one element.
 */
export class ChatStream extends LitElement implements ChatSessionHost {
  static override styles: CSSResultGroup = [chatStreamStyles, markdownStyles];

  static override properties: PropertyDeclarations = {
    endpoint: {},
    model: {},
    mode: { reflect: true },
    theme: { reflect: true },
    heading: {},
    placeholder: {},
    greeting: {},
    headers: { attribute: false },
    request: { attribute: false },
  };

  /** The address of `POST /api/chat`; the server that the script came from, by default. */
  declare endpoint: string;
  /** The model to ask for; the server's own choice, by default. */
  declare model: string;
  /** How it sits in the page: in a box (`inline`) or filling the window (`page`). */
  declare mode: "inline" | "page";
  /** Light, dark, or as the visitor's system has it. */
  declare theme: "auto" | "light" | "dark";
  /** The title in the header. */
  declare heading: string;
  /** What the empty box says. */
  declare placeholder: string;
  /** What the empty conversation says. */
  declare greeting: string;
  /** More request headers, such as `authorization`. */
  declare headers: Readonly<Record<string, string>>;
  /** More fields of the request, such as `temperature`. */
  declare request: NonNullable<ChatSessionConfig["request"]>;

  readonly #session = new ChatSession(this);
  readonly #announcer = new Announcer(this);
  readonly #composer = new Composer(this, { onSend: (text) => this.#send(text), onStop: () => this.stop() });
  readonly #log = createRef<HTMLElement>();
  readonly #texts = new Map<number, AnswerText>();
  readonly #openReasoning = new Set<number>();

  constructor() {
    super();
    this.endpoint = DEFAULT_ENDPOINT;
    this.model = "";
    this.mode = "inline";
    this.theme = "auto";
    this.heading = "";
    this.placeholder = "";
    this.greeting = "";
    this.headers = {};
    this.request = {};
  }

  /** How far the conversation is. */
  get status(): ChatStatus {
    return chatStatus(this.#session.state);
  }

  /** The settings for the next request. */
  get sessionConfig(): ChatSessionConfig {
    const model = this.model === "" ? {} : { model: this.model };
    return { endpoint: this.endpoint, headers: this.headers, request: { ...model, ...this.request } };
  }

  /** Sends a message and returns when its answer has ended. Does nothing while an answer is on its way. */
  send(text: string): Promise<void> {
    return this.#session.send(text);
  }

  /** Ends the running answer and keeps what has arrived. */
  stop(): void {
    this.#session.stop();
  }

  /** Asks for the last answer again. */
  regenerate(): Promise<void> {
    return this.#session.regenerate();
  }

  /** Starts a new conversation. */
  clear(): void {
    this.#session.clear();
    this.#texts.clear();
    this.#openReasoning.clear();
  }

  /** Puts the caret into the box. */
  override focus(options?: FocusOptions): void {
    this.#composer.focus(options);
  }

  /** Says what a screen reader should know of the change. */
  chatChanged(before: ChatState, after: ChatState): void {
    const [was, is] = [lastAnswer(before), lastAnswer(after)];
    if (is === undefined || (was?.id === is.id && was.status === is.status)) return;
    if (is.status === "waiting") this.#announcer.status(this.#strings.responding);
    if (is.status === "stopped") this.#announcer.status(this.#strings.stopped);
    if (is.status === "failed" && is.answer.error) {
      this.#announcer.alert(describeFailure(is.answer.error, this.#strings));
    }
    if (is.status === "done") this.updateComplete.then(() => this.#announceAnswer());
  }

  /** Stays at the end of the conversation. */
  override updated(): void {
    const log = this.#log.value;
    if (log) log.scrollTop = log.scrollHeight;
  }

  /** The whole chat. */
  override render(): TemplateResult {
    const strings = this.#strings;
    const running = this.#session.isRunning;
    const entries = shownEntries(this.#session.state);
    return html`
      <div class="chat" part="chat">
        ${this.#renderHeader(entries.length > 0)}
        <div
          class="log"
          part="log"
          role="log"
          aria-live="off"
          aria-label=${strings.conversation}
          aria-busy=${String(running)}
          tabindex="0"
          ${ref(this.#log)}
        >
          ${entries.length === 0 ? this.#renderEmpty() : nothing}
          ${repeat(
            entries,
            (entry) => entry.id,
            (entry, index) => this.#renderEntry(entry, index === entries.length - 1),
          )}
        </div>
        <footer class="footer" part="footer">
          ${this.#composer.render({ running, placeholder: this.placeholder || strings.placeholder, strings })}
          <slot name="footer"></slot>
        </footer>
        <div class="hidden"><slot name=${ANNOUNCER_SLOT}></slot></div>
      </div>
    `;
  }

  get #strings(): ChatStrings {
    return ENGLISH;
  }

  #send(text: string): boolean {
    if (this.#session.isRunning) return false;
    void this.send(text);
    return true;
  }

  #renderHeader(canClear: boolean): TemplateResult {
    const strings = this.#strings;
    return html`
      <header class="header" part="header">
        <slot name="header"><span class="title" part="title">${MARK}${this.heading || strings.chat}</span></slot>
        <button type="button" class="plain" ?hidden=${!canClear} @click=${this.clear}>${NEW_CHAT}${strings
          .newChat}</button>
      </header>
    `;
  }

  #renderEmpty(): TemplateResult {
    return html`
      <slot name="empty"><div class="empty" part="empty">${MARK}<p>${this.greeting ||
        this.#strings.greeting}</p></div></slot>
    `;
  }

  /** A message that has not changed is not even looked at. */
  #renderEntry(entry: ChatEntry, isLast: boolean): unknown {
    const isOpen = this.#openReasoning.has(entry.id);
    if (entry.type === "question") return guard([entry], () => renderQuestion(entry, this.#strings));
    const text = this.#texts.get(entry.id) ?? new AnswerText();
    this.#texts.set(entry.id, text);
    text.update(entry);
    return guard([entry, isLast, isOpen, text.document.version], () =>
      renderAnswer(entry, {
        strings: this.#strings,
        content: renderMarkdown(text.document, {
          imageOrigins: [],
          strings: this.#strings,
          onChange: () => this.requestUpdate(),
        }),
        isLast,
        isReasoningOpen: isOpen,
        onRetry: () => void this.regenerate(),
        onReasoningToggle: (open) => this.#toggleReasoning(entry.id, open),
      }));
  }

  #toggleReasoning(id: number, open: boolean): void {
    if (open) this.#openReasoning.add(id);
    else this.#openReasoning.delete(id);
    this.requestUpdate();
  }

  /** Reads a short answer out as it is shown, without any markup; of a long one it says that it is there. */
  #announceAnswer(): void {
    const text = [...this.renderRoot.querySelectorAll(".content")].at(-1)?.textContent?.trim() ?? "";
    this.#announcer.status(text.length > 0 && text.length <= MAX_ANNOUNCED_CHARS ? text : this.#strings.complete);
  }
}

function lastAnswer(state: ChatState): AnswerEntry | undefined {
  const last = state.entries.find((entry) => entry.id === state.leaf);
  return last?.type === "answer" ? last : undefined;
}
