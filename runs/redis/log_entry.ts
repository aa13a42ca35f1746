/**
 * A part of a run's log as it lies in Redis and travels in its channel: whole events, and whether the run ends with them.
 * Pure.
 * @module
 */
import { afterBlankLine } from "../../upstream/http/blank_line.ts";

/**
 * What an entry is: events; the last events of the producer; or an ending that another process wrote, because the run was
 * `stopped`, or because its producer was `lost`.
 */
export type EntryKind = "events" | "end" | "stopped" | "lost";

/** Whole events. */
export interface LogEntry {
  readonly kind: EntryKind;
  readonly events: Uint8Array<ArrayBuffer>;
}

const LF = 10;
/** Enough for the number and the type of an event. */
const MAX_HEAD_BYTES = 64;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The entry in a channel's message: its kind, a line feed, its events. */
export function parseMessage(message: Uint8Array<ArrayBuffer>): LogEntry {
  const lf = message.indexOf(LF);
  return { kind: decoder.decode(message.subarray(0, lf)) as EntryKind, events: message.subarray(lf + 1) };
}

/** The entries in a reply to XRANGE or XREVRANGE, with bytes instead of strings. */
export function parseEntries(reply: unknown): (LogEntry & { readonly id: string })[] {
  return (reply as [id: Uint8Array, fields: Uint8Array<ArrayBuffer>[]][]).map(([id, [kind, events]]) => ({
    id: decoder.decode(id),
    kind: decoder.decode(kind) as EntryKind,
    events: events!,
  }));
}

/** The number of the first event. */
export function firstEventOf(events: Uint8Array): number {
  return Number(decoder.decode(events.subarray("id: ".length, events.indexOf(LF))));
}

/** The events behind the first `count` ones. */
export function eventsBehind(events: Uint8Array<ArrayBuffer>, count: number): Uint8Array<ArrayBuffer> {
  let at = 0;
  for (let left = count; left > 0 && at !== -1; left--) at = afterBlankLine(events, at);
  return at === -1 ? events.subarray(events.length) : events.subarray(at);
}

/** The number of events. */
export function countEvents(events: Uint8Array): number {
  let count = 0;
  for (let at = afterBlankLine(events, 0); at !== -1; at = afterBlankLine(events, at)) count++;
  return count;
}

/** True where the last event is a terminal one. */
export function endsRun(events: Uint8Array): boolean {
  // An event has three lines and a blank one.
  let start = events.length - 1;
  for (let line = 0; line < 4; line++) start = events.lastIndexOf(LF, start - 1);
  const head = decoder.decode(events.subarray(start + 1, start + 1 + MAX_HEAD_BYTES));
  return /^id: \d+\nevent: (?:stop|error)\n/.test(head);
}

/** The same event with another number. */
export function renumbered(event: Uint8Array, number: number): Uint8Array<ArrayBuffer> {
  return encoder.encode(decoder.decode(event).replace(/^id: \d+/, `id: ${number}`));
}
