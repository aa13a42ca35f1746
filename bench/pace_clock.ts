/**
 * Wakes many streams at their own times with one timer, so that pacing thousands of them costs the provider little.
 * @module
 */

/** A clock with a resolution of a millisecond. It ticks only while somebody waits. */
export class PaceClock {
  readonly #waiting = new Map<number, (() => void)[]>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #slot = 0;

  /** Resolves at `time` (as `performance.now()` counts it), or at the next tick where that is past. */
  at(time: number): Promise<void> {
    this.#start();
    const slot = Math.max(Math.ceil(time), this.#slot + 1);
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleepers = this.#waiting.get(slot);
    if (sleepers === undefined) this.#waiting.set(slot, [resolve]);
    else sleepers.push(resolve);
    return promise;
  }

  #start(): void {
    if (this.#timer !== undefined) return;
    this.#slot = Math.floor(performance.now());
    this.#timer = setInterval(() => this.#tick(), 1);
  }

  /** Wakes every slot up to now: a late tick makes up for the ones that were missed. */
  #tick(): void {
    for (const now = Math.floor(performance.now()); this.#slot < now;) {
      const sleepers = this.#waiting.get(++this.#slot);
      if (sleepers === undefined) continue;
      this.#waiting.delete(this.#slot);
      for (const wake of sleepers) wake();
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
