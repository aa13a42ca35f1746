/**
 * The counts of this process. The memory that they take has a bound: when a table is full, the oldest keys with small counts
 * are deleted. Heavy users stay, so nobody gets rid of a used-up limit by flooding the table.
 * @module
 */
import type { LimitStore, Release, WindowCount } from "./limit_store.ts";
import { WindowTable } from "./window_table.ts";

/** The most keys of one window length. So many take 16 MB (`bench/limit_keys.ts`). */
export const MAX_KEYS_PER_WINDOW = 500_000;
/** How often ended windows are deleted, in milliseconds. */
const SWEEP_MS = 10_000;

/** The options of a store. */
export interface MemoryLimitStoreOptions {
  readonly maxKeysPerWindow?: number;
  /** The time in milliseconds, on a clock that never runs backwards. Tests pass their own. */
  readonly now?: () => number;
}

/** A {@linkcode LimitStore} in memory. It has one timer, which runs while there are keys. */
export class MemoryLimitStore implements LimitStore {
  readonly #maxKeys: number;
  readonly #now: () => number;
  readonly #tables = new Map<number, WindowTable>();
  /** The places that are taken. Their number has a bound of its own, `MAX_STREAMS`. */
  readonly #taken = new Map<string, number>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor({ maxKeysPerWindow = MAX_KEYS_PER_WINDOW, now = () => performance.now() }: MemoryLimitStoreOptions = {}) {
    this.#maxKeys = maxKeysPerWindow;
    this.#now = now;
  }

  /** The number of keys. */
  get size(): number {
    return [...this.#tables.values()].reduce((sum, { size }) => sum + size, 0);
  }

  // deno-lint-ignore require-await -- the interface is that of a store on another machine
  async add(key: string, amount: number, windowSeconds: number): Promise<WindowCount> {
    let table = this.#tables.get(windowSeconds);
    if (table === undefined) {
      table = new WindowTable(windowSeconds * 1000, this.#maxKeys);
      this.#tables.set(windowSeconds, table);
    }
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.sweep(), SWEEP_MS);
      Deno.unrefTimer(this.#timer);
    }
    return table.add(key, amount, this.#now());
  }

  // deno-lint-ignore require-await -- the same
  async takePlace(key: string, places: number): Promise<Release | undefined> {
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= places) return undefined;
    this.#taken.set(key, taken + 1);
    return () => {
      const left = this.#taken.get(key)! - 1;
      if (left === 0) this.#taken.delete(key);
      else this.#taken.set(key, left);
    };
  }

  /** Deletes the keys whose windows have ended. */
  sweep(): void {
    for (const table of this.#tables.values()) table.sweep(this.#now());
    if (this.size === 0) this[Symbol.dispose]();
  }

  /** Deletes all counts and the timer. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#tables.clear();
  }
}
