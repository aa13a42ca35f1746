/**
 * The transform from a provider's bytes to our events, for every dialect: one step that decodes, maps, formats and encodes
 * a whole chunk with a single enqueue. A chain of streams costs ten times as much (docs/performance.md), so the pure parts
 * are composed here. Tests drive the clock by hand.
 * @module
 */
import { ChatError, type ChatErrorData, type ChatErrorReason } from "../../protocol/chat_error.ts";
import { type ChatEvent, HEARTBEAT, type ModelUsage } from "../../protocol/chat_event.ts";
import { MAX_EVENT_CHARS, SseEventTooLargeError } from "../../protocol/sse_parser.ts";
import { ChatEventWriter } from "./chat_event_writer.ts";
import type { OutputAllowance } from "./output_allowance.ts";
import { StreamClock, type Timed } from "./stream_clock.ts";

/** The deadlines of a stream, in milliseconds. `Infinity` switches one off. */
export interface StreamTimeouts {
  /** Silence after which a comment is sent, so that proxies keep the connection open. */
  readonly heartbeatMs: number;
  /** Silence of the provider after which the stream ends with `idle_timeout`. */
  readonly idleTimeoutMs: number;
  /** The longest duration of a stream, from `startedAt`. */
  readonly maxStreamMs: number;
  /** How long the reader may leave a chunk unread before the stream ends with `write_stall`. */
  readonly writeStallMs: number;
}

/** The deadlines where none are given. */
export const DEFAULT_TIMEOUTS: StreamTimeouts = {
  heartbeatMs: 15_000,
  idleTimeoutMs: 120_000,
  maxStreamMs: 15 * 60_000,
  writeStallMs: 60_000,
};

/** The result of a stream, for the log and for budgets. */
export interface StreamSummary {
  /** `stop`, the error's type, or `client_left`. */
  readonly outcome: string;
  /** The reason of a `StreamChunkError`. */
  readonly reason?: ChatErrorReason;
  /** The number of events that were sent. */
  readonly events: number;
  /** The UTF-8 bytes of text, reasoning and tool calls that were sent. */
  readonly contentBytes: number;
  /** Milliseconds from `startedAt` to the first event; absent where there was none. */
  readonly firstEventMs?: number;
  readonly usage?: ModelUsage;
  /** The number of the provider's events that are not known here: a newer version of its API has them. Absent for none. */
  readonly unknownEvents?: number;
}

/** Turns the bytes of our events into those of a client's own format. An empty result is not sent. */
export type Recode = (events: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>;

/** The options of a transform. Every one has a default. */
export interface ChatEventStreamOptions {
  readonly timeouts?: Partial<StreamTimeouts>;
  /** The clock that checks the deadlines. By default all streams of the process share one. */
  readonly clock?: StreamClock;
  /** When the request came in, on that clock. By default now. */
  readonly startedAt?: number;
  /** The largest event accepted from the provider, in UTF-16 code units. */
  readonly maxEventChars?: number;
  /** The output that the answer may have. By default it has no limit. */
  readonly allowance?: OutputAllowance | undefined;
  /** The format of the output. By default it has our events. */
  readonly recode?: Recode | undefined;
  /** Called once, when the stream has ended for any reason. */
  readonly onEnd?: (summary: StreamSummary) => void;
}

/** What a dialect's decoder works with. */
export interface DecoderContext {
  /** Receives the events. */
  readonly writer: ChatEventWriter;
  /** The time of the current chunk, in milliseconds. */
  readonly now: () => number;
  readonly startedAt: number;
  readonly maxEventChars: number;
  /** The ids of the tool calls before this answer. Its own calls get others. By default there are none. */
  readonly earlierCallIds?: ReadonlySet<string>;
}

/**
 * A dialect's decoder: provider bytes in, events to the writer. It writes exactly one terminal event, last, and ignores
 * everything after it.
 */
export interface ProviderDecoder {
  /** The newest token counts. */
  readonly usage: ModelUsage | undefined;
  /** The number of events that were ignored because they are not known. */
  readonly unknownEvents?: number;
  /** Decodes the next bytes, cut anywhere. It keeps no reference to them. @throws {SseEventTooLargeError} */
  decode(bytes: Uint8Array): void;
  /** The provider's bytes have ended, properly or not. */
  end(): void;
  /** Ends the answer with an error; with `stop` where the finish reason is known already. */
  interrupt(error: ChatErrorData): void;
  /** Ends the answer with `stop`. @param reason the finish reason, where the provider has given none */
  stop(reason: string): void;
}

/** What receives the output: the controller of a stream, or a log. */
export interface OutputController {
  /** The room for further chunks; null where the reader has left. */
  readonly desiredSize: number | null;
  /** Takes whole events. */
  enqueue(events: Uint8Array<ArrayBuffer>): void;
  /** The terminal event has been enqueued. */
  terminate(): void;
}

/** Makes the decoder of one stream. */
export type CreateDecoder = (context: DecoderContext) => ProviderDecoder;

/** Checks four times a second: the default clock's deadlines are in seconds. */
const sharedClock = new StreamClock(250);
const heartbeat = new TextEncoder().encode(HEARTBEAT);

/** The transformer of one stream. */
export class ChatEventTransformer implements Transformer<Uint8Array, Uint8Array<ArrayBuffer>>, Timed {
  readonly #decoder: ProviderDecoder;
  readonly #writer = new ChatEventWriter();
  readonly #timeouts: StreamTimeouts;
  readonly #clock: StreamClock;
  readonly #startedAt: number;
  readonly #allowance: OutputAllowance | undefined;
  readonly #recode: Recode | undefined;
  readonly #onEnd: ((summary: StreamSummary) => void) | undefined;
  #controller!: OutputController;
  #firstEventAt: number | undefined;
  #isOver = false;
  /** Read once a chunk: everything in a chunk arrived at the same time. */
  #time: number;
  #lastInputAt: number;
  #lastOutputAt: number;
  /** Since when the reader has read nothing, and the number of chunks written by then. */
  #stall: { readonly since: number; readonly chunks: number } | undefined;
  #chunks = 0;

  /** @param createDecoder makes the decoder of the provider's dialect */
  constructor(createDecoder: CreateDecoder, options: ChatEventStreamOptions) {
    const { timeouts, clock = sharedClock, startedAt = clock.now(), maxEventChars = MAX_EVENT_CHARS } = options;
    this.#clock = clock;
    this.#time = this.#lastInputAt = this.#lastOutputAt = clock.now();
    this.#timeouts = timeouts === undefined ? DEFAULT_TIMEOUTS : { ...DEFAULT_TIMEOUTS, ...timeouts };
    this.#startedAt = startedAt;
    this.#allowance = options.allowance;
    this.#recode = options.recode;
    this.#onEnd = options.onEnd;
    this.#decoder = createDecoder({ writer: this.#writer, now: () => this.#time, startedAt, maxEventChars });
  }

  /** True once the terminal event has been sent, or the reader has left. */
  get isOver(): boolean {
    return this.#isOver;
  }

  start(controller: OutputController): void {
    this.#controller = controller;
    this.#clock.add(this);
  }

  transform(bytes: Uint8Array): void | Promise<void> {
    this.#chunks++;
    this.#time = this.#lastInputAt = this.#clock.now();
    try {
      this.#decoder.decode(bytes);
    } catch (error) {
      const isTooLarge = error instanceof SseEventTooLargeError;
      // Anything else is a bug. The stream gets its ending all the same.
      if (!isTooLarge) console.error(error);
      this.#decoder.interrupt(streamError(isTooLarge ? "event_too_large" : "invalid_json").toData());
    }
    this.#send();
    if (this.#allowance?.covers(this.#writer) === false) return this.#growAllowance(this.#allowance);
  }

  /** The provider's bytes have ended. */
  flush(): void {
    this.#time = this.#clock.now();
    this.#decoder.end();
    this.#send();
  }

  /** The reader has left. */
  cancel(): void {
    this.#end({ outcome: "client_left" });
  }

  /** Ends the stream with an error event; with `stop` where the answer was complete. */
  interrupt(error: ChatError): void {
    this.#time = this.#clock.now();
    this.#decoder.interrupt(error.toData());
    this.#send();
  }

  /** Ends the stream with `stop`. @param reason the finish reason, where the provider has given none */
  stop(reason: string): void {
    this.#time = this.#clock.now();
    this.#decoder.stop(reason);
    this.#send();
  }

  tick(now: number): void {
    const { desiredSize } = this.#controller;
    // Runtimes without the transformer's `cancel` show only here that the reader has left.
    if (desiredSize === null) return this.cancel();
    const { heartbeatMs, idleTimeoutMs, maxStreamMs, writeStallMs } = this.#timeouts;
    if (now - this.#startedAt >= maxStreamMs) return this.interrupt(streamError("max_duration"));
    if (desiredSize <= 0) {
      // While the reader is behind, nothing is read from the provider: its silence is not its own.
      this.#lastInputAt = now;
      if (this.#stall?.chunks !== this.#chunks) this.#stall = { since: now, chunks: this.#chunks };
      else if (now - this.#stall.since >= writeStallMs) this.interrupt(streamError("write_stall"));
      return;
    }
    this.#stall = undefined;
    if (now - this.#lastInputAt >= idleTimeoutMs) return this.interrupt(streamError("idle_timeout"));
    if (now - this.#lastOutputAt < heartbeatMs) return;
    this.#lastOutputAt = now;
    this.#controller.enqueue(heartbeat.slice());
  }

  /** The provider is not read further until the allowance has grown. */
  async #growAllowance(allowance: OutputAllowance): Promise<void> {
    if (this.#isOver) return;
    try {
      await allowance.growToCover(this.#writer);
    } catch (error) {
      if (error instanceof ChatError) return this.interrupt(error);
      console.error(error);
      this.interrupt(new ChatError("InternalServerError", "Something went wrong on this server."));
    }
  }

  #send(): void {
    if (this.#isOver || this.#writer.isEmpty) return;
    this.#firstEventAt ??= this.#time;
    const events = this.#writer.take();
    const output = this.#recode === undefined ? events : this.#recode(events);
    if (output.length > 0) {
      this.#lastOutputAt = this.#time;
      this.#controller.enqueue(output);
    }
    const { terminal } = this.#writer;
    // Enqueueing may reveal that the reader has left: then the stream has ended already.
    if (this.#isOver || terminal === undefined) return;
    this.#controller.terminate();
    this.#end(outcomeOf(terminal));
  }

  #end(outcome: Pick<StreamSummary, "outcome" | "reason">): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#clock.delete(this);
    this.#onEnd?.({
      ...outcome,
      events: this.#writer.events,
      contentBytes: this.#writer.contentBytes,
      ...(this.#firstEventAt !== undefined && { firstEventMs: this.#firstEventAt - this.#startedAt }),
      ...(this.#decoder.usage && { usage: this.#decoder.usage }),
      ...(this.#decoder.unknownEvents && { unknownEvents: this.#decoder.unknownEvents }),
    });
  }
}

function outcomeOf(terminal: ChatEvent): Pick<StreamSummary, "outcome" | "reason"> {
  if (terminal.type !== "error") return { outcome: "stop" };
  const { type, body } = terminal.data;
  return { outcome: type, ...(body?.reason && { reason: body.reason }) };
}

const MESSAGES = {
  invalid_json: "The model provider sent something that could not be read.",
  event_too_large: "The model provider sent an event that is too large.",
  idle_timeout: "The model provider stopped answering.",
  max_duration: "The answer took longer than this server allows.",
  write_stall: "The answer was not being read.",
} as const satisfies Partial<Record<ChatErrorReason, string>>;

function streamError(reason: keyof typeof MESSAGES): ChatError {
  return new ChatError("StreamChunkError", MESSAGES[reason], { body: { reason } });
}
