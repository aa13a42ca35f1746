/**
 * Loads the parts that a text conversation does not need, and holds what depends on them: translated strings, scrolling,
 * attachments, tools. The chat works until they are loaded, and also if they cannot be loaded.
 * @module
 */
import type { CSSResult } from "lit";
import type { ChatErrorData } from "../protocol/chat_error.ts";
import type { ChatExportFormat, downloadText, exportChat } from "./chat/chat_export.ts";
import type { logSetupMistake } from "./chat/setup_mistake.ts";
import type { ChatKeeper } from "./chat/chat_keeper.ts";
import type { ChatSession } from "./chat/chat_session.ts";
import { type ChatState, hasAttachments } from "./chat/chat_state.ts";
import type { ToolRunner } from "./chat/tool_runner.ts";
import type { ChatFeatures, FeatureContext, FeaturesModule } from "./chat_features.ts";
import type { ChatPersistence, ChatStreamProperties } from "./chat_stream_properties.ts";
import type { AttachmentsHandler, ElementAttachments } from "./element_attachments.ts";
import type { LauncherModules } from "./launcher_control.ts";
import type { ATTACHMENT_ENGLISH } from "./locales/attachment_strings.ts";
import type { ToolConsent, ToolConsentHandler } from "./tool_consent.ts";
import type { ChatStrings } from "./locales/chat_strings.ts";
import { CORE_ENGLISH, describeLoss } from "./locales/core_strings.ts";
import { loadLocale } from "./locales/locales.ts";
import type { OCCASIONAL_ENGLISH } from "./locales/occasional_strings.ts";
import type { REASONING_ENGLISH } from "./locales/reasoning_strings.ts";
import type { TOOL_ENGLISH } from "./locales/tool_strings.ts";
import type { MarkdownExtras } from "./markdown/markdown_modules.ts";
import type { RetryCountdown } from "./view/retry_countdown.ts";
import { ScrollFollower } from "./view/scroll_follower.ts";
import type { LazyViews } from "./view/transcript.ts";
import type { UnsentText, UnsentTextHandler } from "./view/unsent_text.ts";

/** The exports of `occasional.ts`. */
export interface OccasionalParts {
  readonly OCCASIONAL_ENGLISH: typeof OCCASIONAL_ENGLISH;
  readonly RetryCountdown: typeof RetryCountdown;
  readonly UnsentText: typeof UnsentText;
  readonly downloadText: typeof downloadText;
  readonly exportChat: typeof exportChat;
  readonly logSetupMistake: typeof logSetupMistake;
  readonly styles: readonly CSSResult[];
  readonly views: Required<Omit<LazyViews, "describeWait" | "renderReasoning" | "renderToolCalls">>;
}

/** The exports of `reasoning.ts`. */
export interface ReasoningParts extends Required<Pick<LazyViews, "renderReasoning">> {
  readonly REASONING_ENGLISH: typeof REASONING_ENGLISH;
  readonly reasoningStyles: CSSResult;
}

/** The exports of `tools.ts`. */
export interface ChatTools extends ToolRunner, Required<Pick<LazyViews, "renderToolCalls">> {
  readonly ToolConsent: typeof ToolConsent;
  readonly TOOL_ENGLISH: typeof TOOL_ENGLISH;
  readonly toolStyles: CSSResult;
}

/** The exports of `attachments.ts`. */
export interface AttachmentParts {
  readonly ATTACHMENT_ENGLISH: typeof ATTACHMENT_ENGLISH;
  readonly attachmentStyles: CSSResult;
  readonly menuStyles: CSSResult;
  readonly ElementAttachments: typeof ElementAttachments;
}

/** The imports of the lazily loaded modules. */
export interface PartLoaders {
  /** Imports `attachments.ts`. */
  attachments(): Promise<AttachmentParts>;
  /** Imports `features.ts`. */
  features(): Promise<FeaturesModule>;
  /** Imports `keeper.ts`. */
  keeper(): Promise<{ readonly ChatKeeper: typeof ChatKeeper }>;
  /** Imports `launcher.ts` and `launcher_button.ts`. */
  launcher(): Promise<LauncherModules>;
  /** Imports `markdown_extras.ts`. */
  markdown(): Promise<MarkdownExtras>;
  /** Imports `occasional.ts`. */
  occasional(): Promise<OccasionalParts>;
  /** Imports `reasoning.ts`. */
  reasoning(): Promise<ReasoningParts>;
  /** Imports `tools.ts`. */
  tools(): Promise<ChatTools>;
}

/** What the lazy parts need from their element. */
export interface LazyPartsHandler extends AttachmentsHandler, UnsentTextHandler, ToolConsentHandler {
  /** The imports. */
  loaders(): PartLoaders;
  /** Called when following the text starts or stops. */
  onFollowChange(): void;
}

/** The lazily loaded parts of one element. */
export class LazyParts {
  /** The views of messages that are loaded. */
  views: LazyViews = {};
  /** Asks whether a tool may run, once there are tools. */
  consent: ToolConsent | undefined;
  /** The features of the page, once they are loaded. */
  features: ChatFeatures | undefined;
  /** The visitor's text that is queued or quoted, once there was any. */
  unsent: UnsentText | undefined;
  /** Keeps the end of the conversation in view, from the first message on. */
  readonly scroll: ScrollFollower;
  /** The attachments, if the page allows them or a message has some. */
  attachments: ElementAttachments | undefined;
  /** Stores the conversation, if the page wants that. */
  keeper: ChatKeeper | undefined;
  /** The strings to show. Those of attachments are added with their module; nothing uses them earlier. */
  strings = CORE_ENGLISH as ChatStrings;
  readonly #host: ChatStreamProperties;
  readonly #handler: LazyPartsHandler;
  #hasMessages = false;
  #english: Partial<ChatStrings> = {};
  #language = "";
  #keeperName = "";
  #translated: Partial<ChatStrings> = {};
  #overrides: Partial<ChatStrings> = {};

  /** @param host the element to update @param handler loads the module and receives changes */
  constructor(host: ChatStreamProperties, handler: LazyPartsHandler) {
    this.#host = host;
    this.#handler = handler;
    this.scroll = new ScrollFollower(() => handler.onFollowChange());
  }

  /** Sets up what a conversation needs. It works without what cannot be loaded, and the next call tries again. */
  loadFor(state: ChatState): void {
    const { entries } = state;
    if (entries.length > 0 && !this.#hasMessages) {
      this.#hasMessages = true;
      this.attachScroll();
    }
    if (hasAttachments(state)) this.loadAttachments().catch(() => {});
    const has = (name: "tool_calls" | "reasoning") =>
      entries.some((entry) => entry.type === "answer" && entry.answer[name]);
    if (!this.views.renderToolCalls && has("tool_calls")) this.loadTools().catch(() => {});
    if (!this.views.renderReasoning && has("reasoning")) this.#loadReasoning().catch(() => {});
  }

  /** Loads the tool runner and the view of tool calls. @throws {TypeError} if they cannot be loaded */
  async loadTools(): Promise<ToolRunner> {
    const tools = await this.#handler.loaders().tools();
    if (this.consent === undefined) {
      const { renderToolCalls, ToolConsent, TOOL_ENGLISH, toolStyles } = tools;
      this.consent = new ToolConsent(this.#host, this.#handler);
      this.#add({ renderToolCalls }, TOOL_ENGLISH, toolStyles);
    }
    return tools;
  }

  async #loadReasoning(): Promise<void> {
    const { renderReasoning, REASONING_ENGLISH, reasoningStyles } = await this.#handler.loaders().reasoning();
    if (!this.views.renderReasoning) this.#add({ renderReasoning }, REASONING_ENGLISH, reasoningStyles);
  }

  /** Loads what a visitor uses now and then. @throws {TypeError} if it cannot be loaded; the next call tries again */
  async loadOccasional(): Promise<OccasionalParts> {
    const parts = await this.#handler.loaders().occasional();
    if (this.unsent) return parts;
    const handler = this.#handler;
    const countdown = new parts.RetryCountdown(this.#host, (text) => handler.announce(text));
    const describeWait: typeof countdown.describe = (entry, strings) => countdown.describe(entry, strings);
    this.unsent = new parts.UnsentText(this.#host, handler, this);
    this.#add({ ...parts.views, describeWait }, parts.OCCASIONAL_ENGLISH, ...parts.styles);
    return parts;
  }

  /** Loads the features of the page. @throws {TypeError} if they cannot be loaded; the next call tries again */
  async loadFeatures(context: FeatureContext): Promise<ChatFeatures> {
    const { PageFeatures, FEATURE_ENGLISH, featureStyles } = await this.#handler.loaders().features();
    if (this.features === undefined) {
      this.features = new PageFeatures(context);
      this.#add({}, FEATURE_ENGLISH, featureStyles);
    }
    return this.features;
  }

  /**
   * Describes a failure for the visitor, and logs what only the developer can mend. The server's own message is for
   * developers and is not shown.
   */
  async describeFailure(error: ChatErrorData): Promise<string> {
    return describeLoss(error, this.strings) ??
      await this.loadOccasional().then(
        ({ views, logSetupMistake }) => {
          logSetupMistake(error);
          return views.describeFailure(error, this.strings);
        },
        () => this.strings.failed,
      );
  }

  /** Queues a message with the attached files. Resolves with false if that cannot be loaded. */
  queue(text: string): Promise<boolean> {
    return this.loadOccasional().then(() => {
      this.unsent?.queue(text);
      return true;
    }, () => false);
  }

  /** Adds lazily loaded views, strings and styles. */
  #add(views: LazyViews, english: Partial<ChatStrings>, ...styles: readonly CSSResult[]): void {
    this.#adopt(...styles);
    this.views = { ...this.views, ...views };
    this.#english = { ...this.#english, ...english };
    this.override(this.#overrides);
  }

  #adopt(...styles: readonly CSSResult[]): void {
    const root = this.#host.renderRoot as ShadowRoot;
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...styles.flatMap(({ styleSheet }) => styleSheet ?? [])];
  }

  /** Starts to follow the text, once the element is rendered. */
  attachScroll(): void {
    if (!this.#hasMessages || !this.#host.isConnected) return;
    const [log, messages] = [".log", ".messages"].map((name) => this.#host.renderRoot.querySelector<HTMLElement>(name));
    if (log && messages) this.scroll.attach(log, messages);
  }

  /** Sets the strings that the page overrides. */
  override(strings: Partial<ChatStrings>): void {
    this.#overrides = strings;
    this.strings = {
      ...CORE_ENGLISH,
      ...this.#english,
      ...this.#translated,
      ...strings,
    } as ChatStrings;
    this.#host.requestUpdate();
  }

  /** Loads the strings of a language such as `de` or `en-GB`. An unknown language falls back to English. */
  async translate(language: string): Promise<void> {
    this.#language = language;
    const isEnglish = language === "" || /^en\b/i.test(language);
    const translated = isEnglish ? {} : await loadLocale(language);
    // Another language may have been set while this one was loading.
    if (this.#language !== language) return;
    this.#translated = translated;
    this.override(this.#overrides);
  }

  /** Loads the attachments. @throws {TypeError} if they cannot be loaded; the next call tries again */
  async loadAttachments(): Promise<ElementAttachments> {
    const { attachmentStyles, ATTACHMENT_ENGLISH, ElementAttachments, menuStyles } = await this.#handler.loaders()
      .attachments();
    if (this.attachments === undefined) {
      this.#adopt(attachmentStyles, menuStyles);
      this.#english = { ...this.#english, ...ATTACHMENT_ENGLISH };
      this.attachments = new ElementAttachments(this.#host, this.#handler);
      this.override(this.#overrides);
    }
    return this.attachments;
  }

  /** Enables or disables attachments. */
  async enableFiles(isEnabled: boolean): Promise<void> {
    if (isEnabled) await this.loadAttachments();
    this.attachments?.enable(isEnabled);
    this.#host.requestUpdate();
  }

  /** Exports the shown conversation as a document. */
  async export(state: ChatState, format: ChatExportFormat): Promise<string> {
    const { exportChat } = await this.loadOccasional();
    return exportChat(state, format, this.strings);
  }

  /** Makes the browser download the exported conversation. */
  async download(state: ChatState, format: ChatExportFormat): Promise<void> {
    const { downloadText } = await this.loadOccasional();
    downloadText(await this.export(state, format), format);
  }

  /** Begins to store the conversation, and restores the stored one. Stops to store it under another key. */
  async keep(session: ChatSession, kind: ChatPersistence, key: string): Promise<void> {
    const name = this.#keeperName = `${kind} ${key}`;
    this.keeper?.close();
    this.keeper = undefined;
    if (kind === "none" || !this.#host.isConnected) return;
    const { ChatKeeper } = await this.#handler.loaders().keeper();
    // Another key may have been set, or the element removed, while the module was loading.
    if (this.#keeperName !== name || this.keeper || !this.#host.isConnected) return;
    const { box } = this.#handler;
    const keeper = new ChatKeeper(kind, `chat-stream:${key}`, session, {
      read: () => this.unsent?.text ?? box.text,
      write: (text) => box.text = text,
    });
    keeper.restore();
    // Not before: what was restored is no change for other tabs.
    this.keeper = keeper;
  }
}
