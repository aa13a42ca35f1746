/**
 * The copy of another process's log: put together from entries that may repeat, overlap or come too early. Pure.
 * @module
 */
import { MemoryEventLog } from "../memory_event_log.ts";
import { countEvents, endsRun, eventsBehind, firstEventOf, type LogEntry, renumbered } from "./log_entry.ts";

/** A copy. */
export class RemoteLog {
  /** The events so far. */
  readonly events = new MemoryEventLog();
  #isLost = false;

  /** True where the run ended because its producer was lost. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Adds what is new in an entry. @returns false where events before it are missing: nothing has been added then */
  add({ kind, events }: LogEntry): boolean {
    const log = this.events;
    if (log.hasEnded) return true;
    // An empty message means that there is something to read.
    if (events.length === 0) return false;
    const first = firstEventOf(events);
    if (first > log.newest + 1) return false;
    const known = log.newest + 1 - first;
    const isForeign = kind === "stopped" || kind === "lost";
    // Another process ended the run and did not know the newest events: its ending still comes last.
    if (isForeign && countEvents(events) <= known) log.append(renumbered(events, log.newest + 1));
    else if (countEvents(events) > known) log.append(eventsBehind(events, known));
    if (kind === "events" && !endsRun(events)) return true;
    this.#isLost = kind === "lost";
    log.end();
    return true;
  }
}
