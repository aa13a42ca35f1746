/**
 * The names of keys and channels in Redis, and how long they live.
 * @module
 */

/** The version of the format of everything below. A change of the format changes it, so that old and new can run together. */
export const REDIS_FORMAT = 1;

/** How long a process counts as alive after it was heard of, in milliseconds. */
export const LEASE_MS = 15_000;

/** The id of a stream's terminal entry. No id is higher, so Redis refuses everything behind it. */
export const TERMINAL_ID = "9007199254740991-0";

/** The stream with a run's events. A run's keys share a hash tag, so that one script may use them. */
export function eventsKey(prefix: string, runId: string): string {
  return `${prefix}{${runId}}:events`;
}

/** The hash with a run's owner and process. */
export function runKey(prefix: string, runId: string): string {
  return `${prefix}{${runId}}:run`;
}

/** The channel with a run's events, for those who follow it live. */
export function runChannel(prefix: string, runId: string): string {
  return `${prefix}{${runId}}:live`;
}

/** The lease of a process: it exists while the process lives. */
export function leaseKey(prefix: string, processId: string): string {
  return `${prefix}process:${processId}`;
}

/** The channel with requests to a process. */
export function processChannel(prefix: string, processId: string): string {
  return `${prefix}process:${processId}:requests`;
}

/** The sorted set with the answers of a series. @param digest of the series' name */
export function seriesKey(prefix: string, digest: string): string {
  return `${prefix}series:${digest}`;
}

/** An idempotency key. @param digest of the key and its scope */
export function idempotencyKey(prefix: string, digest: string): string {
  return `${prefix}key:${digest}`;
}
