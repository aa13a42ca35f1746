/**
 * Loads the parts that a conversation does not need to start, and holds what depends on them: translated strings,
 * scrolling, attachments. The chat works until they are loaded, and also if they cannot be loaded.
 * @module
 */
import type { CSSResult, LitElement } from "lit";
import type { ChatExportFormat, downloadText, exportChat } from "./chat/chat_export.ts";
import type { ChatKeeper } from "./chat/chat_keeper.ts";
import type { ChatSession } from "./chat/chat_session.ts";
import type { ChatState } from "./chat/chat_state.ts";
import type { ToolRunner } from "./chat/tool_runner.ts";
import type { ChatFeatures, FeatureContext, FeaturesModule } from "./chat_features.ts";
import type { ChatPersistence } from "./chat_stream_properties.ts";
import type { ChatStrings } from "./locales/chat_strings.ts";
import { CORE_ENGLISH } from "./locales/core_strings.ts";
import type { announceFailure, EXTRA_ENGLISH } from "./locales/extra_strings.ts";
import type { loadLocale } from "./locales/locales.ts";
import type { AttachmentList } from "./view/attachments.ts";
import type { extraStyles } from "./view/extra_styles.ts";
import type { renderMenu } from "./view/header_menu.ts";
import type { renderJump, renderUndo } from "./view/notices.ts";
import type { ScrollFollower } from "./view/scroll_follower.ts";
import type { talkStyles } from "./view/talk_styles.ts";
import type { toolTitle } from "./view/tool_view.ts";
import type { TranscriptExtras } from "./view/transcript.ts";
import type { UnsentText, UnsentTextHandler } from "./view/unsent_text.ts";

/** The exports of `extras.ts`. Declared here, as a type import of that module would be a circle. */
export interface ChatExtras extends TranscriptExtras, ToolRunner {
  readonly announceFailure: typeof announceFailure;
  readonly AttachmentList: typeof AttachmentList;
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
  readonly talkStyles: typeof talkStyles;
  readonly toolTitle: typeof toolTitle;
  readonly UnsentText: typeof UnsentText;
}

/** What the lazy parts need from their element. */
export interface LazyPartsHandler extends UnsentTextHandler {
  /** Imports `extras.ts`. */
  loadExtras(): Promise<ChatExtras>;
  /** Imports `features.ts`. */
  loadFeatures(): Promise<FeaturesModule>;
  /** Called when following the text starts or stops. */
  onFollowChange(): void;
}

/** The lazily loaded parts of one element. */
export class LazyParts {
  /** The module, once it is loaded. */
  extras: ChatExtras | undefined;
  /** The features of the page, once they are loaded. */
  features: ChatFeatures | undefined;
  /** The visitor's text that is not sent yet. */
  unsent: UnsentText | undefined;
  /** Keeps the end of the conversation in view. */
  scroll: ScrollFollower | undefined;
  /** The attachments of the next message, if the page allows attachments. */
  files: AttachmentList | undefined;
  /** Stores the conversation, if the page wants that. */
  keeper: ChatKeeper | undefined;
  /** The strings to show. Those of the lazy parts are added when the module is loaded; nothing uses them earlier. */
  strings = CORE_ENGLISH as ChatStrings;
  readonly #host: LitElement;
  readonly #handler: LazyPartsHandler;
  #featureStrings: Partial<ChatStrings> = {};
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
      this.unsent = new extras.UnsentText(this.#host, this.#handler, () => this.strings);
      this.#adopt(extras.extraStyles, extras.talkStyles);
      this.override(this.#overrides);
    }
    return extras;
  }

  /** Loads the features that the page has turned on. @throws {TypeError} if they cannot be loaded; the next call tries again */
  async loadFeatures(context: FeatureContext): Promise<ChatFeatures> {
    const [module] = await Promise.all([this.#handler.loadFeatures(), this.load()]);
    if (this.features === undefined) {
      this.features = new module.PageFeatures(context);
      this.#featureStrings = module.FEATURE_ENGLISH;
      this.#adopt(module.featureStyles);
      this.override(this.#overrides);
    }
    return this.features;
  }

  #adopt(...styles: readonly CSSResult[]): void {
    const root = this.#host.renderRoot as ShadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...styles.map((style) => style.styleSheet as CSSStyleSheet)];
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
      ...this.#featureStrings,
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

  /** Accepts files that are dropped onto the chat. */
  readonly onDrag = (event: DragEvent): void => {
    if (this.files === undefined || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (event.type === "drop") void this.files.add([...event.dataTransfer.files]);
  };

  /** Enables or disables attachments. */
  async enableFiles(isEnabled: boolean): Promise<void> {
    this.files = undefined;
    if (!isEnabled) return;
    const { AttachmentList } = await this.load();
    this.files = new AttachmentList(() => this.#host.requestUpdate());
    this.#host.requestUpdate();
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
    const box = this.unsent as UnsentText;
    // Another key may have been set, or the element removed, while the module was loading.
    if (this.#keeperName !== name || this.keeper || !this.#host.isConnected) return;
    const keeper = new ChatKeeper(kind, `chat-stream:${key}`, session, box);
    keeper.restore();
    // Not before: what was restored is no change for other tabs.
    this.keeper = keeper;
  }
}
