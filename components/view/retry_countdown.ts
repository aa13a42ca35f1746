/**
 * Counts the seconds down until a refused question may be sent again: renders the element each second, and announces the
 * time once.
 * @module
 */
import type { ReactiveControllerHost } from "lit";
import type { AnswerEntry } from "../chat/chat_state.ts";
import type { ChatStrings } from "../locales/chat_strings.ts";
import { describeWait } from "../locales/occasional_strings.ts";

/** The countdown of one element. */
export class RetryCountdown {
  readonly #host: ReactiveControllerHost;
  readonly #announce: (text: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #announced: number | undefined;

  /** @param host the element to render @param announce receives the time to wait, once */
  constructor(host: ReactiveControllerHost, announce: (text: string) => void) {
    this.#host = host;
    this.#announce = announce;
  }

  /** Describes the time to wait; empty if the question may be sent. Until then, the element is rendered each second. */
  describe({ id, answer, endedAt }: AnswerEntry, strings: ChatStrings): string {
    const wait = answer.error?.body?.retryAfterSeconds;
    if (typeof wait !== "number" || endedAt === undefined) return "";
    const leftMs = endedAt + wait * 1000 - Date.now();
    if (leftMs <= 0) return "";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#host.requestUpdate(), leftMs % 1000 || 1000);
    const text = describeWait(Math.ceil(leftMs / 1000), strings);
    if (this.#announced !== id) this.#announce(text);
    this.#announced = id;
    return text;
  }
}
