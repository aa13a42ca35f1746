/**
 * One timer for the deadlines of all streams. A timer for each stream costs more than the stream's events do.
 * @module
 */

/** Something with deadlines of its own. */
export interface Timed {
  /** Checks the deadlines. @param now milliseconds on the clock that calls */
  tick(now: number): void;
}

/** Calls everything that was added, at a fixed interval, while there is anything to call. */
export class StreamClock {
  /** The time in milliseconds. It never runs backwards. */
  readonly now: () => number;
  readonly #tickMs: number;
  readonly #timed = new Set<Timed>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * @param tickMs the interval between two checks, in milliseconds: how late a deadline may fire
   * @param now the time source; tests pass their own
   */
  constructor(tickMs: number, now: () => number = () => performance.now()) {
    this.#tickMs = tickMs;
    this.now = now;
  }

  /** Starts to call `timed`. */
  add(timed: Timed): void {
    this.#timed.add(timed);
    this.#timer ??= setInterval(() => this.tick(), this.#tickMs);
  }

  /** Stops calling `timed`. */
  delete(timed: Timed): void {
    this.#timed.delete(timed);
    if (this.#timed.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Lets everything check its deadlines now. */
  tick(): void {
    const now = this.now();
    for (const timed of [...this.#timed]) {
      try {
        timed.tick(now);
      } catch (error) {
        // One that throws must not keep the others from their deadlines.
        console.error(error);
        this.delete(timed);
      }
    }
  }
}
