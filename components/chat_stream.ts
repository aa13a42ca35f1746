/**
 * The `<chat-stream>` element: puts the session, the transcript, the composer and the announcer together and renders
 * what is around them. Importing this file defines nothing; `define.ts` does.
 * @module
 */
import { type CSSResultGroup, html, nothing, type PropertyValues, type TemplateResult, unsafeCSS } from "lit";
import type { ContentPart, ToolCall } from "../protocol/chat_request.ts";
import { Announcer, ANNOUNCER_SLOT } from "./view/announcer.ts";
import type { ChatExportFormat } from "./chat/chat_export.ts";
import type { ChatKeeper } from "./chat/chat_storage.ts";
import { ChangeReporter } from "./change_reporter.ts";
import { ChatSession, type ChatSessionConfig, type ChatSessionHost, type ChatTool } from "./chat/chat_session.ts";
import {
  type ChatAction,
  type ChatState,
  type ChatStatus,
  chatStatus,
  EMPTY_CHAT,
  isRunning,
  shownEntries,
} from "./chat/chat_state.ts";
import { ChatClearEvent, ChatSendEvent, ChatToggleEvent, ChatToolCallEvent } from "./chat_stream_events.ts";
import { renderEmpty, renderHeader, renderLauncher } from "./view/chat_frame.ts";
import { chatStreamStyles } from "./view/chat_stream_styles.ts";
import { ChatStreamProperties } from "./chat_stream_properties.ts";
import { Composer } from "./view/composer.ts";
import { composerStyles, panelStyles } from "./view/composer_styles.ts";
import { LazyParts } from "./lazy_parts.ts";
import { LAUNCHER_CSS } from "./view/launcher_button.ts";
import { markdownStyles } from "./markdown/markdown_styles.ts";
import { fillString } from "./locales/strings.ts";
import { Transcript } from "./view/transcript.ts";

/**
 * A conversation with a language model, streamed.
 *
 * @summary AI chat in one element.
 * @element chat-stream
 *
 * @fires chat-send - A message is about to be sent. Cancelable.
 * @fires chat-delta - A piece of the answer has arrived.
 * @fires chat-stop - An answer is complete, or was stopped.
 * @fires chat-error - An answer has failed. Cancelable: the failure is then shown but not read out.
 * @fires chat-tool-call - A tool of the page is about to run. Cancelable: the call is then declined.
 * @fires chat-clear - The conversation is about to be cleared. Cancelable.
 * @fires chat-toggle - The launcher's panel is about to open or close. Cancelable.
 *
 * @slot header - In the place of the title.
 * @slot empty - In the place of the greeting and the starters.
 * @slot footer - Below the box, such as a note on privacy.
 * @slot launcher-icon - In the place of the drawing on the launcher.
 *
 * @csspart panel - The launcher's panel.
 * @csspart chat - Everything in it.
 * @csspart header - The line at the top.
 * @csspart title - The title in it.
 * @csspart log - The scrolling conversation.
 * @csspart empty - What is there before the first question.
 * @csspart starter - A question to begin with.
 * @csspart question - What the visitor said, with its buttons.
 * @csspart bubble - The words of a question.
 * @csspart answer - What came back, with all that belongs to it.
 * @csspart content - The words of an answer.
 * @csspart reasoning - The model's reasoning.
 * @csspart tool - A tool call.
 * @csspart error - What went wrong.
 * @csspart usage - The small print below an answer.
 * @csspart actions - The buttons below a message.
 * @csspart jump-button - The way back to the end.
 * @csspart footer - The box and what is around it.
 * @csspart files - The files that wait.
 * @csspart composer - The box with its buttons.
 * @csspart attach-button - The button that opens the picker.
 * @csspart input - The text area.
 * @csspart send-button - Send, or Stop.
 * @csspart launcher - The button in the corner.
 *
 * @cssprop --chat-stream-accent - The colour of what can be pressed.
 * @cssprop --chat-stream-on-accent - Text on that colour.
 * @cssprop --chat-stream-background - Behind everything.
 * @cssprop --chat-stream-surface - Behind the box and cards.
 * @cssprop --chat-stream-text - The text.
 * @cssprop --chat-stream-muted - Less important text.
 * @cssprop --chat-stream-border - Lines between things.
 * @cssprop --chat-stream-outline - The border of the box, which must be seen: 3 to 1 at least.
 * @cssprop --chat-stream-bubble - Behind questions.
 * @cssprop --chat-stream-danger - The text of failures.
 * @cssprop --chat-stream-danger-surface - Behind failures.
 * @cssprop --chat-stream-code-surface - Behind code.
 * @cssprop --chat-stream-code-keyword - Keywords in code.
 * @cssprop --chat-stream-code-string - Strings in code.
 * @cssprop --chat-stream-code-number - Numbers in code.
 * @cssprop --chat-stream-code-title - Names of functions and types in code.
 * @cssprop --chat-stream-code-comment - Comments in code.
 * @cssprop --chat-stream-radius - How round the corners are.
 * @cssprop --chat-stream-measure - How wide a line of text may be.
 * @cssprop --chat-stream-height - How high the element, or the launcher's panel, is.
 * @cssprop --chat-stream-width - How wide the launcher's panel is.
 * @cssprop --chat-stream-z-index - Where the launcher is in the page's stack.
 * @cssprop --chat-stream-font - The typeface of the text.
 * @cssprop --chat-stream-font-mono - The typeface of code.
 */
export class ChatStream extends ChatStreamProperties implements ChatSessionHost {
  static override styles: CSSResultGroup = [
    chatStreamStyles,
    composerStyles,
    panelStyles,
    markdownStyles,
    unsafeCSS(LAUNCHER_CSS),
  ];

  readonly #session = new ChatSession(this);
  readonly #announcer = new Announcer(this);
  readonly #reporter = new ChangeReporter(this, this.#announcer);
  readonly #parts = new LazyParts(this, () => this.#onFollowChange());
  readonly #composer = new Composer(this, {
    onSend: (text) => this.#sendFromBox(text),
    onEscape: () => this.#session.isRunning ? this.stop() : this.close(),
    onStop: () => this.stop(),
    onFiles: (files) => void this.#parts.files?.add(files),
  });
  readonly #transcript = new Transcript(this, {
    onRegenerate: (id) => void this.regenerate(id),
    onEdit: (id, content) => void this.edit(id, content),
    onShow: (id) => this.#session.show(id),
    onDecide: (allowed) => this.#decide(allowed),
    onCopied: () => this.#announcer.status(this.#parts.words.copied),
  });
  #decide: (allowed: boolean) => void = () => {};
  #cleared: ChatState | undefined;
  /** What had the focus before an update. */
  #focused: Element | undefined;
  #keeper: ChatKeeper | undefined;
  /** How many messages there were when the visitor scrolled away. */
  #seen = 0;
  #origins: readonly string[] = [];

  /** How far the conversation is. */
  get status(): ChatStatus {
    return chatStatus(this.#session.state);
  }

  /** The settings for the next request. */
  get sessionConfig(): ChatSessionConfig {
    const model = this.model === "" ? {} : { model: this.model };
    const { endpoint, headers, token, tools, maxToolRounds } = this;
    const getToken = this.getToken ?? (token === "" ? undefined : () => token);
    const request = { ...model, ...this.request };
    return { endpoint, headers, tools, maxToolRounds, request, ...(getToken && { getToken }) };
  }

  /** Sends a message and returns when its answer has ended. Does nothing while an answer is on its way. */
  async send(content: string | readonly ContentPart[]): Promise<void> {
    if (this.#session.isRunning || !this.dispatchEvent(new ChatSendEvent(content))) return;
    this.#cleared = undefined;
    this.#parts.scroll?.jump();
    await this.#session.send(content);
  }

  /** Ends the running answer and keeps what has arrived. */
  stop(): void {
    this.#session.stop();
  }

  /** Asks again for the answer `id`, by default the last one. */
  async regenerate(id?: number): Promise<void> {
    this.#parts.scroll?.jump();
    await this.#session.regenerate(id);
  }

  /** Asks another question in the place of the question `id`; the earlier one stays as a version. */
  async edit(id: number, content: string | readonly ContentPart[]): Promise<void> {
    if (!this.dispatchEvent(new ChatSendEvent(content))) return;
    await this.#session.edit(id, content);
  }

  /** Starts a new conversation; the visitor can take that back until the next message. */
  clear(): void {
    if (this.#session.state.entries.length === 0 || !this.dispatchEvent(new ChatClearEvent())) return;
    this.#session.stop();
    this.#cleared = this.#session.state;
    if (this.shadowRoot?.activeElement?.closest(".header")) this.focus();
    this.#session.load(EMPTY_CHAT);
    this.#announcer.status(this.#parts.words.cleared);
  }

  /** The conversation, for `load`. */
  toJSON(): ChatState {
    return this.#session.state;
  }

  /** Puts a conversation that `toJSON` gave in the place of this one. */
  load(state: ChatState): void {
    this.#cleared = undefined;
    this.#session.load(state);
  }

  /** The conversation as a document. */
  async export(format: ChatExportFormat): Promise<string> {
    const { exportChat } = await this.#parts.load();
    return exportChat(this.#session.state, format, this.#parts.words);
  }

  /** Opens the launcher's panel and puts the caret into the box. */
  async open(): Promise<void> {
    if (this.mode !== "launcher" || this.opened || !this.dispatchEvent(new ChatToggleEvent(true))) return;
    this.opened = true;
    await this.updateComplete;
    this.focus();
  }

  /** Closes the launcher's panel. */
  async close(): Promise<void> {
    if (this.mode !== "launcher" || !this.opened || !this.dispatchEvent(new ChatToggleEvent(false))) return;
    const hadFocus = this.shadowRoot?.activeElement != null;
    this.opened = false;
    await this.updateComplete;
    if (hadFocus) this.renderRoot.querySelector<HTMLElement>(".launcher")?.focus();
  }

  /** Puts the caret into the box. */
  override focus(options?: FocusOptions): void {
    this.#composer.focus(options);
  }

  /** Asks the page, and then the visitor where the tool wants that, whether a tool may run. */
  allowToolCall(call: ToolCall, tool: ChatTool, signal: AbortSignal): Promise<boolean> {
    if (!this.dispatchEvent(new ChatToolCallEvent(call))) return Promise.resolve(false);
    if (!tool.confirm) return Promise.resolve(true);
    this.#announcer.alert(fillString(this.#parts.words.toolAsk, { name: tool.name }));
    return new Promise((resolve) => {
      this.#decide = resolve;
      signal.addEventListener("abort", () => resolve(false));
    });
  }

  /** Renders and reports a change of the conversation. */
  chatChanged(before: ChatState, after: ChatState, action: ChatAction): void {
    if (action.type === "load") this.#transcript.reset();
    const [was, is] = [chatStatus(before), chatStatus(after)];
    // Pieces are shown frame by frame; a beginning and an end are shown at once, also in a hidden tab.
    if (was === "streaming" && is === "streaming" && action.type === "event") this.#transcript.schedule();
    else this.requestUpdate();
    // Where they cannot be loaded the chat goes on without them, and the next change tries again.
    if (after.entries.length > 0) this.#parts.load().catch(() => {});
    this.#reporter.report(before, after, action, this.#parts.words, this.#parts.extras);
    if (action.type !== "event" || !isRunning(is)) this.#keeper?.save();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.hasUpdated) return;
    this.#parts.attachScroll();
    this.#restore().catch(() => {});
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#parts.scroll?.attach(undefined);
    this.#keeper?.close();
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.#focused = this.shadowRoot?.activeElement ?? undefined;
    if (changed.has("imageOrigins")) this.#origins = this.imageOrigins.split(/\s+/).filter(Boolean);
    if (changed.has("strings")) this.#parts.override(this.strings);
    const needed = [
      changed.has("locale") && this.#parts.translate(this.#language),
      changed.has("attachments") && this.#parts.takeFiles(this.attachments),
      (changed.has("persist") || changed.has("persistKey")) && this.#restore(),
    ];
    // A part that cannot be loaded is missed, and nothing else is.
    for (const part of needed) if (part) part.catch(() => {});
  }

  protected override updated(changed: PropertyValues): void {
    // A button that goes away by being pressed would take the focus with it, out of the chat.
    if (this.#focused?.isConnected === false) {
      this.renderRoot.querySelector<HTMLElement>(".log")?.focus({ preventScroll: true });
    }
    if (changed.has("opened") || changed.has("mode")) {
      const panel = this.renderRoot.querySelector<HTMLElement>(".panel[popover]");
      if (panel?.matches(":popover-open") !== this.opened) panel?.togglePopover?.(this.opened);
    }
  }

  /** The whole chat. */
  protected override render(): TemplateResult {
    const { state, isRunning: running } = this.#session;
    const words = this.#parts.words;
    const isLauncher = this.mode === "launcher";
    const label = this.heading || words.chat;
    const hasMessages = state.entries.length > 0;
    return html`
      ${isLauncher
        ? renderLauncher(label, this.opened, () => void (this.opened ? this.close() : this.open()))
        : nothing}
      <div
        class="panel"
        part="panel"
        popover=${isLauncher ? "manual" : nothing}
        role=${isLauncher ? "dialog" : nothing}
        aria-label=${isLauncher ? label : nothing}
        @keydown=${(event: KeyboardEvent) => event.key === "Escape" && void this.close()}
      >
        <div class="chat" part="chat" @dragover=${this.#parts.onDrag} @drop=${this.#parts.onDrag}>
          ${renderHeader({
            label,
            words,
            menu: hasMessages
              ? this.#parts.extras?.renderMenu(words, (format) => void this.#download(format))
              : nothing,
            onClear: hasMessages ? () => this.clear() : undefined,
            onClose: isLauncher ? () => void this.close() : undefined,
          })}
          <div
            class="log"
            part="log"
            role="log"
            aria-live="off"
            aria-label=${words.conversation}
            aria-busy=${String(running)}
            tabindex="0"
          >
            <div class="messages">
              ${hasMessages ? this.#renderTranscript(state) : this.#renderEmpty()}
            </div>
          </div>
          <div class="footer" part="footer">
            ${this.#parts.scroll?.isFollowing ?? true
              ? nothing
              : this.#parts.extras?.renderJump(shownEntries(state).length - this.#seen, words, () =>
                this.#parts.scroll?.jump())}
            ${this.#cleared ? this.#parts.extras?.renderUndo(words, () => this.#undoClear()) : nothing}
            ${this.#composer.render({
              running,
              placeholder: this.placeholder || words.placeholder,
              strings: words,
              files: this.#parts.files?.render(words) ?? nothing,
              button: this.#parts.files?.renderButton(words) ?? nothing,
              canSendNothing: (this.#parts.files?.parts.length ?? 0) > 0,
            })}
            <slot name="footer"></slot>
          </div>
        </div>
      </div>
      <div class="hidden"><slot name=${ANNOUNCER_SLOT}></slot></div>
    `;
  }

  /** The language that is asked for, or else the page's. */
  get #language(): string {
    return this.locale || this.closest<HTMLElement>("[lang]")?.lang || document.documentElement.lang;
  }

  #renderEmpty(): TemplateResult {
    const greeting = this.greeting || this.#parts.words.greeting;
    return renderEmpty(greeting, this.starters, (text) => void this.send(text));
  }

  #renderTranscript(state: ChatState): unknown {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    return this.#transcript.render(state, {
      strings: this.#parts.words,
      imageOrigins: this.#origins,
      extras: this.#parts.extras,
      isSmooth: this.smoothing !== "off" && !isCalm && document.visibilityState === "visible",
    });
  }

  #sendFromBox(text: string): boolean {
    if (this.#session.isRunning) return false;
    const before = this.#session.state;
    void this.send(this.#parts.files?.withText(text) ?? text);
    // Where a listener has cancelled it nothing has changed, and the text stays in the box.
    const isSent = this.#session.state !== before;
    if (isSent) this.#parts.files?.clear();
    return isSent;
  }

  #undoClear(): void {
    if (this.#cleared) this.load(this.#cleared);
    this.focus();
  }

  #onFollowChange(): void {
    this.#seen = shownEntries(this.#session.state).length;
    this.requestUpdate();
  }

  async #download(format: ChatExportFormat): Promise<void> {
    const { downloadText } = await this.#parts.load();
    downloadText(await this.export(format), format);
  }

  /** Brings back what was kept, unless the visitor was faster. */
  async #restore(): Promise<void> {
    this.#keeper?.close();
    this.#keeper = undefined;
    const { persist, persistKey } = this;
    if (persist === "none" || !this.isConnected) return;
    const { ChatKeeper } = await this.#parts.load();
    if (this.persist !== persist || this.persistKey !== persistKey || !this.isConnected) return;
    this.#keeper = new ChatKeeper(persist, `chat-stream:${persistKey}`, () => this.#session.state);
    const kept = this.#keeper.restore();
    if (kept && this.#session.state.entries.length === 0) this.#session.load(kept);
  }
}
