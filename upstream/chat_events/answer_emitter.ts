/**
 * What a mapper of JSON events writes its answer to: events in order, tool calls with ids of their own, and an ending that is
 * noted when the provider names it and written when its bytes end. Everything after the end is ignored.
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ChatEvent, ModelUsage } from "../../protocol/chat_event.ts";
import { AnswerEvents, type BrokenStreamReason } from "./answer_events.ts";
import type { DecoderContext } from "./chat_event_transformer.ts";

/** The most tool calls in one answer. No model makes more, and each holds memory until the stream ends. */
const MAX_TOOL_CALLS = 1024;

/** An event before the end of an answer. */
export type ContentEvent = Exclude<ChatEvent, { type: "usage" | "speed" | "stop" | "error" }>;

/** How the provider ends an answer. A refusal is one by its content policy; its reason is the provider's. */
export type Ending =
  | { readonly type: "stop"; readonly reason: string }
  | { readonly type: "refusal"; readonly reason: string }
  | { readonly type: "error"; readonly data: ChatErrorData };

/** A tool call's position in the answer, from 0, and its id, which no other call of the conversation has. */
export interface CallIdentity {
  readonly index: number;
  readonly id: string;
}

/** The events of one answer. */
export class AnswerEmitter {
  readonly #events: AnswerEvents;
  readonly #beforeEnd: () => void;
  readonly #callIds = new Set<string>();
  readonly #earlierCallIds: ReadonlySet<string> | undefined;
  #ending: Ending | undefined;
  /** Reads the newest token counts. They may come with every event, and only the last ones count. */
  #readUsage: () => ModelUsage | undefined = () => undefined;
  #isEnding = false;

  /** @param beforeEnd emits what is held back; called once, before the usage */
  constructor({ writer, now, startedAt, earlierCallIds }: DecoderContext, beforeEnd: () => void) {
    this.#events = new AnswerEvents({ emit: (event) => writer.write(event), now, startedAt });
    this.#beforeEnd = beforeEnd;
    this.#earlierCallIds = earlierCallIds;
  }

  /** True once the terminal event has been written. */
  get hasEnded(): boolean {
    return this.#events.hasEnded;
  }

  /** The newest token counts. */
  get usage(): ModelUsage | undefined {
    return this.#readUsage();
  }

  /** True if the answer has at least one tool call. */
  get hasToolCalls(): boolean {
    return this.#callIds.size > 0;
  }

  /** Writes an event of the answer. */
  emit(event: ContentEvent): void {
    if (!this.hasEnded) this.#events.add(event);
  }

  /** Writes a `text` or `reasoning` event, unless `data` is empty. */
  emitText(type: "text" | "reasoning", data: string): void {
    if (data !== "") this.emit({ type, data });
  }

  /**
   * Opens a tool call.
   * @param providerId replaced where it is missing or belongs to another call of the conversation
   * @returns undefined where the answer has too many calls; it has then ended
   */
  openCall(providerId: string | undefined): CallIdentity | undefined {
    const index = this.#callIds.size;
    if (index === MAX_TOOL_CALLS) return void this.break("too_many_tool_calls");
    const isTaken = providerId === undefined || this.#callIds.has(providerId) || this.#earlierCallIds?.has(providerId);
    const id = isTaken ? `call_${crypto.randomUUID()}` : providerId;
    this.#callIds.add(id);
    return { index, id };
  }

  /** Notes where the newest token counts are. @param read called when they are needed */
  noteUsage(read: () => ModelUsage | undefined): void {
    this.#readUsage = read;
  }

  /** Notes how the answer ends, once its bytes do. A later ending replaces it. */
  finish(ending: Ending): void {
    this.#ending = ending;
  }

  /** The provider has sent everything. Without an ending the answer was cut. */
  end(): void {
    if (this.#ending === undefined) this.break("unexpected_end");
    else this.#end(this.#ending);
  }

  /** Ends the answer with `stop`. @param reason the finish reason, where the provider has given none */
  stop(reason: string): void {
    this.#end(this.#ending ?? { type: "stop", reason });
  }

  /** Ends the answer with an error, unless the provider's own ending is known: the answer is then complete. */
  interrupt(data: ChatErrorData): void {
    this.#end(this.#ending ?? { type: "error", data });
  }

  /** Ends the answer with an error. */
  fail(data: ChatErrorData): void {
    this.#end({ type: "error", data });
  }

  /** Ends the answer because the rest of the stream cannot be followed. */
  break(reason: BrokenStreamReason): void {
    this.#prepareEnd();
    if (!this.hasEnded) this.#events.break(reason);
  }

  #end(ending: Ending): void {
    this.#prepareEnd();
    if (this.hasEnded) return;
    if (ending.type === "error") this.#events.fail(ending.data);
    else if (ending.type === "refusal") this.#events.refuse(ending.reason);
    else this.#events.stop(ending.reason);
  }

  /** What was held back may itself end the answer. */
  #prepareEnd(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#beforeEnd();
    this.#events.usage = this.usage;
  }
}
