/**
 * Repeatable random choices: the same seed gives the same choices.
 * @module
 */

/** How many random streams a fuzz test tries: a few in `deno task test`, many in `deno task test:fuzz`. */
export const FUZZ_STREAMS = Number(Deno.env.get("FUZZ_STREAMS") ?? 500);

/** A source of choices (a 32-bit Weyl sequence with a multiplicative mix: good enough to find faults, not for secrets). */
export class SeededRandom {
  #state: number;

  /** @param seed any integer */
  constructor(seed: number) {
    this.#state = Math.imul(seed, 0x9e3779b1) >>> 0;
  }

  /** A number from 0 to 1, exclusive. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer from 0 to `limit`, exclusive. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One of the values, with equal probability. */
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }

  /** A list of fewer than `limit` items. */
  list<T>(limit: number, make: () => T): T[] {
    return Array.from({ length: this.below(limit) }, make);
  }

  /** The same fields in another order. */
  shuffle(fields: Record<string, unknown>): Record<string, unknown> {
    const order = new Map(Object.keys(fields).map((name) => [name, this.next()]));
    return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => order.get(a)! - order.get(b)!));
  }
}
