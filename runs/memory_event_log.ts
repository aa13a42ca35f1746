/**
 * An event log in this process's memory: a list of segments that grow in size, so that nothing is copied twice and a short
 * answer takes little.
 * @module
 */
import { afterBlankLine } from "../upstream/http/blank_line.ts";
import type { EventLog, LogCursor } from "./event_log.ts";

const FIRST_SEGMENT_BYTES = 1024;
/** Also the largest chunk that a cursor reads. */
const MAX_SEGMENT_BYTES = 64 * 1024;
/** How far a seek scans at the most, besides one event. */
const MARK_EVERY_BYTES = 1024;
const LF = 10;

interface Segment {
  /** The position of its first byte in the log. */
  readonly start: number;
  bytes: Uint8Array<ArrayBuffer>;
  /** How many of the bytes are written. */
  length: number;
}

/** A log in memory. */
export class MemoryEventLog implements EventLog {
  readonly followedUntil = -Infinity;
  readonly #segments: Segment[] = [];
  readonly #watchers = new Set<() => void>();
  /** Event numbers and the positions behind these events, at least {@linkcode MARK_EVERY_BYTES} apart. */
  readonly #marks: { readonly event: number; readonly position: number }[] = [{ event: 0, position: 0 }];
  #newest = 0;
  #size = 0;
  #memory = 0;
  #hasEnded = false;

  get newest(): number {
    return this.#newest;
  }

  get size(): number {
    return this.#size;
  }

  get memory(): number {
    return this.#memory;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  append(events: Uint8Array): void {
    this.#count(events);
    for (let at = 0; at < events.length;) {
      const segment = this.#writableSegment(events.length - at);
      const part = events.subarray(at, at + segment.bytes.length - segment.length);
      segment.bytes.set(part, segment.length);
      segment.length += part.length;
      at += part.length;
    }
    this.#size += events.length;
    this.#wake();
  }

  end(): void {
    this.#hasEnded = true;
    const last = this.#segments.at(-1);
    if (last !== undefined) {
      this.#memory -= last.bytes.length - last.length;
      last.bytes = last.bytes.slice(0, last.length);
    }
    this.#wake();
  }

  seek(event: number): LogCursor {
    return new MemoryCursor(this, this.#segments, this.#positionOf(event));
  }

  /** A copy of the events behind `after`, up to `last`. */
  slice(after: number, last: number): Uint8Array<ArrayBuffer> {
    const [start, end] = [this.#positionOf(after), this.#positionOf(last)];
    const copy = new Uint8Array(end - start);
    for (let at = start, index = indexOfSegment(this.#segments, start); at < end; index++) {
      const { start: first, bytes, length } = this.#segments[index]!;
      const part = bytes.subarray(at - first, Math.min(length, end - first));
      copy.set(part, at - start);
      at += part.length;
    }
    return copy;
  }

  /** The last event that ends within about `bytes` bytes behind the event `after`, but at least the next one. */
  lastWithin(after: number, bytes: number): number {
    const limit = this.#positionOf(after) + bytes;
    if (this.#size <= limit) return this.#newest;
    return Math.max(after + 1, this.#marks[lastIndex(this.#marks, ({ position }) => position <= limit)]!.event);
  }

  watch(wake: () => void): () => void {
    this.#watchers.add(wake);
    return () => this.#watchers.delete(wake);
  }

  #wake(): void {
    for (const wake of this.#watchers) wake();
  }

  /** Numbers the events. Their data is on one line, so a blank line is always the end of one. */
  #count(events: Uint8Array): void {
    for (let at = afterBlankLine(events, 0); at !== -1; at = afterBlankLine(events, at)) {
      this.#newest++;
      const position = this.#size + at;
      if (position - this.#marks.at(-1)!.position >= MARK_EVERY_BYTES) {
        this.#marks.push({ event: this.#newest, position });
      }
    }
  }

  #writableSegment(bytes: number): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && last.length < last.bytes.length) return last;
    const doubled = last === undefined ? FIRST_SEGMENT_BYTES : last.bytes.length * 2;
    const capacity = Math.min(MAX_SEGMENT_BYTES, Math.max(doubled, bytes));
    const start = last === undefined ? 0 : last.start + last.length;
    const segment = { start, bytes: new Uint8Array(capacity), length: 0 };
    this.#segments.push(segment);
    this.#memory += capacity;
    return segment;
  }

  /** The position behind the event with this number. */
  #positionOf(event: number): number {
    if (event === this.#newest) return this.#size;
    const mark = this.#marks[lastIndex(this.#marks, (each) => each.event <= event)]!;
    return this.#positionBehind(event - mark.event, mark.position);
  }

  /** The position behind so many events from `position` on, which is behind an event. */
  #positionBehind(events: number, position: number): number {
    let left = events;
    let isLineEmpty = false;
    for (let index = indexOfSegment(this.#segments, position); left > 0; index++) {
      const { start, bytes, length } = this.#segments[index]!;
      for (let at = position - start; at < length && left > 0; at++, position++) {
        const isLineEnd = bytes[at] === LF;
        if (isLineEnd && isLineEmpty) left--;
        isLineEmpty = isLineEnd;
      }
    }
    return position;
  }
}

class MemoryCursor implements LogCursor {
  readonly #log: EventLog;
  readonly #segments: readonly Segment[];
  #index: number;
  #position: number;

  constructor(log: EventLog, segments: readonly Segment[], position: number) {
    this.#log = log;
    this.#segments = segments;
    this.#position = position;
    this.#index = Math.max(0, indexOfSegment(segments, position));
  }

  get hasMore(): boolean {
    return this.#position < this.#log.size;
  }

  get isAtEnd(): boolean {
    return this.#log.hasEnded && !this.hasMore;
  }

  read(): Uint8Array<ArrayBuffer> | undefined {
    if (!this.hasMore) return undefined;
    let segment = this.#segments[this.#index]!;
    if (this.#position === segment.start + segment.length) segment = this.#segments[++this.#index]!;
    const chunk = segment.bytes.subarray(this.#position - segment.start, segment.length);
    this.#position += chunk.length;
    return chunk;
  }
}

/** The segment with the byte at `position`, or the last one. */
function indexOfSegment(segments: readonly Segment[], position: number): number {
  return lastIndex(segments, ({ start }) => start <= position);
}

/** The last index whose item meets `condition`, or -1, by binary search: no item behind one that fails may meet it. */
function lastIndex<Item>(items: readonly Item[], condition: (item: Item) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (condition(items[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
