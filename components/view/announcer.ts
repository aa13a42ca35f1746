/**
 * Announces events to screen readers, briefly and once: streamed text is not announced as it arrives. The two live
 * regions are light DOM children of the element, as regions inside a shadow root are not read reliably. A slot shows
 * them, so that they also work inside a modal dialog.
 * @see https://www.w3.org/TR/wai-aria-1.2/#aria-live
 * @module
 */
import type { ReactiveController, ReactiveControllerHost } from "lit";

/** The name of the visually hidden slot for the live regions. */
export const ANNOUNCER_SLOT = "chat-stream-announcer";
/** The delay before a message: NVDA drops one that arrives together with a change of focus. */
const SPEAK_AFTER_MS = 250;
/** How long a message stays: Chrome and TalkBack miss one that is removed within 100 ms. */
const CLEAR_AFTER_MS = 5000;

/** A Lit controller with one polite and one assertive live region. */
export class Announcer implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement;
  readonly #regions = new Map<string, HTMLElement>();
  #timers: ReturnType<typeof setTimeout>[] = [];

  /** @param host the element that gets the regions as children */
  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host;
    host.addController(this);
  }

  /** Adds the regions. They must exist before they are filled, or the first message is lost. */
  hostConnected(): void {
    for (const role of ["status", "alert"]) {
      const region = document.createElement("div");
      region.setAttribute("role", role);
      region.slot = ANNOUNCER_SLOT;
      this.#regions.set(role, region);
      this.#host.append(region);
    }
  }

  /** Removes the regions and the pending messages. */
  hostDisconnected(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    for (const region of this.#regions.values()) region.remove();
    this.#regions.clear();
  }

  /** Announces `text` when the screen reader is idle. */
  status(text: string): void {
    this.#announce("status", text);
  }

  /** Announces `text` at once. */
  alert(text: string): void {
    this.#announce("alert", text);
  }

  #announce(role: string, text: string): void {
    // One paragraph per message, so that equal messages are both read and none replaces another.
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
