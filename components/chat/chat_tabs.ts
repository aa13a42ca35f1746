/**
 * Keeps the tabs that show the same stored conversation in step. The tab in which the visitor acts leads: it talks to the
 * server, runs tools and sends each change to the others. When it is closed, another one takes the running answer up.
 * @see https://www.w3.org/TR/web-locks/
 * @module
 */
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { isTerminal } from "../../protocol/chat_event.ts";
import type { ChatSession, KeptChat } from "./chat_session.ts";
import type { ChatAction } from "./chat_state.ts";

/** What tabs send to each other. */
type TabMessage =
  /** A tab has been opened, or has missed something. */
  | { readonly type: "hello" }
  | { readonly type: "chat"; readonly chat: KeptChat }
  /** An event of the running answer `id`; `before` and `after` are the numbers of the event before it and of its own. */
  | {
    readonly type: "event";
    readonly id: number;
    readonly event: ChatEvent;
    readonly before: number;
    readonly after: number;
  };

/** The other tabs, as one of them sees them. */
export class ChatTabs {
  readonly #name: string;
  readonly #session: ChatSession;
  readonly #channel: BroadcastChannel;
  /** `waiting` has a place in the lock's queue, `leading` has the lock. */
  #role: "idle" | "waiting" | "leading" = "idle";
  /** Aborted to give the lock back, or the place in its queue. */
  #hold = new AbortController();
  /** The number of the last event that was sent. */
  #sent = 0;

  /** @param name the same in all tabs with this conversation @param session the conversation in this tab */
  constructor(name: string, session: ChatSession) {
    this.#name = name;
    this.#session = session;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }) => this.#receive(data as TabMessage);
    this.#post({ type: "hello" });
  }

  /** Reports a change that was made in this tab. */
  onChange(action: ChatAction): void {
    const { run } = this.#session.kept;
    if (action.type === "event" && run !== undefined && !isTerminal(action.event)) {
      this.#post({ type: "event", id: action.id, event: action.event, before: this.#sent, after: run.after });
      this.#sent = run.after;
    } else this.share();
    if (!this.#session.isRunning) this.#release();
    // The visitor has acted here: the lock is taken from the tab that has it.
    else if (this.#session.isLeading && this.#role !== "leading") this.#request("leading", { steal: true });
  }

  /** Sends the whole conversation to the other tabs. */
  share(): void {
    const chat = this.#session.kept;
    this.#sent = chat.run?.after ?? 0;
    this.#post({ type: "chat", chat });
  }

  /** Takes the running answer up as soon as no other tab reads it. */
  takeUp(): void {
    if (this.#role === "idle") this.#request("waiting", {}, () => void this.#session.resume());
  }

  /** Stops sending and receiving. */
  close(): void {
    this.#release();
    this.#channel.close();
  }

  #receive(message: TabMessage): void {
    const session = this.#session;
    switch (message.type) {
      case "hello":
        if (session.isLeading) this.share();
        return;
      case "chat":
        session.follow(message.chat);
        return this.#yield();
      case "event": {
        const { id, event, before, after } = message;
        if (!session.isLeading && !session.followEvent(id, event, before, after)) this.#post({ type: "hello" });
        return;
      }
      default:
        message satisfies never;
    }
  }

  /** Another tab leads. */
  #yield(): void {
    this.#session.leave();
    if (this.#role === "leading") this.#release();
    if (this.#session.isRunning) this.takeUp();
    else this.#release();
  }

  #request(role: "waiting" | "leading", options: LockOptions, onGranted = () => {}): void {
    this.#release();
    this.#role = role;
    const { signal } = this.#hold = new AbortController();
    // Pages without HTTPS have no locks. Then each tab that restores a running answer reads it.
    if (navigator.locks === undefined) return onGranted();
    navigator.locks.request(this.#name, role === "waiting" ? { ...options, signal } : options, () => {
      if (signal.aborted) return;
      this.#role = "leading";
      onGranted();
      return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    }).catch((error: Error) => {
      if (signal.aborted) return;
      // A sandboxed frame may use no locks. Nor does it have a storage that other tabs share.
      if (error.name !== "AbortError") onGranted();
      else this.#yield();
    });
  }

  #release(): void {
    this.#role = "idle";
    this.#hold.abort();
  }

  #post(message: TabMessage): void {
    this.#channel.postMessage(message);
  }
}
