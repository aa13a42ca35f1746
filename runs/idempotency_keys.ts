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

  /** The number of keys in use. */
  get size(): number {
    return this.#claims.size;
  }

  /** True where the key is in use. @param key with its scope: whose key it is */
  has(key: string): boolean {
    return this.#claims.has(key);
  }

  /**
   * Claims a key, or finds the run that has it.
   * @param digest of the validated request
   * @param stop stops the run that begins
   * @throws {ChatError} `IdempotencyKeyReused` where another request has the key
   */
  claim(key: string, digest: string, stop: () => void): NewClaim | KnownClaim {
    const known = this.#claims.get(key);
    if (known !== undefined) {
      if (known.digest === digest) return { type: "known", run: known.run };
      throw idempotencyKeyReused();
    }
    const { promise, resolve, reject } = Promise.withResolvers<ReadableRun>();
    // Where nobody waits for the outcome, a failure has been reported already.
    promise.catch(() => {});
    this.#claims.set(key, { digest, run: promise, stop });
    return {
      type: "new",
      resolve,
      reject: (error) => {
        this.#claims.delete(key);
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
    this.#claims.delete(key);
  }
}
