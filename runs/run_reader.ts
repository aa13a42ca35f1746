/**
 * A response body that follows a run: the events behind a position, then the live ones. A reader that is slow, stalls or
 * never reads costs its own connection only.
 * @module
 */
import { HEARTBEAT } from "../protocol/chat_event.ts";
import type { StreamClock, Timed } from "../upstream/chat_events/stream_clock.ts";
import type { Recode, StreamTimeouts } from "../upstream/chat_event_stream.ts";
import type { EventLog, LogCursor } from "./event_log.ts";

/** Why a reader ended: it read the terminal event, its client left, it did not read in time, or the server let it go. */
export type ReaderOutcome = "read" | "client_left" | "write_stall" | "let_go";

/** What a reader needs. */
export interface RunReaderOptions {
  readonly log: EventLog;
  /** The number of the last event that the client has. */
  readonly after: number;
  readonly clock: StreamClock;
  readonly timeouts: Pick<StreamTimeouts, "heartbeatMs" | "writeStallMs">;
  /** The format of the client. By default it gets our events. */
  readonly recode?: Recode | undefined;
  /** Called once. */
  readonly onEnd: (outcome: ReaderOutcome) => void;
}

const heartbeat = new TextEncoder().encode(HEARTBEAT);

/** One reader of a run. */
export class RunReader implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>>, Timed {
  /** The body of the reader's response. Nothing is taken from the log before the client asks for it. */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #options: RunReaderOptions;
  readonly #cursor: LogCursor;
  readonly #unwatch: () => void;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** The client waits for more. */
  #isPulling = false;
  #lastOutputAt: number;
  /** Since when the client has not asked for what is there. */
  #stalledSince: number | undefined;

  constructor(options: RunReaderOptions) {
    this.#options = options;
    this.#cursor = options.log.seek(options.after);
    this.#unwatch = options.log.watch(() => this.#send());
    this.#lastOutputAt = options.clock.now();
    this.body = new ReadableStream(this, { highWaterMark: 0 });
  }

  start(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    this.#controller = controller;
    this.#options.clock.add(this);
  }

  pull(): void {
    this.#isPulling = true;
    this.#stalledSince = undefined;
    this.#send();
  }

  cancel(): void {
    this.#end("client_left");
  }

  /**
   * Ends the response without a terminal event, so that the client connects again, perhaps to another machine. Clients with
   * formats of their own take a proper end for the end of the answer: their connections break.
   */
  letGo(): void {
    if (this.#options.recode === undefined) this.#controller.close();
    else this.#controller.error(new Error("Cannot send: the server is stopping"));
    this.#end("let_go");
  }

  tick(now: number): void {
    const { heartbeatMs, writeStallMs } = this.#options.timeouts;
    if (!this.#isPulling) {
      if (!this.#cursor.hasMore) return;
      this.#stalledSince ??= now;
      if (now - this.#stalledSince < writeStallMs) return;
      this.#controller.error(new Error("Cannot send: the client does not read"));
      return this.#end("write_stall");
    }
    if (now - this.#lastOutputAt >= heartbeatMs) this.#enqueue(heartbeat.slice());
  }

  #send(): void {
    if (!this.#isPulling) return;
    const chunk = this.#read();
    if (chunk !== undefined) this.#enqueue(chunk);
    if (!this.#cursor.isAtEnd) return;
    this.#controller.close();
    this.#end("read");
  }

  /** The next bytes for the client. Some events have none in its format. */
  #read(): Uint8Array<ArrayBuffer> | undefined {
    const { recode } = this.#options;
    for (let chunk = this.#cursor.read(); chunk !== undefined; chunk = this.#cursor.read()) {
      const output = recode === undefined ? chunk : recode(chunk);
      if (output.length > 0) return output;
    }
    return undefined;
  }

  #enqueue(chunk: Uint8Array<ArrayBuffer>): void {
    this.#isPulling = false;
    this.#lastOutputAt = this.#options.clock.now();
    this.#controller.enqueue(chunk);
  }

  #end(outcome: ReaderOutcome): void {
    this.#isPulling = false;
    this.#unwatch();
    this.#options.clock.delete(this);
    this.#options.onEnd(outcome);
  }
}
