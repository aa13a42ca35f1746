/**
 * Emits the events of one answer: measures its speed, and ends it exactly once with usage, speed and the terminal event.
 * Every dialect's decoder needs it.
 * @module
 */
import { ChatError, type ChatErrorData } from "../../protocol/chat_error.ts";
import type { ChatEvent, ModelUsage } from "../../protocol/chat_event.ts";

/** The message of a broken stream, by reason. Visitors see it. */
const BROKEN_STREAM = {
  unexpected_end: "The model provider ended the answer before it was complete.",
  invalid_json: "The model provider sent something that could not be read.",
  too_many_tool_calls: "The model provider sent more tool calls than can be followed.",
} as const;

/** Why a provider's stream cannot be followed further. */
export type BrokenStreamReason = keyof typeof BROKEN_STREAM;

/** The options of {@linkcode AnswerEvents}. */
export interface AnswerEventsOptions {
  /** Receives the events, in order. */
  readonly emit: (event: ChatEvent) => void;
  /** Milliseconds that never run backwards. */
  readonly now: () => number;
  /** When the request was received, on the same clock. */
  readonly startedAt: number;
}

/** The events of one answer. */
export class AnswerEvents {
  /** The newest token counts. They are emitted at the end. */
  usage: ModelUsage | undefined;
  readonly #emit: (event: ChatEvent) => void;
  readonly #now: () => number;
  readonly #startedAt: number;
  #firstContentAt: number | undefined;
  #lastContentAt = 0;
  #hasEnded = false;

  constructor({ emit, now, startedAt }: AnswerEventsOptions) {
    this.#emit = emit;
    this.#now = now;
    this.#startedAt = startedAt;
  }

  /** True once the terminal event has been emitted. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** True once there was content. */
  get hasContent(): boolean {
    return this.#firstContentAt !== undefined;
  }

  /** Emits a content event. */
  add(event: ChatEvent): void {
    this.noteContent();
    this.#emit(event);
  }

  /** Records the time of content that was sent in another way. */
  noteContent(): void {
    this.#lastContentAt = this.#now();
    this.#firstContentAt ??= this.#lastContentAt;
  }

  /** Ends the answer properly. Only the first ending counts. @param finishReason in our names */
  stop(finishReason: string): void {
    this.#end({ type: "stop", data: finishReason });
  }

  /** Ends the answer with an error. */
  fail(data: ChatErrorData): void {
    this.#end({ type: "error", data });
  }

  /** Ends the answer because the rest of the stream cannot be followed. */
  break(reason: BrokenStreamReason): void {
    this.fail(new ChatError("StreamChunkError", BROKEN_STREAM[reason], { body: { reason } }).toData());
  }

  /** Ends the answer because the provider's content policy does. @param finishReason the provider's */
  refuse(finishReason: string): void {
    const message = "The model provider's content policy stopped the answer.";
    this.fail(new ChatError("ProviderContentPolicyViolation", message, { body: { finishReason } }).toData());
  }

  #end(terminal: ChatEvent): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    if (this.usage !== undefined) this.#emit({ type: "usage", data: this.usage });
    this.#emitSpeed();
    this.#emit(terminal);
  }

  #emitSpeed(): void {
    if (this.#firstContentAt === undefined) return;
    const duration = this.#lastContentAt - this.#firstContentAt;
    const tokens = this.usage?.totalOutputTokens;
    this.#emit({
      type: "speed",
      data: {
        ttft: round(this.#firstContentAt - this.#startedAt),
        ...(tokens === undefined || duration <= 0 ? {} : { tps: round(tokens / (duration / 1000)) }),
        duration: round(duration),
        latency: round(this.#now() - this.#startedAt),
      },
    });
  }
}

/** Rounds milliseconds and rates to a tenth, about the precision of the clock. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
