/**
 * Replaces the timers, the random numbers and the clock of a test: it reads the delays and ends them by hand.
 * @module
 */

interface Timer {
  readonly delayMs: number;
  readonly run: () => void;
}

/** Timers that only the test ends. Use it with `using`. */
export class FakeTimers implements Disposable {
  /** What `Math.random` returns. */
  random = 0.5;
  /** What `Date.now` returns. */
  now = 1_000_000;
  /** All delays so far, in milliseconds. */
  readonly delays: number[] = [];
  readonly #originals = { setTimeout, setInterval, clearTimeout, clearInterval };
  readonly #now = Date.now;
  readonly #random = Math.random;
  readonly #timers = new Map<number, Timer>();
  readonly #intervals = new Map<number, () => void>();
  #waiter: (() => void) | undefined;
  #id = 0;

  constructor() {
    Date.now = () => this.now;
    Math.random = () => this.random;
    Object.assign(globalThis, {
      setTimeout: (run: () => void, delayMs: number) => {
        this.delays.push(delayMs);
        this.#timers.set(++this.#id, { run, delayMs });
        this.#waiter?.();
        return this.#id;
      },
      setInterval: (run: () => void) => {
        this.#intervals.set(++this.#id, run);
        return this.#id;
      },
      clearTimeout: (id: number) => this.#timers.delete(id),
      clearInterval: (id: number) => this.#intervals.delete(id),
    });
  }

  /** The number of intervals that run. */
  get intervals(): number {
    return this.#intervals.size;
  }

  /** Resolves once a delay is pending. */
  async pending(): Promise<void> {
    while (this.#timers.size === 0) await new Promise<void>((resolve) => this.#waiter = resolve);
  }

  /** Resolves once `count` delays have begun since the start. */
  async started(count: number): Promise<void> {
    while (this.delays.length < count) await new Promise<void>((resolve) => this.#waiter = resolve);
  }

  /** Waits for the newest delay and ends it. Returns its length. */
  async pass(): Promise<number> {
    await this.pending();
    const [id, { run, delayMs }] = [...this.#timers].at(-1)!;
    this.#timers.delete(id);
    this.now += delayMs;
    run();
    return delayMs;
  }

  /** Moves the clock and runs the intervals once. */
  tick(ms: number): void {
    this.now += ms;
    for (const run of [...this.#intervals.values()]) run();
  }

  [Symbol.dispose](): void {
    Object.assign(globalThis, this.#originals);
    Date.now = this.#now;
    Math.random = this.#random;
  }
}
