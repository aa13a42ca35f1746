/**
 * The idempotency keys of resumable runs: a repeated request finds the run that it began and starts no second one. A key
 * lives as long as its run.
 * @module
 */
import type { ReadableRun } from "./readable_run.ts";
import { idempotencyKeyReused } from "./run_error.ts";

/** A key in use. */
interface Claim {
  /** The digest of the validated request. */
  readonly digest: string;
  readonly run: Promise<ReadableRun>;
  /** Stops the run, also before it has begun. */
  readonly stop: () => void;
  readonly series: Series | undefined;
}

/** A series of answers, such as a chat. A client can find the latest of them by the name of the series. */
export interface Series {
  readonly name: string;
  /** What a reader has to know about the answer beside its events. */
  readonly note: string;
}

/** An answer of a series. */
export interface SeriesAnswer {
  readonly key: string;
  readonly note: string;
}

/** What a request claims a key with. */
export interface ClaimRequest {
  /** With its scope: whose key it is. */
  readonly key: string;
  /** The digest of the validated request. */
  readonly digest: string;
  /** Stops the run that begins. */
  readonly stop: () => void;
  /** The series of which this is the latest answer. */
  readonly series?: Series | undefined;
}

/** The first request with a key. Exactly one of its methods must be called. */
export interface NewClaim {
  readonly type: "new";
  /** The run has begun. */
  resolve(run: ReadableRun): void;
  /** The run could not begin. Waiting requests get the same error, and the key is free again. */
  reject(error: unknown): void;
}

/** A request whose key is in use. */
export interface KnownClaim {
  readonly type: "known";
  /** The run that has the key. It may not have begun yet. */
  readonly run: Promise<ReadableRun>;
}

/** The keys of this process. */
export class IdempotencyKeys {
  readonly #claims = new Map<string, Claim>();
  /** The answers of each series whose keys are in use, the oldest first. */
  readonly #series = new Map<string, readonly SeriesAnswer[]>();
  #noteChars = 0;

  /** The length of all notes. */
  get noteChars(): number {
    return this.#noteChars;
  }

  /** The number of keys in use. */
  get size(): number {
    return this.#claims.size;
  }

  /** True where the key is in use. @param key with its scope: whose key it is */
  has(key: string): boolean {
    return this.#claims.has(key);
  }

  /** The run that has the key, which may not have begun yet; undefined where no run of this process has it. */
  find(key: string): Promise<ReadableRun> | undefined {
    return this.#claims.get(key)?.run;
  }

  /** The answers of a series, the latest first. */
  answersOf(name: string): readonly SeriesAnswer[] {
    return (this.#series.get(name) ?? []).toReversed();
  }

  /**
   * Claims a key, or finds the run that has it.
   * @throws {ChatError} `IdempotencyKeyReused` where another request has the key
   */
  claim({ key, digest, stop, series }: ClaimRequest): NewClaim | KnownClaim {
    const known = this.#claims.get(key);
    if (known !== undefined) {
      if (known.digest === digest) return { type: "known", run: known.run };
      throw idempotencyKeyReused();
    }
    const { promise, resolve, reject } = Promise.withResolvers<ReadableRun>();
    // Where nobody waits for the outcome, a failure has been reported already.
    promise.catch(() => {});
    this.#claims.set(key, { digest, run: promise, stop, series });
    if (series !== undefined) {
      const earlier = this.#series.get(series.name) ?? [];
      this.#series.set(series.name, [...earlier, { key, note: series.note }]);
      this.#noteChars += series.note.length;
    }
    return {
      type: "new",
      resolve,
      reject: (error) => {
        this.delete(key);
        reject(error);
      },
    };
  }

  /** Stops the run with this key, begun or not. */
  stop(key: string): void {
    this.#claims.get(key)?.stop();
  }

  /** Frees the key of a run that is no longer kept. */
  delete(key: string): void {
    const { name, note = "" } = this.#claims.get(key)?.series ?? {};
    this.#noteChars -= note.length;
    this.#claims.delete(key);
    if (name === undefined) return;
    const others = this.#series.get(name)!.filter((answer) => answer.key !== key);
    if (others.length === 0) this.#series.delete(name);
    else this.#series.set(name, others);
  }
}
