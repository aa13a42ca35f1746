/**
 * Counts by key, for windows of one length: a hash table in typed arrays. A `Map` of objects takes five times the memory,
 * and its garbage in a flood of keys takes as much again.
 *
 * Entries lie in the order of their windows' beginnings. An entry is never removed alone: a sweep moves the others together.
 * @module
 */
import { hash } from "node:crypto";
import type { WindowCount } from "./limit_store.ts";

/** A full table evicts this share of its keys at once, so that evictions are rare. */
const EVICTED_SHARE = 1 / 8;
/** Keys with more than this multiple of the average count are never evicted. Fewer than half of all keys can be above it. */
const HEAVY_MULTIPLE = 2;
const MIN_CAPACITY = 1024;
const EMPTY = -1;

/** Makes digests unpredictable, so that clients cannot choose keys that collide. */
const SALT = crypto.randomUUID();

/** The counts of windows of one length. */
export class WindowTable {
  readonly #windowMs: number;
  readonly #maxKeys: number;
  /** The digests of the keys: two numbers for each entry. */
  #digests!: Uint32Array;
  #totals!: Float64Array;
  /** When the windows end. 0: the entry is deleted. */
  #ends!: Float64Array;
  /** The positions of the entries, by digest, with open addressing. At least half of it is empty. */
  #index!: Int32Array;
  /** The number of entries, deleted ones included. */
  #length = 0;
  #deleted = 0;

  /** @param maxKeys the most keys, at least 2 */
  constructor(windowMs: number, maxKeys: number) {
    this.#windowMs = windowMs;
    this.#maxKeys = maxKeys;
    this.#resize(Math.min(MIN_CAPACITY, maxKeys));
  }

  /** The number of keys. */
  get size(): number {
    return this.#length - this.#deleted;
  }

  /** Adds to the count of a key, which never falls below 0. @param now milliseconds that never run backwards */
  add(key: string, amount: number, now: number): WindowCount {
    const digest = digestOf(key);
    const known = this.#index[this.#slotOf(digest.high, digest.low)]!;
    const isCurrent = known !== EMPTY && this.#ends[known]! > now;
    // There is nothing to subtract from in a window that has ended.
    if (!isCurrent && amount <= 0) return { total: 0, msBeforeNext: this.#windowMs };
    const at = isCurrent ? known : this.#append(digest, now);
    const total = Math.max(0, this.#totals[at]! + amount);
    this.#totals[at] = total;
    return { total, msBeforeNext: this.#ends[at]! - now };
  }

  /** Deletes the keys whose windows have ended. */
  sweep(now: number): void {
    if (this.#length > 0 && this.#ends[0]! <= now) this.#keep((at) => this.#ends[at]! > now);
  }

  #append(digest: Digest, now: number): number {
    if (this.#length === this.#totals.length) this.#makeRoom(now);
    const slot = this.#slotOf(digest.high, digest.low);
    const ended = this.#index[slot]!;
    if (ended !== EMPTY) {
      this.#ends[ended] = 0;
      this.#deleted++;
    }
    const at = this.#length++;
    this.#index[slot] = at;
    this.#digests[2 * at] = digest.high;
    this.#digests[2 * at + 1] = digest.low;
    this.#totals[at] = 0;
    this.#ends[at] = now + this.#windowMs;
    return at;
  }

  /** Deletes ended windows; where that does not help, makes the table larger; at its bound, evicts light keys. */
  #makeRoom(now: number): void {
    this.#keep((at) => this.#ends[at]! > now);
    const capacity = this.#totals.length;
    if (this.#length <= capacity / 2) return;
    if (capacity < this.#maxKeys) return this.#resize(Math.min(2 * capacity, this.#maxKeys));
    let surplus = this.#length - Math.floor(this.#maxKeys * (1 - EVICTED_SHARE));
    let sum = 0;
    for (let at = 0; at < this.#length; at++) sum += this.#totals[at]!;
    const heavy = HEAVY_MULTIPLE * sum / this.#length;
    this.#keep((at) => this.#totals[at]! > heavy || surplus-- <= 0);
  }

  /** Keeps the entries for which `keeps` is true, in their order, and releases memory that is no longer needed. */
  #keep(keeps: (at: number) => boolean): void {
    let kept = 0;
    for (let at = 0; at < this.#length; at++) {
      if (!keeps(at)) continue;
      this.#digests[2 * kept] = this.#digests[2 * at]!;
      this.#digests[2 * kept + 1] = this.#digests[2 * at + 1]!;
      this.#totals[kept] = this.#totals[at]!;
      this.#ends[kept++] = this.#ends[at]!;
    }
    this.#length = kept;
    this.#deleted = 0;
    const capacity = this.#totals.length;
    if (kept < capacity / 8 && capacity > MIN_CAPACITY) this.#resize(Math.max(MIN_CAPACITY, 2 * kept));
    else this.#reindex();
  }

  /** Moves the entries to arrays for `capacity` keys. */
  #resize(capacity: number): void {
    const { totals, ends, digests } = { totals: this.#totals, ends: this.#ends, digests: this.#digests };
    this.#totals = new Float64Array(capacity);
    this.#ends = new Float64Array(capacity);
    this.#digests = new Uint32Array(2 * capacity);
    if (this.#length > 0) {
      this.#totals.set(totals.subarray(0, this.#length));
      this.#ends.set(ends.subarray(0, this.#length));
      this.#digests.set(digests.subarray(0, 2 * this.#length));
    }
    this.#index = new Int32Array(2 ** Math.ceil(Math.log2(2 * capacity)));
    this.#reindex();
  }

  #reindex(): void {
    this.#index.fill(EMPTY);
    for (let at = 0; at < this.#length; at++) {
      if (this.#ends[at] === 0) continue;
      this.#index[this.#slotOf(this.#digests[2 * at]!, this.#digests[2 * at + 1]!)] = at;
    }
  }

  /** The place of a digest in the index, or the empty place where it belongs. */
  #slotOf(high: number, low: number): number {
    const index = this.#index;
    const digests = this.#digests;
    const mask = index.length - 1;
    for (let slot = low & mask;; slot = (slot + 1) & mask) {
      const at = index[slot]!;
      if (at === EMPTY || (digests[2 * at] === high && digests[2 * at + 1] === low)) return slot;
    }
  }
}

/** 64 bits of a key's hash. Among a million keys, two share one with a probability of 1 in 37 million. */
interface Digest {
  readonly high: number;
  readonly low: number;
}

function digestOf(key: string): Digest {
  // As a string: buffers are slower and leave more garbage.
  const hex = hash("sha256", SALT + key, "hex");
  return { high: Number.parseInt(hex.slice(0, 8), 16), low: Number.parseInt(hex.slice(8, 16), 16) };
}
