/**
 * Turns the `function_call` items of a response into our tool calls, whether their arguments come in deltas or whole.
 * @module
 */
import { SseEventTooLargeError } from "../../protocol/sse_parser.ts";
import type { AnswerEmitter, CallIdentity } from "../chat_events/answer_emitter.ts";
import { markState } from "../chat_events/provider_state.ts";
import { toolCallEvent } from "../chat_events/tool_call_event.ts";
import { asText, type Untrusted } from "../chat_events/untrusted_json.ts";
import type { ResponsesItem } from "./responses_event.ts";

/** Marks a custom tool's call, whose input is any text, in a history: its response has a type of its own. */
export const CUSTOM_CALL = markState("responses", "custom_tool_call");

/** The longest arguments that are held back until the call has a name, in UTF-16 code units. */
const MAX_HELD_CHARS = 1024 * 1024;

/** The most items with calls, named or not. */
const MAX_CALLS = 1024;

interface Call {
  /** Undefined until the call has a name. */
  identity: CallIdentity | undefined;
  readonly callId: string | undefined;
  /** Arguments that came before the name. */
  held: string;
  hasArguments: boolean;
  isDone: boolean;
}

/** The calls of one response, by the position of their items. */
export class ResponsesToolCalls {
  readonly #answer: AnswerEmitter;
  readonly #calls = new Map<string, Call>();

  constructor(answer: AnswerEmitter) {
    this.#answer = answer;
  }

  /** An item with a call begins. */
  begin(key: string, item: Untrusted<ResponsesItem>): void {
    const before = this.#calls.get(key);
    const callId = asText(item.call_id);
    // Some servers give all items the same position.
    const isAnother = before?.identity !== undefined && before.callId !== callId;
    this.#open(isAnother ? this.#create(key, callId) : this.#at(key, callId), item);
  }

  /** More of a call's arguments. */
  append(key: string, fragment: string): void {
    const call = this.#at(key, undefined);
    if (fragment === "" || call.isDone) return;
    call.hasArguments = true;
    if (call.identity !== undefined) return this.#answer.emit(toolCallEvent(call.identity, null, fragment));
    call.held += fragment;
    if (call.held.length > MAX_HELD_CHARS) throw new SseEventTooLargeError(MAX_HELD_CHARS);
  }

  /** The whole arguments, for a call that had no fragments. */
  complete(key: string, text: string): void {
    if (!this.#at(key, undefined).hasArguments) this.append(key, text);
  }

  /** The item is complete. */
  end(key: string, item: Untrusted<ResponsesItem>): void {
    const call = this.#at(key, asText(item.call_id));
    if (call.isDone) return;
    const text = typeof item.arguments === "string" ? item.arguments : "";
    if (call.identity === undefined && !call.hasArguments) {
      call.held = text;
      call.hasArguments = true;
    }
    this.#open(call, item);
    this.complete(key, text);
    call.isDone = true;
  }

  /** A custom tool's call, whole. */
  takeCustom(name: string, item: Untrusted<ResponsesItem>): void {
    const identity = this.#answer.openCall(asText(item.call_id) ?? asText(item.id));
    if (identity !== undefined) this.#answer.emit(toolCallEvent(identity, name, asText(item.input) ?? "", CUSTOM_CALL));
  }

  #at(key: string, callId: string | undefined): Call {
    return this.#calls.get(key) ?? this.#create(key, callId);
  }

  #create(key: string, callId: string | undefined): Call {
    const call: Call = { identity: undefined, callId, held: "", hasArguments: false, isDone: false };
    if (this.#calls.size === MAX_CALLS) this.#answer.break("too_many_tool_calls");
    else this.#calls.set(key, call);
    return call;
  }

  /** Emits the name with the arguments so far. A call without a name is never emitted. */
  #open(call: Call, item: Untrusted<ResponsesItem>): void {
    const name = asText(item.name);
    if (name === undefined || call.identity !== undefined) return;
    call.identity = this.#answer.openCall(asText(item.call_id) ?? asText(item.id));
    if (call.identity !== undefined) this.#answer.emit(toolCallEvent(call.identity, name, call.held));
    call.held = "";
  }
}
