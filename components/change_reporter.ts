/**
 * Reports changes of the conversation: events for the page, and announcements for screen readers.
 * @module
 */
import type { LitElement } from "lit";
import type { ChatAnswer } from "../protocol/chat_answer.ts";
import type { ChatErrorData } from "../protocol/chat_error.ts";
import { type ChatAction, type ChatState, chatStatus, isCutByLength, isRunning } from "./chat/chat_state.ts";
import { ChatDeltaEvent, ChatErrorEvent, ChatReconnectingEvent, ChatStopEvent } from "./chat_stream_events.ts";
import type { ChatStrings } from "./locales/chat_strings.ts";
import type { Announcer } from "./view/announcer.ts";

/** A longer answer is announced as complete instead of being read out. */
const MAX_ANNOUNCED_CHARS = 500;

/** A connection that is back within this time is not announced as lost. */
const RECONNECTING_MS = 1000;

/** What an announcement needs. */
export interface ReportOptions {
  readonly strings: ChatStrings;
  /** Describes a failure for the visitor, and logs what only the developer can mend. */
  describeFailure(error: ChatErrorData): Promise<string>;
  /** What to announce in place of an answer that the visitor does not see. */
  readonly unread: string | undefined;
}

/** Reports for one element. */
export class ChangeReporter {
  readonly #host: LitElement;
  readonly #announcer: Announcer;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param host dispatches the events @param announcer receives the announcements */
  constructor(host: LitElement, announcer: Announcer) {
    this.#host = host;
    this.#announcer = announcer;
  }

  /** Reports one change. The start and the end of an answer are announced once; text only becomes an event. */
  report(before: ChatState, after: ChatState, action: ChatAction, options: ReportOptions): void {
    // The other tab has reported it.
    if (action.type === "follow") return;
    if (action.type === "event" && action.event.type === "text") {
      this.#host.dispatchEvent(new ChatDeltaEvent(action.event.data));
    }
    const [wasRunning, runs] = [isRunning(chatStatus(before)), isRunning(chatStatus(after))];
    if (!wasRunning && runs) this.#announcer.status(options.strings.responding);
    else if (wasRunning && !runs) this.#reportEnd(after, options);
  }

  /** Reports that the connection is lost, or that it is back. */
  reportReconnecting(isReconnecting: boolean, { reconnecting }: ChatStrings): void {
    this.#host.dispatchEvent(new ChatReconnectingEvent(isReconnecting));
    clearTimeout(this.#timer);
    if (isReconnecting) this.#timer = setTimeout(() => this.#announcer.status(reconnecting), RECONNECTING_MS);
  }

  #reportEnd(state: ChatState, { strings, describeFailure, unread }: ReportOptions): void {
    const entry = state.entries.find(({ id }) => id === state.leaf);
    if (entry?.type !== "answer") return;
    const { answer, status } = entry;
    if (answer.error) {
      const isAnnounced = this.#host.dispatchEvent(new ChatErrorEvent(answer.error, answer));
      void describeFailure(answer.error).then((text) => isAnnounced && this.#announcer.alert(text));
      return;
    }
    this.#host.dispatchEvent(new ChatStopEvent(answer, status === "stopped"));
    if (status === "stopped") this.#announcer.status(strings.stopped);
    else if (unread !== undefined) this.#announcer.status(unread);
    else void this.#host.updateComplete.then(() => this.#announceAnswer(answer, strings));
  }

  /** Announces a short answer as it is rendered, without markup, and only the end of a long one. */
  #announceAnswer(answer: ChatAnswer, strings: ChatStrings): void {
    const content = [...this.#host.renderRoot.querySelectorAll<HTMLElement>(".content")].at(-1);
    const length = content?.textContent.trim().length ?? 0;
    const isShort = length > 0 && length <= MAX_ANNOUNCED_CHARS;
    const isCut = isCutByLength(answer);
    // `innerText` keeps blocks and cells apart.
    if (content && isShort) this.#announcer.status(content.innerText);
    if (isCut || !isShort) this.#announcer.status(isCut ? strings.lengthLimit : strings.complete);
  }
}
