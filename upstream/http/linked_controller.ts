/**
 * An AbortController linked to a parent signal.
 * @module
 */

/** Aborts with its parent, for the same reason, or when {@linkcode abort} is called. */
export class LinkedController {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal;
  readonly #follow = () => this.abort(this.#parent.reason);

  /** @param parent the signal to follow */
  constructor(parent: AbortSignal) {
    this.#parent = parent;
    parent.addEventListener("abort", this.#follow, { once: true });
    if (parent.aborted) this.#follow();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /** Unlinks from the parent, so that neither keeps the other in memory. */
  unlink(): void {
    this.#parent.removeEventListener("abort", this.#follow);
  }
}
