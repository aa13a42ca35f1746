/**
 * Writes the events of one answer for a dialect's mapper: content in order, then usage, speed and exactly one terminal
 * event. Everything after the end is ignored, so a mapper needs no checks of its own.
 * @module
 */
import { ChatError, type ChatErrorData, type ChatErrorReason } from "../../protocol/chat_error.ts";
import type { ChatEvent, ModelUsage } from "../../protocol/chat_event.ts";
import type { DecoderContext } from "./chat_event_transformer.ts";

/** The most tool calls in one answer. No model makes more, and each holds memory until the stream ends. */
const MAX_TOOL_CALLS = 1024;

/** The message of a broken stream, by reason. Visitors see it. */
const BROKEN_STREAM = {
  unexpected_end: "The model provider ended the answer before it was complete.",
  invalid_json: "The model provider sent something that could not be read.",
  event_too_large: "The model provider sent an event that is too large.",
  too_many_tool_calls: "The model provider sent more tool calls than can be followed.",
} as const satisfies Partial<Record<ChatErrorReason, string>>;

/** An event before the end of an answer. */
export type ContentEvent = Exclude<ChatEvent, { type: "usage" | "speed" | "stop" | "error" }>;

/** The last event of an answer. */
export type TerminalEvent = Extract<ChatEvent, { type: "stop" | "error" }>;

/** A tool call's position in the answer, from 0, and its id, which no other call of the answer has. */
export interface CallIdentity {
  readonly index: number;
  readonly id: string;
}

/** The events of one answer. */
export class AnswerEmitter {
  readonly #context: DecoderContext;
  readonly #beforeEnd: () => void;
  readonly #callIds = new Set<string>();
  #ending: TerminalEvent | undefined;
  #usage: ModelUsage | undefined;
  #firstContentAt: number | undefined;
  #lastContentAt = 0;
  #isEnding = false;
  #hasEnded = false;

  /** @param beforeEnd emits what is held back; called once, before the usage */
  constructor(context: DecoderContext, beforeEnd: () => void) {
    this.#context = context;
    this.#beforeEnd = beforeEnd;
  }

  /** True once the terminal event has been written. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The newest token counts. */
  get usage(): ModelUsage | undefined {
    return this.#usage;
  }

  /** True if the answer has at least one tool call. */
  get hasToolCalls(): boolean {
    return this.#callIds.size > 0;
  }

  /** Writes an event of the answer. */
  emit(event: ContentEvent): void {
    if (this.#hasEnded) return;
    this.#lastContentAt = this.#context.now();
    this.#firstContentAt ??= this.#lastContentAt;
    this.#context.writer.write(event);
  }

  /** Writes a `text` or `reasoning` event, unless `data` is empty. */
  emitText(type: "text" | "reasoning", data: string): void {
    if (data !== "") this.emit({ type, data });
  }

  /**
   * Opens a tool call.
   * @param providerId replaced where it is missing or belongs to another call
   * @returns undefined where the answer has too many calls; it has then ended
   */
  openCall(providerId: string | undefined): CallIdentity | undefined {
    const index = this.#callIds.size;
    if (index === MAX_TOOL_CALLS) return void this.break("too_many_tool_calls");
    const isUsable = providerId !== undefined && !this.#callIds.has(providerId);
    const id = isUsable ? providerId : `call_${crypto.randomUUID()}`;
    this.#callIds.add(id);
    return { index, id };
  }

  /** Notes the token counts, which are written at the end. Undefined leaves the ones before in force. */
  noteUsage(usage: ModelUsage | undefined): void {
    this.#usage = usage ?? this.#usage;
  }

  /** Notes how the answer ends, once its bytes do. A later ending replaces it. */
  finish(ending: TerminalEvent): void {
    this.#ending = ending;
  }

  /** The provider has sent everything. Without an ending the answer was cut. */
  end(): void {
    if (this.#ending === undefined) this.break("unexpected_end");
    else this.#end(this.#ending);
  }

  /** Ends the answer with `stop`. @param reason the finish reason, where the provider has given none */
  stop(reason: string): void {
    this.#end(this.#ending ?? { type: "stop", data: reason });
  }

  /** Ends the answer with an error, unless the provider's own ending is known: the answer is then complete. */
  interrupt(error: ChatErrorData): void {
    this.#end(this.#ending ?? { type: "error", data: error });
  }

  /** Ends the answer with an error. */
  fail(error: ChatError): void {
    this.#end({ type: "error", data: error.toData() });
  }

  /** Ends the answer because the stream cannot be read further. */
  break(reason: keyof typeof BROKEN_STREAM): void {
    this.fail(new ChatError("StreamChunkError", BROKEN_STREAM[reason], { body: { reason } }));
  }

  #end(terminal: TerminalEvent): void {
    if (!this.#isEnding) {
      this.#isEnding = true;
      this.#beforeEnd();
    }
    // What was held back may itself have ended the answer.
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const { writer } = this.#context;
    if (this.#usage !== undefined) writer.write({ type: "usage", data: this.#usage });
    this.#writeSpeed();
    writer.write(terminal);
  }

  #writeSpeed(): void {
    if (this.#firstContentAt === undefined) return;
    const { writer, now, startedAt } = this.#context;
    const duration = this.#lastContentAt - this.#firstContentAt;
    const tokens = this.#usage?.totalOutputTokens;
    writer.write({
      type: "speed",
      data: {
        ttft: round(this.#firstContentAt - startedAt),
        ...(tokens === undefined || duration <= 0 ? {} : { tps: round(tokens / (duration / 1000)) }),
        duration: round(duration),
        latency: round(now() - startedAt),
      },
    });
  }
}

/** An ending for an answer that the provider's content policy stopped. @param finishReason the provider's word for it */
export function policyEnding(finishReason: string): TerminalEvent {
  const message = "The model provider's content policy stopped the answer.";
  return {
    type: "error",
    data: new ChatError("ProviderContentPolicyViolation", message, { body: { finishReason } }).toData(),
  };
}

/** Rounds milliseconds and rates to a tenth, about the precision of the clock. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
