/**
 * The streams that are open now: how many there are, one clock for all of their heartbeats and timeouts, and the way
 * to end them all. One timer serves every stream, as a timer each costs more than the events do.
 * @module
 */
import type { ChatError } from "../protocol/chat_error.ts";

/** An open stream, as the clock and the shutdown see it. */
export interface LiveStream {
  /** Looks at its own deadlines. @param now milliseconds on the clock of {@linkcode LiveStreams} */
  tick(now: number): void;
  /** Ends it with an error event, or properly where all had been said. */
  interrupt(error: ChatError): void;
}

/** The set of open streams. */
export class LiveStreams {
  readonly now: () => number;
  readonly #tickMs: number;
  readonly #streams = new Set<LiveStream>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #onEmpty: (() => void) | undefined;

  /**
   * @param tickMs how often the streams look at their deadlines, in milliseconds: how late a timeout may fire
   * @param now milliseconds that never run backwards; tests pass their own
   */
  constructor(tickMs: number, now: () => number = () => performance.now()) {
    this.#tickMs = tickMs;
    this.now = now;
  }

  /** How many streams are open. */
  get size(): number {
    return this.#streams.size;
  }

  /** The timer runs while there are streams, and only then. */
  add(stream: LiveStream): void {
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => this.tick(), this.#tickMs);
  }

  /** Forgets a stream that has ended. */
  delete(stream: LiveStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#onEmpty?.();
  }

  /** Lets every stream look at its deadlines. */
  tick(): void {
    const now = this.now();
    for (const stream of [...this.#streams]) {
      try {
        stream.tick(now);
      } catch (error) {
        // One that fails must not keep the others from their deadlines.
        console.error(error);
        this.delete(stream);
      }
    }
  }

  /** Waits for the streams to end by themselves, and ends those that have not after `graceMs` with `error`. */
  async drain(graceMs: number, error: ChatError): Promise<void> {
    if (this.size === 0) return;
    const empty = new Promise<void>((resolve) => this.#onEmpty = resolve);
    const deadline = setTimeout(() => {
      for (const stream of [...this.#streams]) stream.interrupt(error);
    }, graceMs);
    await empty;
    clearTimeout(deadline);
  }
}
