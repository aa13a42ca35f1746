/**
 * A run as its readers see it, produced in this process or in another one.
 * @module
 */
import type { StartedReader } from "./run_readers.ts";

/** A run that can be read. */
export interface ReadableRun {
  readonly id: string;
  /** Waits a short while where the run has been produced up to `after`, but this process does not know it yet. */
  reach(after: number): Promise<void>;
  /** True where the client has everything: the terminal event is the one that it names. */
  isReadUpTo(after: number): boolean;
  /**
   * Starts a reader.
   * @param after the number of the last event that the client has
   * @throws {ChatError} `EventNotReached`, `EventsGone`, `RateLimitExceeded` or `ServerBusy`
   */
  read(after: number): StartedReader;
}
