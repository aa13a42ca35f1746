/**
 * The memory that large request bodies may take together. Ordinary chat requests are below {@linkcode FREE_BODY_BYTES} and
 * never wait for it, so visitors who send large files cannot lock out those who send text.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";

/** What each body may take without the pool, in bytes. */
export const FREE_BODY_BYTES = 1024 * 1024;
/** When a client should send a large body again, in seconds. */
const RETRY_AFTER_SECONDS = 5;

/** The memory for the bodies of one process. */
export class BodyPool {
  readonly #maxBytes: number;
  #usedBytes = 0;

  /** @param maxBytes what all bodies may take together beyond their free parts */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The bytes in use. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The memory of one request. Use it with `using`, for as long as the request's content is needed. */
  lease(): BodyLease {
    return new BodyLease((bytes) => this.#take(bytes));
  }

  /** Takes, or with a negative number returns, memory. @returns false if there is too little */
  #take(bytes: number): boolean {
    if (this.#usedBytes + bytes > this.#maxBytes) return false;
    this.#usedBytes += bytes;
    return true;
  }
}

/** The part of the pool that one request holds. */
export class BodyLease implements Disposable {
  readonly #take: (bytes: number) => boolean;
  #heldBytes = 0;

  /** @param take takes or returns memory of the pool */
  constructor(take: (bytes: number) => boolean) {
    this.#take = take;
  }

  /** Takes memory for a body of `bytes` in all. @throws {ChatError} `ServerBusy` if there is too little */
  growTo(bytes: number): void {
    const more = bytes - FREE_BODY_BYTES - this.#heldBytes;
    if (more <= 0) return;
    if (!this.#take(more)) {
      throw new ChatError("ServerBusy", "This server is reading too many large messages at the moment.", {
        body: { setting: "MAX_BODY_POOL_BYTES" },
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.#heldBytes += more;
  }

  /** Returns the memory. */
  [Symbol.dispose](): void {
    this.#take(-this.#heldBytes);
    this.#heldBytes = 0;
  }
}
