/**
 * The clock of a server's runs. After the process was frozen, or the machine slept, timers come before what has arrived in the
 * meantime: without care every stream would look idle.
 * @module
 */
import { StreamClock } from "../upstream/chat_events/stream_clock.ts";

/** A tick that is later than this was held up, in milliseconds. */
const LATE_MS = 1000;

/** Leaves one check of the deadlines out when it was held up, so that everything that waits is read first. */
export class RunClock extends StreamClock {
  readonly #lateMs: number;
  #lastTickAt = -Infinity;
  #wasLate = false;

  /** The parameters are those of {@linkcode StreamClock}. */
  constructor(tickMs: number, now?: () => number) {
    super(tickMs, now);
    this.#lateMs = tickMs + LATE_MS;
  }

  override tick(): void {
    const now = this.now();
    // A server that is always late must check its deadlines, too.
    this.#wasLate = !this.#wasLate && now - this.#lastTickAt > this.#lateMs;
    this.#lastTickAt = now;
    if (!this.#wasLate) super.tick();
  }
}
