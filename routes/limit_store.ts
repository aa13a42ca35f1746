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

/** Gives a place back. */
export type Release = () => void;

/** Counts in fixed windows, which begin when a key is first counted, and places that are taken for a while. */
export interface LimitStore extends Disposable {
  /**
   * Adds to the count of a key.
   * @param amount negative to give something back; a count never falls below 0
   * @param windowSeconds the length of the key's window. The same key with another length is another count.
   */
  add(key: string, amount: number, windowSeconds: number): Promise<WindowCount>;
  /**
   * Takes one of so many places.
   * @returns a function that gives it back; undefined where all are taken
   */
  takePlace(key: string, places: number): Promise<Release | undefined>;
}
