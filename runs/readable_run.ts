/**
 * A run as its readers see it, produced in this process or in another one.
 * @module
 */
import type { Recode } from "../upstream/chat_event_stream.ts";
import type { StartedReader } from "./run_readers.ts";

/** A run that can be read. */
export interface ReadableRun {
  readonly id: string;
  /** True where it has ended. */
  readonly hasEnded: boolean;
  /** Waits a short while where the run has been produced up to `after`, but this process does not know it yet. */
  reach(after: number): Promise<void>;
  /** True where the client has everything: the terminal event is the one that it names. */
  isReadUpTo(after: number): boolean;
  /**
   * Starts a reader.
   * @param after the number of the last event that the client has
   * @param recode the client's format; by default our events
   * @throws {ChatError} `EventNotReached`, `EventsGone`, `RateLimitExceeded` or `ServerBusy`
   */
  read(after: number, recode?: Recode): StartedReader;
}
