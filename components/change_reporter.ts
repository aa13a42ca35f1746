/**
 * Tells the page, by events, and screen readers, by a few words, what has become of the conversation.
 * @module
 */
import type { LitElement } from "lit";
import type { Announcer } from "./view/announcer.ts";
import { type ChatAction, type ChatState, chatStatus, isRunning } from "./chat/chat_state.ts";
import { ChatDeltaEvent, ChatErrorEvent, ChatStopEvent } from "./chat_stream_events.ts";
import type { ChatExtras } from "./lazy_parts.ts";
import type { ChatStrings } from "./locales/strings.ts";

/** An answer longer than this is announced as complete instead of being read out. */
const MAX_ANNOUNCED_CHARS = 500;

/** Reports for one element. */
export class ChangeReporter {
  readonly #host: LitElement;
  readonly #announcer: Announcer;

  /** @param host where the events come from @param announcer what speaks */
  constructor(host: LitElement, announcer: Announcer) {
    this.#host = host;
    this.#announcer = announcer;
  }

  /** Reports one change: the beginning and the end of an answer once each, and each piece of text to the page alone. */
  report(
    before: ChatState,
    after: ChatState,
    action: ChatAction,
    words: ChatStrings,
    extras: ChatExtras | undefined,
  ): void {
    if (action.type === "event" && action.event.type === "text") {
      this.#host.dispatchEvent(new ChatDeltaEvent(action.event.data));
    }
    const [wasRunning, runs] = [isRunning(chatStatus(before)), isRunning(chatStatus(after))];
    if (!wasRunning && runs) this.#announcer.status(words.responding);
    else if (wasRunning && !runs) this.#reportEnd(after, words, extras);
  }

  #reportEnd(state: ChatState, words: ChatStrings, extras: ChatExtras | undefined): void {
    const entry = state.entries.find(({ id }) => id === state.leaf);
    if (entry?.type !== "answer") return;
    const { answer, status } = entry;
    if (answer.error) {
      const isToBeRead = this.#host.dispatchEvent(new ChatErrorEvent(answer.error, answer));
      if (isToBeRead) this.#announcer.alert(extras?.describeFailure(answer.error, words) ?? answer.error.message);
      return;
    }
    this.#host.dispatchEvent(new ChatStopEvent(answer, status === "stopped"));
    if (status === "stopped") this.#announcer.status(words.stopped);
    else void this.#host.updateComplete.then(() => this.#announceAnswer(words));
  }

  /** Reads a short answer out as it is shown, without any markup; of a long one it says that it is there. */
  #announceAnswer(words: ChatStrings): void {
    const text = [...this.#host.renderRoot.querySelectorAll(".content")].at(-1)?.textContent?.trim() ?? "";
    const isShort = text.length > 0 && text.length <= MAX_ANNOUNCED_CHARS;
    this.#announcer.status(isShort ? text : words.complete);
  }
}
