/**
 * The interface between the limits and the place that keeps their counts: this process's memory, or a server that several
 * processes share.
 * @module
 */

/** A count in its window. */
export interface WindowCount {
  readonly total: number;
  /** Milliseconds until the window ends and the count begins again: never more than the window. */
  readonly msBeforeNext: number;
}

/** Counts in fixed windows. The window of a key begins when the key is first counted. */
export interface LimitStore extends Disposable {
  /**
   * Adds to the count of a key.
   * @param amount negative to give something back; a count never falls below 0
   * @param windowSeconds the length of the key's window. The same key with another length is another count.
   */
  add(key: string, amount: number, windowSeconds: number): Promise<WindowCount>;
}
