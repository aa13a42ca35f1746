/**
 * Loads the parts that a conversation does not need to start, and holds what depends on them: translated strings,
 * scrolling, attachments. The chat works until they are loaded, and also if they cannot be loaded.
 * @module
 */
import type { CSSResult, LitElement } from "lit";
import type { ChatExportFormat, downloadText, exportChat } from "./chat/chat_export.ts";
import type { ChatMessage } from "../protocol/chat_request.ts";
import type { AttachmentList } from "./chat/attachment_list.ts";
import type { ChatKeeper } from "./chat/chat_keeper.ts";
import type { ChatSession } from "./chat/chat_session.ts";
import { type ChatState, hasAttachments } from "./chat/chat_state.ts";
import type { AttachmentSettings } from "./chat/chat_upload.ts";
import type { ToolRunner } from "./chat/tool_runner.ts";
import type { ChatPersistence } from "./chat_stream_properties.ts";
import type { ChatStrings } from "./locales/chat_strings.ts";
import { CORE_ENGLISH, fillString } from "./locales/core_strings.ts";
import type { EXTRA_ENGLISH } from "./locales/extra_strings.ts";
import type { loadLocale } from "./locales/locales.ts";
import type { ComposerAttachments, renderAttachments } from "./view/attachment_composer.ts";
import type { attachmentStyles } from "./view/attachment_styles.ts";
import type { extraStyles } from "./view/extra_styles.ts";
import type { renderMenu } from "./view/header_menu.ts";
import type { renderJump, renderUndo } from "./view/notices.ts";
import type { ScrollFollower } from "./view/scroll_follower.ts";
import type { TranscriptAttachments, TranscriptExtras } from "./view/transcript.ts";

/** The exports of `extras.ts`. Declared here, as a type import of that module would be a circle. */
export interface ChatExtras extends TranscriptExtras, ToolRunner {
  readonly ChatKeeper: typeof ChatKeeper;
  readonly downloadText: typeof downloadText;
  readonly exportChat: typeof exportChat;
  readonly EXTRA_ENGLISH: typeof EXTRA_ENGLISH;
  readonly extraStyles: typeof extraStyles;
  readonly loadLocale: typeof loadLocale;
  readonly renderJump: typeof renderJump;
  readonly renderMenu: typeof renderMenu;
  readonly renderUndo: typeof renderUndo;
  readonly ScrollFollower: typeof ScrollFollower;
}

/** The exports of `attachments.ts`. */
export interface AttachmentParts extends TranscriptAttachments {
  readonly AttachmentList: typeof AttachmentList;
  readonly attachmentStyles: typeof attachmentStyles;
  readonly renderAttachments: typeof renderAttachments;
}

/** What the lazy parts need from their element. */
export interface LazyPartsHandler {
  /** Imports `extras.ts`. */
  loadExtras(): Promise<ChatExtras>;
  /** Imports `attachments.ts`. */
  loadAttachments(): Promise<AttachmentParts>;
  /** The settings of attachments. */
  readAttachmentSettings(): AttachmentSettings;
  /** Announces a message to screen readers. */
  announce(text: string): void;
  /** Called when following the text starts or stops. */
  onFollowChange(): void;
}

/** The lazily loaded parts of one element. */
export class LazyParts {
  /** The module, once it is loaded. */
  extras: ChatExtras | undefined;
  /** Keeps the end of the conversation in view. */
  scroll: ScrollFollower | undefined;
  /** The module of attachments, once it is loaded. */
  attachments: AttachmentParts | undefined;
  /** The attachments of the next message, if the page allows attachments. */
  files: AttachmentList | undefined;
  /** Stores the conversation, if the page wants that. */
  keeper: ChatKeeper | undefined;
  /** The strings to show. Those of the lazy parts are added when the module is loaded; nothing uses them earlier. */
  strings = CORE_ENGLISH as ChatStrings;
  readonly #host: LitElement;
  readonly #handler: LazyPartsHandler;
  #language = "";
  #keeperName = "";
  #translated: Partial<ChatStrings> = {};
  #overrides: Partial<ChatStrings> = {};

  /** @param host the element to update @param handler loads the module and receives changes */
  constructor(host: LitElement, handler: LazyPartsHandler) {
    this.#host = host;
    this.#handler = handler;
  }

  /**
   * Loads the module. The first time, it also sets up scrolling, styles and strings.
   * @throws {TypeError} if it cannot be loaded; the next call tries again
   */
  async load(): Promise<ChatExtras> {
    const extras = await this.#handler.loadExtras();
    if (this.extras === undefined) {
      this.extras = extras;
      this.scroll = new extras.ScrollFollower(() => this.#handler.onFollowChange());
      this.attachScroll();
      this.#adopt(extras.extraStyles);
      this.override(this.#overrides);
    }
    return extras;
  }

  /** Starts to follow the text, unless the element was removed while the module was loading. */
  attachScroll(): void {
    const [log, messages] = [".log", ".messages"].map((name) => this.#host.renderRoot.querySelector<HTMLElement>(name));
    if (this.#host.isConnected && log && messages) this.scroll?.attach(log, messages);
  }

  /** Sets the strings that the page overrides. */
  override(strings: Partial<ChatStrings>): void {
    this.#overrides = strings;
    this.strings = {
      ...CORE_ENGLISH,
      ...this.extras?.EXTRA_ENGLISH as ChatStrings,
      ...this.#translated,
      ...strings,
    };
    this.#host.requestUpdate();
  }

  /** Loads the strings of a language such as `de` or `en-GB`. An unknown language falls back to English. */
  async translate(language: string): Promise<void> {
    this.#language = language;
    const isEnglish = language === "" || /^en\b/i.test(language);
    const translated = isEnglish ? {} : await (await this.load()).loadLocale(language);
    // Another language may have been set while this one was loading.
    if (this.#language !== language) return;
    this.#translated = translated;
    this.override(this.#overrides);
  }

  /** Loads what a conversation needs that is shown. The chat works without it; the next change tries again. */
  loadFor(state: ChatState): void {
    if (state.entries.length > 0) this.load().catch(() => {});
    if (hasAttachments(state)) this.loadAttachments().catch(() => {});
  }

  /** Loads the module of attachments. @throws {TypeError} if it cannot be loaded; the next call tries again */
  async loadAttachments(): Promise<AttachmentParts> {
    const [parts] = await Promise.all([this.#handler.loadAttachments(), this.load()]);
    if (this.attachments === undefined) {
      this.attachments = parts;
      this.#adopt(parts.attachmentStyles);
      this.#host.requestUpdate();
    }
    return parts;
  }

  /** Enables or disables attachments. */
  async enableFiles(isEnabled: boolean): Promise<void> {
    this.files?.close();
    this.files = undefined;
    if (!isEnabled) return;
    this.files = await this.#createList();
    this.#host.requestUpdate();
  }

  /** Replaces the oldest attachments that would make a request too large. */
  async limitAttachments(messages: readonly ChatMessage[]): Promise<readonly ChatMessage[]> {
    // A conversation may have attachments of an earlier visit, though the page no longer allows new ones.
    const list = this.files ?? await this.#createList();
    if (list !== this.files) list.close();
    return await list.limit(messages);
  }

  /** Renders the attachments of the next message. */
  renderFiles(language: string): Partial<ComposerAttachments> {
    if (this.files === undefined) return {};
    return this.attachments?.renderAttachments(this.files, { strings: this.strings, language }) ?? {};
  }

  /** Exports the shown conversation as a document. */
  async export(state: ChatState, format: ChatExportFormat): Promise<string> {
    const { exportChat } = await this.load();
    return exportChat(state, format, this.strings);
  }

  /** Makes the browser download the exported conversation. */
  async download(state: ChatState, format: ChatExportFormat): Promise<void> {
    const { downloadText } = await this.load();
    downloadText(await this.export(state, format), format);
  }

  /** Begins to store the conversation, and restores the stored one. Stops to store it under another key. */
  async keep(session: ChatSession, kind: ChatPersistence, key: string): Promise<void> {
    const name = this.#keeperName = `${kind} ${key}`;
    this.keeper?.close();
    this.keeper = undefined;
    if (kind === "none" || !this.#host.isConnected) return;
    const { ChatKeeper } = await this.load();
    // Another key may have been set, or the element removed, while the module was loading.
    if (this.#keeperName !== name || this.keeper || !this.#host.isConnected) return;
    const keeper = new ChatKeeper(kind, `chat-stream:${key}`, session);
    keeper.restore();
    // Not before: what was restored is no change for other tabs.
    this.keeper = keeper;
  }

  async #createList(): Promise<AttachmentList> {
    const { AttachmentList } = await this.loadAttachments();
    return new AttachmentList({
      element: this.#host,
      readSettings: () => this.#handler.readAttachmentSettings(),
      onChange: () => this.#host.requestUpdate(),
      onCount: (count) => this.#handler.announce(fillString(this.strings.filesAttached, { count })),
    });
  }

  #adopt(styles: CSSResult): void {
    const root = this.#host.renderRoot as ShadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, styles.styleSheet as CSSStyleSheet];
  }
}
