/**
 * The log of a run: what its producer writes and its readers read. It holds the bytes of the response, whole events only,
 * numbered from 1 as on the wire. The bytes are never changed, so one of them serves every reader.
 * @module
 */

/** The log of one run. */
export interface EventLog {
  /** The number of the newest event; 0 where there is none. */
  readonly newest: number;
  /** The size of all events, in bytes. */
  readonly size: number;
  /** The memory that the log holds, in bytes. */
  readonly memory: number;
  /** True once the terminal event is in the log. */
  readonly hasEnded: boolean;
  /** Until when readers in other processes follow it, in milliseconds on the clock of `performance.now`; `-Infinity` for none. */
  readonly followedUntil: number;
  /** Appends whole events. */
  append(events: Uint8Array): void;
  /** Marks the end: the terminal event has been appended. */
  end(): void;
  /** A position behind the event with this number; 0 for the beginning. @param event at most {@linkcode newest} */
  seek(event: number): LogCursor;
  /** Calls `wake` after each append and at the end. @returns a function that ends that */
  watch(wake: () => void): () => void;
}

/** A reader's position in a log. */
export interface LogCursor {
  /** True where every event has been read and no more will come. */
  readonly isAtEnd: boolean;
  /** True where there are unread bytes. */
  readonly hasMore: boolean;
  /** The next bytes, up to a limit of the log's own; undefined where there are none yet. They must not be changed. */
  read(): Uint8Array<ArrayBuffer> | undefined;
}
