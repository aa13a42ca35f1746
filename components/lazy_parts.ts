/**
 * What the component loads after it has begun, and what depends on that: the words, the following of the text, the
 * files that wait. Until it is there the chat works without; where it cannot be loaded it goes on without.
 * @module
 */
import type { LitElement } from "lit";
import type { AttachmentList } from "./view/attachments.ts";
import type { ScrollFollower } from "./view/scroll_follower.ts";
import { type ChatStrings, ENGLISH } from "./locales/strings.ts";

/** The module with everything that is loaded later. */
export type ChatExtras = typeof import("./extras.ts");

/** The lazily loaded parts of one element. */
export class LazyParts {
  /** The module, once it is there. */
  extras: ChatExtras | undefined;
  /** Keeps the end in view. */
  scroll: ScrollFollower | undefined;
  /** The files that wait for the next message, where the page wants any. */
  files: AttachmentList | undefined;
  /** The words as they are to be shown. Those of the lazy parts come with the parts: no one says them earlier. */
  words = ENGLISH as ChatStrings;
  readonly #host: LitElement;
  readonly #onFollowChange: () => void;
  #language = "";
  #translated: Partial<ChatStrings> = {};
  #overrides: Partial<ChatStrings> = {};

  /** @param host the element @param onFollowChange called when the text is no longer followed, or again */
  constructor(host: LitElement, onFollowChange: () => void) {
    this.#host = host;
    this.#onFollowChange = onFollowChange;
  }

  /**
   * Loads the module; the first time it is put to use.
   * @throws {TypeError} when it cannot be loaded; the next call tries again
   */
  async load(): Promise<ChatExtras> {
    const extras = await import("./extras.ts");
    if (this.extras === undefined) {
      this.extras = extras;
      this.scroll = new extras.ScrollFollower(this.#onFollowChange);
      this.attachScroll();
      const root = this.#host.renderRoot as ShadowRoot;
      root.adoptedStyleSheets = [...root.adoptedStyleSheets, extras.extraStyles.styleSheet as CSSStyleSheet];
      this.override(this.#overrides);
    }
    return extras;
  }

  /** Follows the text from now on. What was loading while the element was removed must not hold it. */
  attachScroll(): void {
    const [log, messages] = [".log", ".messages"].map((name) => this.#host.renderRoot.querySelector<HTMLElement>(name));
    if (this.#host.isConnected && log && messages) this.scroll?.attach(log, messages);
  }

  /** Takes the page's own words. */
  override(words: Partial<ChatStrings>): void {
    this.#overrides = words;
    this.words = { ...ENGLISH, ...this.extras?.EXTRA_ENGLISH as ChatStrings, ...this.#translated, ...words };
    this.#host.requestUpdate();
  }

  /** Learns a language such as `de` or `en-GB`; one that is not known is English. */
  async translate(language: string): Promise<void> {
    this.#language = language;
    const isEnglish = language === "" || /^en\b/i.test(language);
    const translated = isEnglish ? {} : await (await this.load()).loadLocale(language);
    // Another language may have been asked for while this one was loading.
    if (this.#language !== language) return;
    this.#translated = translated;
    this.override(this.#overrides);
  }

  /** Takes files that are dragged onto the chat. */
  readonly onDrag = (event: DragEvent): void => {
    if (this.files === undefined || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (event.type === "drop") void this.files.add([...event.dataTransfer.files]);
  };

  /** Begins to take files, or stops. */
  async takeFiles(isWanted: boolean): Promise<void> {
    this.files = undefined;
    if (!isWanted) return;
    const { AttachmentList } = await this.load();
    this.files = new AttachmentList(() => this.#host.requestUpdate());
    this.#host.requestUpdate();
  }
}
