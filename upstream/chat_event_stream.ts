/**
 * The one transform between a provider's bytes and ours: decodes, parses, maps, formats and encodes everything in a read
 * with a single enqueue. Stages that each do one of these cost ten times as much (docs/performance.md), so the pure
 * parts are composed here and not chained.
 * @module
 */
import { ChatError, type ChatErrorReason } from "../protocol/chat_error.ts";
import { type ChatEvent, formatChatEvent, HEARTBEAT, isTerminal, type ModelUsage } from "../protocol/chat_event.ts";
import { SseEventTooLargeError, SseParser } from "../protocol/sse_parser.ts";
import { ChatEventMapper } from "./chat_event_mapper.ts";
import type { LiveStream, LiveStreams } from "./live_streams.ts";

/** How long a stream may wait for whom, in milliseconds. */
export interface StreamTimeouts {
  /** Silence after which a comment keeps the connection open. */
  readonly heartbeatMs: number;
  /** Silence of the provider after which the answer is given up. */
  readonly idleTimeoutMs: number;
  /** The longest a stream may last. */
  readonly maxStreamMs: number;
  /** How long a client may read nothing while something waits for it. */
  readonly writeStallMs: number;
}

/** How a stream went, for the log. */
export interface StreamSummary {
  /** `stop`, the type of the error, or `client_left`. */
  readonly outcome: string;
  /** Why it broke, where it did. */
  readonly reason?: ChatErrorReason;
  /** Events sent. */
  readonly events: number;
  /** Milliseconds from the request to the first event; absent where none was sent. */
  readonly firstEventMs?: number;
  readonly usage?: ModelUsage;
}

/** What a {@linkcode ChatEventStream} needs to know. */
export interface ChatEventStreamOptions {
  readonly timeouts: StreamTimeouts;
  /** The open streams, which this one joins until it ends; its clock times this stream. */
  readonly streams: LiveStreams;
  /** When the request was received, on the clock of `streams`. */
  readonly startedAt: number;
  /** Called once, when the stream has ended for whatever reason. */
  readonly onEnd?: (summary: StreamSummary) => void;
  /** The longest event taken from the provider, in UTF-16 code units. */
  readonly maxEventChars?: number;
}

/**
 * Provider bytes in, chat event bytes out, ending in exactly one terminal event.
 *
 * *Chunks:* any cut of the provider's bytes; out comes at most one chunk of whole events for each. Text is held back
 * only while it may be half a character, half a line or half a `<think>` tag.
 *
 * *Cancelling:* a reader that leaves cancels the bytes' source. A terminal event that comes before the bytes end (after
 * `[DONE]`, on an error, on a timeout) ends the readable side and cancels the source too.
 */
export class ChatEventStream extends TransformStream<Uint8Array, Uint8Array<ArrayBuffer>> {
  constructor(options: ChatEventStreamOptions) {
    const answer = new Answer(options);
    const transformer: CancellableTransformer = {
      start: (controller) => answer.start(controller),
      transform: (bytes) => answer.push(bytes),
      flush: () => answer.endOfBytes(),
      cancel: () => answer.leave(),
    };
    super(
      transformer,
      undefined,
      // One chunk may wait for the client: that it does is how a client that reads nothing is noticed.
      { highWaterMark: 1 },
    );
  }
}

/** The types of the DOM do not know yet that a transformer is told when its reader leaves. */
interface CancellableTransformer extends Transformer<Uint8Array, Uint8Array<ArrayBuffer>> {
  cancel(): void;
}

const encoder = new TextEncoder();
const heartbeat = encoder.encode(HEARTBEAT);

/** The state of one stream, and its side towards the clock. */
class Answer implements LiveStream {
  readonly #options: ChatEventStreamOptions;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #mapper: ChatEventMapper;
  readonly #parser: SseParser;
  #controller!: TransformStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** Formatted events that wait for the end of the read. */
  #out = "";
  #events = 0;
  #firstEventAt: number | undefined;
  #outcome: Pick<StreamSummary, "outcome" | "reason"> | undefined;
  #isOver = false;
  #time: number;
  #lastInputAt: number;
  #lastOutputAt: number;
  /** Since when the client has read nothing, and how many reads of ours had passed then. */
  #stall: { readonly since: number; readonly pushes: number } | undefined;
  #pushes = 0;

  constructor(options: ChatEventStreamOptions) {
    this.#options = options;
    const { streams, startedAt, maxEventChars } = options;
    this.#time = this.#lastInputAt = this.#lastOutputAt = streams.now();
    this.#mapper = new ChatEventMapper({
      emit: (event) => this.#write(event),
      // One look at the clock a read is enough: what a read brings has come at once.
      now: () => this.#time,
      startedAt,
      generateId: () => `call_${crypto.randomUUID()}`,
    });
    this.#parser = new SseParser(this.#mapper, maxEventChars);
  }

  start(controller: TransformStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    this.#controller = controller;
    this.#options.streams.add(this);
  }

  push(bytes: Uint8Array): void {
    this.#pushes++;
    this.#time = this.#lastInputAt = this.#options.streams.now();
    try {
      this.#parser.feed(this.#decoder.decode(bytes, { stream: true }));
    } catch (error) {
      const isTooLarge = error instanceof SseEventTooLargeError;
      // Anything else is a fault of ours. Whatever it is, the stream has an ending.
      if (!isTooLarge) console.error(error);
      this.#mapper.interrupt(broken(isTooLarge ? "event_too_large" : "invalid_json").toData());
    }
    this.#send();
  }

  endOfBytes(): void {
    this.#time = this.#options.streams.now();
    this.#mapper.endOfStream();
    this.#send();
  }

  leave(): void {
    this.#finish({ outcome: "client_left" });
  }

  interrupt(error: ChatError): void {
    this.#time = this.#options.streams.now();
    this.#mapper.interrupt(error.toData());
    this.#send();
  }

  tick(now: number): void {
    const { heartbeatMs, idleTimeoutMs, maxStreamMs, writeStallMs } = this.#options.timeouts;
    if (now - this.#options.startedAt >= maxStreamMs) return this.interrupt(broken("max_duration"));
    if ((this.#controller.desiredSize ?? 0) <= 0) {
      // The client is behind, so the provider is not being read: its silence is ours.
      this.#lastInputAt = now;
      if (this.#stall?.pushes !== this.#pushes) this.#stall = { since: now, pushes: this.#pushes };
      else if (now - this.#stall.since >= writeStallMs) this.interrupt(broken("write_stall"));
      return;
    }
    this.#stall = undefined;
    if (now - this.#lastInputAt >= idleTimeoutMs) return this.interrupt(broken("idle_timeout"));
    if (now - this.#lastOutputAt < heartbeatMs) return;
    this.#lastOutputAt = now;
    this.#controller.enqueue(heartbeat.slice());
  }

  #write(event: ChatEvent): void {
    this.#out += formatChatEvent(++this.#events, event);
    if (!isTerminal(event)) return;
    this.#outcome = event.type === "error"
      ? { outcome: event.data.type, ...(event.data.body?.reason && { reason: event.data.body.reason }) }
      : { outcome: "stop" };
  }

  #send(): void {
    if (this.#isOver || this.#out === "") return;
    this.#lastOutputAt = this.#time;
    this.#firstEventAt ??= this.#time;
    this.#controller.enqueue(encoder.encode(this.#out));
    this.#out = "";
    if (this.#outcome === undefined) return;
    this.#controller.terminate();
    this.#finish(this.#outcome);
  }

  #finish(outcome: Pick<StreamSummary, "outcome" | "reason">): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { streams, startedAt, onEnd } = this.#options;
    streams.delete(this);
    onEnd?.({
      ...outcome,
      events: this.#events,
      ...(this.#firstEventAt !== undefined && { firstEventMs: this.#firstEventAt - startedAt }),
      ...(this.#mapper.usage && { usage: this.#mapper.usage }),
    });
  }
}

const MESSAGES = {
  invalid_json: "The model provider sent something that could not be read.",
  event_too_large: "The model provider sent an event that is too large.",
  idle_timeout: "The model provider stopped answering.",
  max_duration: "The answer took longer than this server allows.",
  write_stall: "The answer was not being read.",
} as const satisfies Partial<Record<ChatErrorReason, string>>;

function broken(reason: keyof typeof MESSAGES): ChatError {
  return new ChatError("StreamChunkError", MESSAGES[reason], { body: { reason } });
}
