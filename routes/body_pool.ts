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
  /** What each sender's bodies take. Senders whose bodies take nothing are not kept. */
  readonly #bySender = new Map<string, number>();

  /** @param maxBytes what all bodies may take together beyond their free parts */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The bytes in use. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /**
   * The memory of one request. Use it with `using`, for as long as the request's content is needed.
   * @param sender several bodies of one sender may take half of the pool; undefined for a request that is not counted so
   */
  lease(sender: string | undefined): BodyLease {
    return new BodyLease((bytes, held) => this.#take(bytes, held, sender));
  }

  /** Takes, or with a negative number returns, memory. @returns false if there is too little */
  #take(bytes: number, held: number, sender: string | undefined): boolean {
    if (bytes > 0 && this.#usedBytes + bytes > this.#maxBytes) return false;
    if (sender !== undefined) {
      const taken = (this.#bySender.get(sender) ?? 0) + bytes;
      // One body may take all of it, or a PDF could be too large for a small pool.
      if (bytes > 0 && taken > held + bytes && taken > this.#maxBytes / 2) return false;
      if (taken === 0) this.#bySender.delete(sender);
      else this.#bySender.set(sender, taken);
    }
    this.#usedBytes += bytes;
    return true;
  }
}

/** The part of the pool that one request holds. */
export class BodyLease implements Disposable {
  readonly #take: (bytes: number, held: number) => boolean;
  #heldBytes = 0;

  /** @param take takes or returns memory of the pool, for a request that holds some already */
  constructor(take: (bytes: number, held: number) => boolean) {
    this.#take = take;
  }

  /** Takes memory for a body of `bytes` in all. @throws {ChatError} `ServerBusy` if there is too little */
  growTo(bytes: number): void {
    const more = bytes - FREE_BODY_BYTES - this.#heldBytes;
    if (more <= 0) return;
    if (!this.#take(more, this.#heldBytes)) {
      throw new ChatError("ServerBusy", "This server is reading too many large messages at the moment.", {
        body: { setting: "MAX_BODY_POOL_BYTES" },
        retryAfterSeconds: RETRY_AFTER_SECONDS,
      });
    }
    this.#heldBytes += more;
  }

  /** Returns the memory. */
  [Symbol.dispose](): void {
    this.#take(-this.#heldBytes, this.#heldBytes);
    this.#heldBytes = 0;
  }
}
