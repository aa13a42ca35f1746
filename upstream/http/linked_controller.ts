/**
 * An abort that follows another one, and may come on its own account too: a client's leaving ends what is done for it,
 * and so does a deadline or the end of the server.
 * @module
 */

/** Aborts with another signal, for the same reason, or by itself before. */
export class LinkedController {
  readonly #controller = new AbortController();
  readonly #leader: AbortSignal;
  readonly #follow = () => this.abort(this.#leader.reason);

  /** @param leader the signal to follow */
  constructor(leader: AbortSignal) {
    this.#leader = leader;
    leader.addEventListener("abort", this.#follow, { once: true });
    if (leader.aborted) this.#follow();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /** Follows no longer. What hangs on the signal need not live as long as what it followed. */
  unlink(): void {
    this.#leader.removeEventListener("abort", this.#follow);
  }
}
