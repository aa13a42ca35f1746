/**
 * Recognises events that a proxy repeats after it has resumed a stream, by their sequence numbers.
 * @module
 */

/** The most numbers that are remembered. */
const MAX_NUMBERS = 65_536;

/**
 * The sequence numbers of one stream. Old streams have none, and some servers send the same one all the time: numbers count
 * only while they rise by one, and a repeated number only with its type.
 */
export class SequenceNumbers {
  readonly #types: string[] = [];
  #first: number | undefined;
  #areUsable = true;

  /** The first number of the stream; undefined where it has none. */
  get first(): number | undefined {
    return this.#first;
  }

  /** Notes an event. @returns true if it has come before */
  isRepeated(number: unknown, type: string): boolean {
    if (!this.#areUsable || !Number.isSafeInteger(number)) return false;
    this.#first ??= number as number;
    const at = number as number - this.#first;
    if (at === this.#types.length && at < MAX_NUMBERS) {
      this.#types.push(type);
      return false;
    }
    this.#areUsable = this.#types.length > 1 && this.#types[at] === type;
    return this.#areUsable;
  }
}
