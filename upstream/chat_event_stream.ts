/**
 * The one step between a provider's bytes and ours: reads, decodes, parses, maps, formats and encodes everything in a
 * read with a single enqueue. Streams that each do one of these cost ten times as much, and one that reads by itself
 * costs less than one that is piped into (docs/performance.md), so the pure parts are composed here and not chained.
 * @module
 */
import { ChatError, type ChatErrorReason } from "../protocol/chat_error.ts";
import { type ChatEvent, HEARTBEAT, isTerminal, type ModelUsage } from "../protocol/chat_event.ts";
import { SseEventTooLargeError } from "../protocol/sse_parser.ts";
import { ChatEventMapper } from "./chat_completions/chat_event_mapper.ts";
import { ChatEventWriter } from "./chat_events/chat_event_writer.ts";
import { ChunkReader } from "./chat_completions/chunk_reader.ts";
import type { LiveStream, LiveStreams } from "./live_streams.ts";
import type { ProviderBytes } from "./http/provider_bytes.ts";

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

/** What {@linkcode streamChatEvents} needs to know. */
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
 * *Chunks:* at most one, of whole events, for each piece of the provider's bytes, however those are cut. Text is held
 * back only while it may be half a character, half a line or half a `<think>` tag.
 *
 * *Back-pressure:* the provider is read only while the client takes what comes of it.
 *
 * *Cancelling:* a reader that leaves lets the provider go. So does a terminal event that comes before the bytes end:
 * after `[DONE]`, on an error, on a timeout.
 */
export function streamChatEvents(
  bytes: ProviderBytes,
  options: ChatEventStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  // One chunk may wait for the client: that it does is how a client that reads nothing is noticed.
  return new ReadableStream(new Answer(bytes, options), { highWaterMark: 1 });
}

const heartbeat = new TextEncoder().encode(HEARTBEAT);

/** The state of one stream, and its side towards the clock. */
class Answer implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>>, LiveStream {
  readonly #bytes: ProviderBytes;
  readonly #options: ChatEventStreamOptions;
  readonly #mapper: ChatEventMapper;
  readonly #reader: ChunkReader;
  /** Holds the events of a read until its end. */
  readonly #writer = new ChatEventWriter();
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #firstEventAt: number | undefined;
  #outcome: Pick<StreamSummary, "outcome" | "reason"> | undefined;
  #isOver = false;
  #time: number;
  #lastInputAt: number;
  #lastOutputAt: number;
  /** Since when the client has read nothing, and how many reads of ours had passed then. */
  #stall: { readonly since: number; readonly pushes: number } | undefined;
  #pushes = 0;

  constructor(bytes: ProviderBytes, options: ChatEventStreamOptions) {
    this.#bytes = bytes;
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
    this.#reader = new ChunkReader(this.#mapper, this.#writer, maxEventChars);
  }

  start(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    this.#controller = controller;
    this.#options.streams.add(this);
  }

  /** Goes on for as long as somebody takes what comes: to be called again for each piece would cost more. */
  async pull(): Promise<void> {
    do {
      const bytes = await this.#bytes.read();
      if (this.#isOver) return;
      if (bytes === undefined) this.#endOfBytes();
      else this.#push(bytes);
    } while (!this.#isOver && !this.#isClientBehind);
  }

  /** The client has left. */
  async cancel(reason: unknown): Promise<void> {
    this.#finish({ outcome: "client_left" });
    await this.#bytes.cancel(reason);
  }

  interrupt(error: ChatError): void {
    this.#time = this.#options.streams.now();
    this.#mapper.interrupt(error.toData());
    this.#send();
  }

  tick(now: number): void {
    const { heartbeatMs, idleTimeoutMs, maxStreamMs, writeStallMs } = this.#options.timeouts;
    if (now - this.#options.startedAt >= maxStreamMs) return this.interrupt(broken("max_duration"));
    if (this.#isClientBehind) {
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

  get #isClientBehind(): boolean {
    return (this.#controller.desiredSize ?? 0) <= 0;
  }

  #push(bytes: Uint8Array): void {
    this.#pushes++;
    this.#time = this.#lastInputAt = this.#options.streams.now();
    try {
      this.#reader.read(bytes);
    } catch (error) {
      const isTooLarge = error instanceof SseEventTooLargeError;
      // Anything else is a fault of ours. Whatever it is, the stream has an ending.
      if (!isTooLarge) console.error(error);
      this.#mapper.interrupt(broken(isTooLarge ? "event_too_large" : "invalid_json").toData());
    }
    this.#send();
  }

  #endOfBytes(): void {
    this.#time = this.#options.streams.now();
    this.#mapper.endOfStream();
    this.#send();
  }

  #write(event: ChatEvent): void {
    this.#writer.write(event);
    if (!isTerminal(event)) return;
    this.#outcome = event.type === "error"
      ? { outcome: event.data.type, ...(event.data.body?.reason && { reason: event.data.body.reason }) }
      : { outcome: "stop" };
  }

  #send(): void {
    if (this.#isOver || this.#writer.isEmpty) return;
    this.#lastOutputAt = this.#time;
    this.#firstEventAt ??= this.#time;
    this.#controller.enqueue(this.#writer.take());
    // That a client has left may come out just then: it has been told already.
    if (this.#isOver || this.#outcome === undefined) return;
    this.#controller.close();
    this.#finish(this.#outcome);
    // Nobody waits for the provider to take leave.
    void this.#bytes.cancel();
  }

  #finish(outcome: Pick<StreamSummary, "outcome" | "reason">): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { streams, startedAt, onEnd } = this.#options;
    streams.delete(this);
    onEnd?.({
      ...outcome,
      events: this.#writer.events,
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
