/**
 * What the requests of one question to providers have in common, over retries and fallbacks: how many of them may have to
 * be paid, and their idempotency keys.
 * @module
 */

/** The requests of one question. Whoever starts the question makes one, and reads from it what has to be paid. */
export class ProviderTries {
  /**
   * How many requests a provider may have read without refusing them. Each may have to be paid. It is right at any time,
   * also when the question fails or its client leaves.
   */
  paid = 0;
  readonly #id = crypto.randomUUID();
  #keys = 0;

  /**
   * The `Idempotency-Key` for a request and its repetitions. A request with another body needs another key: providers refuse
   * a key that comes with two bodies.
   */
  nextKey(): string {
    return `${this.#id}-${++this.#keys}`;
  }
}
