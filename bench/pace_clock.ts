/**
 * One timer that wakes many streams, each at its own time, so that pacing thousands of them costs the provider little.
 * @module
 */

/** A clock with a resolution of a millisecond. It ticks only while there are waiters. */
export class PaceClock {
  readonly #waiting = new Map<number, (() => void)[]>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #slot = 0;

  /** Resolves at `time` on the clock of `performance.now()`; at the next tick for a time in the past. */
  at(time: number): Promise<void> {
    this.#start();
    const slot = Math.max(Math.ceil(time), this.#slot + 1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiters = this.#waiting.get(slot);
    if (waiters === undefined) this.#waiting.set(slot, [resolve]);
    else waiters.push(resolve);
    return promise;
  }

  #start(): void {
    if (this.#timer !== undefined) return;
    this.#slot = Math.floor(performance.now());
    this.#timer = setInterval(() => this.#tick(), 1);
  }

  /** Wakes every slot up to now, because ticks may be late. */
  #tick(): void {
    for (const now = Math.floor(performance.now()); this.#slot < now;) {
      const waiters = this.#waiting.get(++this.#slot);
      if (waiters === undefined) continue;
      this.#waiting.delete(this.#slot);
      for (const wake of waiters) wake();
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
