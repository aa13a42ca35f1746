/**
 * Tells screen readers what happened, in a few words and once: the streamed text itself is never read out piece by
 * piece. The two regions are children of the element in the page's own tree, as regions inside a shadow root are not
 * read reliably, and are shown through a slot, so that they still count inside a modal dialog.
 * @see https://www.w3.org/TR/wai-aria-1.2/#aria-live
 * @module
 */
import type { ReactiveController, ReactiveControllerHost } from "lit";

/** The slot in which the element shows its regions, out of sight. */
export const ANNOUNCER_SLOT = "chat-stream-announcer";
/** A message that comes together with a change of focus is dropped by NVDA: wait this long. */
const SPEAK_AFTER_MS = 250;
/** A text taken away within 100 ms is missed by Chrome and TalkBack: leave it much longer. */
const CLEAR_AFTER_MS = 5000;

/** A Lit controller with one polite and one assertive region. */
export class Announcer implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #regions = new Map<string, HTMLElement>();
  #timers: ReturnType<typeof setTimeout>[] = [];

  /** @param host the element that the regions become children of */
  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  /** Regions must be there before they are filled, or the first message is lost. */
  hostConnected(): void {
    for (const role of ["status", "alert"]) {
      const region = document.createElement("div");
      region.setAttribute("role", role);
      region.slot = ANNOUNCER_SLOT;
      this.#regions.set(role, region);
      this.#host.append(region);
    }
  }

  /** Takes the regions and the pending messages away. */
  hostDisconnected(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    for (const region of this.#regions.values()) region.remove();
    this.#regions.clear();
  }

  /** Says something when the reader is free. */
  status(text: string): void {
    this.#say("status", text);
  }

  /** Says something at once. */
  alert(text: string): void {
    this.#say("alert", text);
  }

  #say(role: string, text: string): void {
    // One paragraph a message: two that are equal are then still two, and the later does not replace the earlier.
    const line = document.createElement("p");
    line.textContent = text;
    const speak = setTimeout(() => this.#regions.get(role)?.append(line), SPEAK_AFTER_MS);
    const clear = setTimeout(() => {
      line.remove();
      this.#timers = this.#timers.filter((timer) => timer !== speak && timer !== clear);
    }, SPEAK_AFTER_MS + CLEAR_AFTER_MS);
    this.#timers.push(speak, clear);
  }
}
