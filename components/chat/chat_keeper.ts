/**
 * Keeps one conversation in the browser: stores its changes, restores it, and keeps the tabs that show it in step.
 * @module
 */
import type { ChatSession } from "./chat_session.ts";
import type { ChatAction } from "./chat_state.ts";
import { ChatStorage } from "./chat_storage.ts";
import { ChatTabs } from "./chat_tabs.ts";
import { DraftStorage } from "./draft_storage.ts";

/** The box with the visitor's unsent text. */
export interface DraftBox {
  read(): string;
  write(text: string): void;
}

/** Keeps the conversation of one session under one key. */
export class ChatKeeper {
  readonly #session: ChatSession;
  readonly #storage: ChatStorage;
  /** A conversation in `sessionStorage` belongs to one tab. */
  readonly #tabs: ChatTabs | undefined;
  readonly #drafts: DraftStorage;
  readonly #box: DraftBox;
  readonly #onPageHide = (): void => this.#save();
  // A phone may end a hidden page without `pagehide`.
  readonly #onVisibility = (): void => document.visibilityState === "hidden" ? this.#save() : undefined;
  readonly #onPageShow = ({ persisted }: PageTransitionEvent): void => {
    const chat = this.#storage.read();
    // A page from the back/forward cache has missed what other tabs did.
    if (persisted && chat && !this.#session.isLeading) this.#session.follow(chat);
  };

  /**
   * @param kind which storage to use @param key the storage key @param session the conversation
   * @param box the unsent text, which is kept too
   */
  constructor(kind: "session" | "local", key: string, session: ChatSession, box: DraftBox) {
    this.#session = session;
    this.#box = box;
    this.#drafts = new DraftStorage(key);
    this.#storage = new ChatStorage(kind, key);
    this.#tabs = kind === "local" ? new ChatTabs(key, session) : undefined;
    addEventListener("pagehide", this.#onPageHide);
    addEventListener("pageshow", this.#onPageShow);
    document.addEventListener("visibilitychange", this.#onVisibility);
  }

  /**
   * Restores the stored conversation and the draft, unless the visitor has already started one, and takes a running
   * answer up.
   */
  restore(): void {
    const session = this.#session;
    if (this.#box.read() === "") this.#box.write(this.#drafts.read());
    const chat = this.#storage.read();
    if (chat && session.state.entries.length === 0) session.load(chat.state, chat.run);
    if (!session.isRunning || session.isLeading) return;
    if (this.#tabs) this.#tabs.takeUp();
    else void session.resume();
  }

  /** Stores and sends a change of the session. */
  onChange(action: ChatAction): void {
    // Made by another tab, which has stored it.
    if (action.type === "follow") return;
    this.#tabs?.onChange(action);
    // Text is stored when the page is left: it can be read again from the server.
    if (action.type !== "event" || !this.#session.isRunning) this.#storage.write(this.#session.kept);
  }

  /** Stores and sends the URL of the run. */
  onRun(): void {
    this.#storage.write(this.#session.kept);
    this.#tabs?.share();
  }

  /** Stops keeping the conversation. */
  close(): void {
    this.#save();
    this.#tabs?.close();
    removeEventListener("pagehide", this.#onPageHide);
    removeEventListener("pageshow", this.#onPageShow);
    document.removeEventListener("visibilitychange", this.#onVisibility);
  }

  /** Stores the draft, and a running answer up to where the visitor leaves it. */
  #save(): void {
    this.#drafts.write(this.#box.read());
    if (this.#session.isLeading) this.#storage.write(this.#session.kept);
  }
}
