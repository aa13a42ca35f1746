/**
 * The `<chat-stream>` element: combines the session, the transcript, the composer and the announcer, and renders the
 * frame around them. Importing this file does not register the element; `element.ts` does.
 * @module
 */
import { type CSSResultGroup, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { ChatErrorData } from "../protocol/chat_error.ts";
import { Announcer } from "./view/announcer.ts";
import type { ChatExportFormat } from "./chat/chat_export.ts";
import { ChangeReporter } from "./change_reporter.ts";
import { ChatSession } from "./chat/chat_session.ts";
import {
  type ChatAction,
  type ChatState,
  type ChatStatus,
  chatStatus,
  EMPTY_CHAT,
  shownEntries,
} from "./chat/chat_state.ts";
import type { MessageContent } from "./chat/before_send.ts";
import type { ChatFeatures } from "./chat_features.ts";
import { ChatClearEvent, ChatToggleEvent } from "./chat_stream_events.ts";
import { renderEmpty, renderHeader } from "./view/chat_frame.ts";
import { chatStreamStyles } from "./view/chat_stream_styles.ts";
import { ChatStreamProperties } from "./chat_stream_properties.ts";
import { Composer } from "./view/composer.ts";
import { composerStyles } from "./view/composer_styles.ts";
import { LauncherControl } from "./launcher_control.ts";
import { LazyParts, type PartLoaders } from "./lazy_parts.ts";
import { extraStyles } from "./view/extra_styles.ts";
import { EXTRAS, MATH } from "./markdown/markdown_modules.ts";
import { markdownStyles } from "./markdown/markdown_styles.ts";
import { renderMenu } from "./view/header_menu.ts";
import { Outbox } from "./outbox.ts";
import { Transcript } from "./view/transcript.ts";

/**
 * A conversation with a language model, streamed.
 *
 * @summary AI chat in one element.
 * @element chat-stream
 *
 * @fires {ChatSendEvent} chat-send - A message is about to be sent. Cancelable.
 * @fires {ChatDeltaEvent} chat-delta - A part of the answer has arrived.
 * @fires {ChatStopEvent} chat-stop - An answer is complete, or the visitor stopped it.
 * @fires {ChatErrorEvent} chat-error - An answer has failed. Cancelable: the failure is then shown but not announced.
 * @fires {ChatReconnectingEvent} chat-reconnecting - The connection of the answer is lost, or it is back.
 * @fires {ChatToolCallEvent} chat-tool-call - A tool of the page is about to run. Cancelable: the call is then declined.
 * @fires {ChatFeedbackEvent} chat-feedback - The visitor has rated an answer.
 * @fires {ChatClearEvent} chat-clear - The conversation is about to be cleared. Cancelable.
 * @fires {ChatToggleEvent} chat-toggle - The launcher's panel is about to open or close. Cancelable.
 */
export abstract class ChatStream extends ChatStreamProperties {
  static override styles: CSSResultGroup = [chatStreamStyles, composerStyles, markdownStyles, extraStyles];

  readonly #session = new ChatSession({
    readConfig: () => this.sessionConfig,
    loadToolRunner: () => this.#parts.loadTools(),
    allowToolCall: (call, tool, asks, signal) => {
      const { consent, strings } = this.#parts;
      return consent?.ask(call, tool, signal, asks ? strings : undefined) ?? Promise.resolve(false);
    },
    onChange: (before, after, action) => this.#onChange(before, after, action),
    limitAttachments: async (messages) => (await this.#parts.loadAttachments()).limit(messages),
    onRun: () => this.#parts.keeper?.onRun(),
    onReconnecting: (isReconnecting) => this.#onReconnecting(isReconnecting),
  });
  readonly #announcer = new Announcer(this);
  readonly #reporter = new ChangeReporter(this, this.#announcer);
  readonly #launcher = new LauncherControl(this, {
    loadLauncher: () => this.loaders.launcher(),
    onReady: () => this.#parts.attachScroll(),
    onFocus: () => this.focus(),
    onStop: () => this.#session.isRunning && (this.stop(), true),
    onToggle: (opened) => this.dispatchEvent(new ChatToggleEvent(opened)),
  });
  readonly #composer: Composer = new Composer(this, {
    onSend: (text) => this.#outbox.sendFromBox(text),
    onStop: () => this.stop(),
  });
  readonly #parts: LazyParts = new LazyParts(this, {
    loaders: () => this.loaders,
    readConfig: () => this.sessionConfig,
    box: this.#composer,
    onFollowChange: () => this.#onFollowChange(),
    onQueued: (content) => this.#outbox.sendQueued(content),
    onAlways: (tool) => this.#session.apply({ type: "allow", tool }),
    announce: (text) => this.#announcer.status(text),
    alert: (text) => this.#announcer.alert(text),
  });
  readonly #outbox: Outbox = new Outbox({
    host: this,
    session: this.#session,
    parts: this.#parts,
    loadFeatures: () => this.#loadFeatures(),
    onAccepted: () => {
      this.#cleared = undefined;
      this.#parts.scroll.jump();
    },
  });
  readonly #transcript = new Transcript(this, {
    onRegenerate: (id) => void this.regenerate(id),
    onContinue: () => void this.continue(),
    onEdit: async (id, content) => await this.#outbox.send(content, id) !== undefined,
    onShow: (id) => this.#session.show(id),
    onDecide: (decision) => this.#parts.consent?.decide(decision),
    loadOccasional: () => this.#parts.loadOccasional(),
    onCopied: () => this.#announcer.status(this.#parts.strings.copied),
  });
  readonly #onPageHide = ({ persisted }: PageTransitionEvent): void => {
    // A page in the back/forward cache may come back with its conversation.
    if (!persisted && this.persist === "none") this.stop();
  };
  /** What the visitor points at, focuses or opens has more to show. */
  readonly #onUse = (): void => void this.#parts.loadOccasional().catch(() => {});
  #cleared: ChatState | undefined;
  /** The focused element before an update. */
  #focused: Element | undefined;
  /** The number of messages when the visitor scrolled up. */
  #seen = 0;

  /** The status of the conversation. */
  get status(): ChatStatus {
    return this.#session.isReconnecting ? "reconnecting" : chatStatus(this.#session.state);
  }

  /** Sends a message. Resolves when the answer has ended. Does nothing while an answer is running. */
  async send(content: MessageContent): Promise<void> {
    await (await this.#outbox.send(content))?.ended;
  }

  /** Stops the running answer and keeps what has arrived. */
  stop(): void {
    this.#session.stop();
  }

  /** Requests another answer in place of `id`, by default the last one, which stays as a version. */
  async regenerate(id?: number): Promise<void> {
    this.#parts.scroll.jump();
    await this.#session.regenerate(id);
  }

  /** Requests the rest of the last answer, if it was cut, stopped or too long, and appends it. */
  async continue(): Promise<void> {
    this.#parts.scroll.jump();
    await this.#session.continue();
  }

  /** Replaces the question `id` and sends it. The old one stays as a version. */
  async edit(id: number, content: MessageContent): Promise<void> {
    await (await this.#outbox.send(content, id))?.ended;
  }

  /** Starts a new conversation. The visitor can undo that until the next message. */
  clear(): void {
    if (this.#session.state.entries.length === 0 || !this.dispatchEvent(new ChatClearEvent())) return;
    this.#session.stop();
    this.#cleared = this.#session.state;
    if (this.shadowRoot?.activeElement?.closest(".header")) this.focus();
    this.#session.load(EMPTY_CHAT);
    this.#parts.unsent?.putBack();
    this.#parts.loadOccasional().then(() => this.#announcer.status(this.#parts.strings.cleared), () => {});
  }

  /** Returns the conversation for `load`. */
  toJSON(): ChatState {
    return this.#session.state;
  }

  /** Replaces the conversation with one that `toJSON` returned. */
  load(state: ChatState): void {
    this.#cleared = undefined;
    this.#session.load(state);
  }

  /** Exports the shown conversation as a document. */
  export(format: ChatExportFormat): Promise<string> {
    return this.#parts.export(this.#session.state, format);
  }

  /** Opens the launcher's panel and focuses the box. */
  async open(): Promise<void> {
    await (await this.#launcher.load())?.open();
  }

  /** Closes the launcher's panel. */
  async close(): Promise<void> {
    await (await this.#launcher.load())?.close();
  }

  /** Shows a message beside the closed launcher, unless the visitor has used the chat or dismissed a message before. */
  async showTeaser(text: string): Promise<void> {
    await (await this.#launcher.load())?.showTeaser(text);
  }

  /** Focuses the box. */
  override focus(options?: FocusOptions): void {
    this.#composer.focus(options);
  }

  /** The imports of the lazily loaded modules. `element.ts` implements it, as imports from here would be a circle. */
  protected abstract get loaders(): PartLoaders;

  /** The launcher's button may be in the shadow root already, with its styles. It comes before the panel. */
  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    const sheets = [...this.shadowRoot?.adoptedStyleSheets ?? []];
    const root = super.createRenderRoot() as ShadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...sheets];
    this.renderOptions.renderBefore = null;
    return root;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    EXTRAS.from(() => this.loaders.markdown());
    addEventListener("pagehide", this.#onPageHide);
    if (!this.hasUpdated) return;
    this.#parts.attachScroll();
    this.#parts.keep(this.#session, this.persist, this.persistKey).catch(() => {});
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("pagehide", this.#onPageHide);
    this.#parts.scroll.attach(undefined);
    this.#parts.keeper?.close();
    // Moving the element disconnects it only until the next microtask: then the request continues. An answer that nobody
    // can come back to is stopped. A conversation that is kept takes it up again.
    queueMicrotask(() => {
      if (!this.isConnected) this.persist === "none" ? this.stop() : this.#session.leave();
    });
  }

  protected override willUpdate(changed: PropertyValues): void {
    this.#focused = this.shadowRoot?.activeElement ?? undefined;
    if (["strings", "assistantName", "userName"].some((name) => changed.has(name))) {
      this.#parts.override(this.ownStrings);
    }
    if (changed.has("model")) this.#parts.attachments?.recheck();
    const needed = [
      this.usesFeatures && this.#parts.features === undefined && this.#loadFeatures(),
      changed.has("mode") && this.#launcher.load(),
      changed.has("locale") && this.#parts.translate(this.language),
      changed.has("attachments") && this.#parts.enableFiles(this.attachments),
      (changed.has("persist") || changed.has("persistKey")) &&
      this.#parts.keep(this.#session, this.persist, this.persistKey),
    ];
    // If a part cannot be loaded, the rest of the chat still works.
    for (const part of needed) if (part) part.catch(() => {});
  }

  protected override firstUpdated(): void {
    this.#parts.attachScroll();
  }

  protected override updated(): void {
    // A button that is removed when it is pressed would lose the focus to the page.
    if (this.#focused?.isConnected === false) {
      this.renderRoot.querySelector<HTMLElement>(".log")?.focus({ preventScroll: true });
    }
  }

  /** Renders the whole chat. */
  protected override render(): TemplateResult {
    const { state, isRunning: running } = this.#session;
    const strings = this.#parts.strings;
    const launcher = this.#launcher.panel;
    const label = this.heading || strings.chat;
    const hasMessages = state.entries.length > 0;
    const { dropZone, ...attached } = this.#parts.attachments?.render(strings, this.language) ?? {};
    return this.#launcher.render(
      label,
      strings,
      html`
        <div class="chat" part="chat" @keydown=${this.#launcher.onKeyDown}>
          ${renderHeader({
            label,
            strings,
            models: this.#parts.features?.renderModels(),
            menu: hasMessages
              ? renderMenu(
                strings,
                this.#parts.views.renderDownloads?.(strings, (format) => void this.#parts.download(state, format)),
                this.#onUse,
              )
              : nothing,
            onClear: hasMessages ? () => this.clear() : undefined,
            enlarge: launcher?.renderEnlarge(strings),
            onClose: launcher ? () => void this.close() : undefined,
          })}
          <div
            class="log"
            part="log"
            role="log"
            aria-live="off"
            aria-label=${strings.conversation}
            aria-busy=${String(running)}
            tabindex="0"
          >
            <div class="messages" @pointerenter=${this.#onUse} @focusin=${this.#onUse}>
              ${hasMessages
                ? [this.#renderTranscript(state), this.#parts.features?.renderSuggestions(state)]
                : renderEmpty(
                  launcher?.greeting || this.greeting || strings.greeting,
                  this.starters,
                  (text) => void this.send(text),
                )}
            </div>
          </div>
          <div class="footer" part="footer">
            ${this.#parts.scroll.isFollowing ? nothing : this.#parts.views.renderJump?.(
              shownEntries(state).length - this.#seen,
              strings,
              () => this.#parts.scroll.jump(),
            )}
            ${this.#cleared ? this.#parts.views.renderUndo?.(strings, () => this.#undoClear()) : nothing}
            ${this.#parts.features?.renderRefusal()} ${this.#parts.unsent?.render(strings, running)}
            ${this.#composer.render({
              running,
              placeholder: this.placeholder || strings.placeholder,
              strings,
              ...attached,
            })}
            <slot name="footer"></slot>
          </div>
          ${dropZone}
        </div>
      `,
    );
  }

  /** Renders, reports and stores a change of the conversation. */
  #onChange(before: ChatState, after: ChatState, action: ChatAction): void {
    if (action.type === "load") this.#transcript.reset();
    const [was, is] = [chatStatus(before), chatStatus(after)];
    // Text is rendered once per frame. The start and the end are rendered at once, even in a hidden tab without frames.
    const isText = action.type === "event" || action.type === "follow";
    if (was === "streaming" && is === "streaming" && isText) this.#transcript.schedule();
    else this.requestUpdate();
    this.#parts.loadFor(after);
    const { strings } = this.#parts;
    const unread = this.#launcher.panel?.onChange(before, after, action);
    const describeFailure = (error: ChatErrorData) => this.#parts.describeFailure(error);
    this.#reporter.report(before, after, action, { strings, describeFailure, unread });
    this.#parts.keeper?.onChange(action);
    this.#parts.unsent?.onChange(before, after);
  }

  #onReconnecting(isReconnecting: boolean): void {
    this.requestUpdate();
    this.#reporter.reportReconnecting(isReconnecting, this.#parts.strings);
  }

  #renderTranscript(state: ChatState): unknown {
    for (const lazy of [EXTRAS, MATH]) lazy.adoptStyles(this.renderRoot as ShadowRoot);
    const isReduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
    return this.#transcript.render(state, {
      strings: this.#parts.strings,
      imageOrigins: this.imageOrigins,
      views: this.#parts.views,
      features: this.#parts.features,
      tools: this.tools,
      attachments: this.#parts.attachments,
      language: this.language,
      isReconnecting: this.#session.isReconnecting,
      isSmooth: this.smoothing !== "off" && !isReduced && document.visibilityState === "visible",
    });
  }

  #loadFeatures(): Promise<ChatFeatures> {
    return this.#parts.loadFeatures({
      host: this,
      session: this.#session,
      announcer: this.#announcer,
      strings: () => this.#parts.strings,
      language: () => this.language,
      readConfig: () => this.sessionConfig,
    });
  }

  #undoClear(): void {
    if (this.#cleared) this.load(this.#cleared);
    this.focus();
  }

  #onFollowChange(): void {
    this.#seen = shownEntries(this.#session.state).length;
    if (!this.#parts.scroll.isFollowing) this.#onUse();
    this.requestUpdate();
  }
}
