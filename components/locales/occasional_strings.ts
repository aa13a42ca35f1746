/**
 * The English strings of what a visitor uses now and then, and the choice of the string for a time to wait.
 * @module
 */
import { fillString } from "./core_strings.ts";

/** The strings by name. */
export const OCCASIONAL_ENGLISH = {
  queued: "Sent after this answer",
  queuedWaiting: "Not sent yet",
  remove: "Remove",
  quote: "Quote",
  retrySeconds: "Try again in {count} s",
  retryMinutes: "Try again in {count} min",
  retryHours: "Try again in {count} h",
};

/** Describes how long to wait. Empty if there is nothing to wait for. @param seconds rounded up */
export function describeWait(seconds: number, strings: Readonly<typeof OCCASIONAL_ENGLISH>): string {
  if (seconds <= 0) return "";
  if (seconds < 100) return fillString(strings.retrySeconds, { count: seconds });
  if (seconds < 6000) return fillString(strings.retryMinutes, { count: Math.ceil(seconds / 60) });
  return fillString(strings.retryHours, { count: Math.ceil(seconds / 3600) });
}
