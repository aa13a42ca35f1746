/**
 * Turns the `functionCall` parts of an answer into whole tool calls, also where their arguments are streamed.
 * @module
 */
import type { AnswerEmitter, CallIdentity } from "../chat_events/answer_emitter.ts";
import { markState } from "../chat_events/provider_state.ts";
import { toolCallEvent } from "../chat_events/tool_call_event.ts";
import { asList, asObject, asText, type Untrusted } from "../chat_events/untrusted_json.ts";
import type { GeminiFunctionCall, GeminiPart } from "./gemini_chunk.ts";
import { StreamedArguments } from "./streamed_arguments.ts";

/** The longest streamed arguments of one call, in UTF-16 code units. */
const MAX_ARGUMENTS_CHARS = 8 * 1024 * 1024;

/** A call whose arguments still come. */
interface OpenCall {
  readonly identity: CallIdentity;
  readonly name: string;
  readonly signature: string | undefined;
  readonly args: StreamedArguments;
}

/** The calls of one answer. A call is emitted when it is complete; one that is cut off is not. */
export class GeminiToolCalls {
  readonly #answer: AnswerEmitter;
  #open: OpenCall | undefined;

  constructor(answer: AnswerEmitter) {
    this.#answer = answer;
  }

  /** Takes a part with a `functionCall`. @returns false for one that belongs to no call */
  take(part: Untrusted<GeminiPart>): boolean {
    const call = asObject<GeminiFunctionCall>(part.functionCall);
    const name = asText(call?.name);
    if (call === undefined || (name === undefined && this.#open === undefined)) return false;
    try {
      if (name === undefined) this.#continue(call);
      else this.#begin(call, name, asText(part.thoughtSignature));
    } catch (error) {
      // A RangeError comes from JSON.stringify, too, where an object is too deep.
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
      this.#answer.break("invalid_json");
    }
    return true;
  }

  /** Emits the call that is still open: the answer is complete, or another part follows. */
  close(): void {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    this.#emit(open.identity, open.name, open.args.toString(), open.signature);
  }

  #begin(call: Untrusted<GeminiFunctionCall>, name: string, signature: string | undefined): void {
    this.close();
    const { partialArgs, willContinue } = call;
    const isStreamed = willContinue === true || partialArgs !== undefined;
    // Before the identity, so that arguments which cannot be written open no call.
    const whole = isStreamed ? "" : JSON.stringify(call.args ?? {});
    const identity = this.#answer.openCall(asText(call.id));
    if (identity === undefined) return;
    if (!isStreamed) return this.#emit(identity, name, whole, signature);
    this.#open = { identity, name, signature, args: new StreamedArguments(MAX_ARGUMENTS_CHARS) };
    this.#continue(call);
  }

  #continue({ partialArgs, willContinue }: Untrusted<GeminiFunctionCall>): void {
    for (const partial of asList(partialArgs)) this.#open?.args.add(partial);
    if (willContinue !== true) this.close();
  }

  #emit(call: CallIdentity, name: string, args: string, signature: string | undefined): void {
    const state = signature === undefined ? undefined : markState("gemini", signature);
    this.#answer.emit(toolCallEvent(call, name, args, state));
  }
}
