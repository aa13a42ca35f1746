/**
 * Counts the seconds down until a refused question may be sent again, and renders the element each second.
 * @module
 */
import type { ReactiveControllerHost } from "lit";
import type { AnswerEntry } from "../chat/chat_state.ts";

/** The countdown of one element. */
export class RetryCountdown {
  readonly #host: ReactiveControllerHost;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param host the element to render */
  constructor(host: ReactiveControllerHost) {
    this.#host = host;
  }

  /** The seconds to wait, rounded up; 0 if the question may be sent. While they are more, the element is rendered again. */
  secondsLeft({ answer, endedAt }: AnswerEntry): number {
    const wait = answer.error?.body?.retryAfterSeconds;
    if (typeof wait !== "number" || endedAt === undefined) return 0;
    const leftMs = endedAt + wait * 1000 - Date.now();
    if (leftMs <= 0) return 0;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#host.requestUpdate(), leftMs % 1000 || 1000);
    return Math.ceil(leftMs / 1000);
  }
}
