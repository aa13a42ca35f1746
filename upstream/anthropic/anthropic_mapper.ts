/**
 * Maps the events of an Anthropic message stream to ours. Pure and synchronous.
 *
 * Invariants for any input: all content is emitted in order, exactly one terminal event is emitted, last, and no JSON makes
 * the mapper throw.
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 * @module
 */
import type { AnswerEmitter, CallIdentity } from "../chat_events/answer_emitter.ts";
import { GroundingCollector } from "../chat_events/grounding_collector.ts";
import type { JsonEventMapper } from "../chat_events/json_event_decoder.ts";
import { providerStreamError } from "../chat_events/provider_error.ts";
import { toolCallEvent } from "../chat_events/tool_call_event.ts";
import { asList, asObject, asText, type Untrusted } from "../chat_events/untrusted_json.ts";
import type { AnthropicBlock, AnthropicCitation, AnthropicDelta, AnthropicEvent } from "./anthropic_event.ts";
import { AnthropicCounts } from "./anthropic_usage.ts";
import { type ThinkingPart, writeThinkingState } from "./thinking_state.ts";

/** The most blocks that are open at once. The API has one. */
export const MAX_BLOCKS = 1024;
/** The longest state of an answer's thinking, in UTF-16 code units. Beyond, the answer has none. */
const MAX_STATE_CHARS = 256 * 1024;
/** The longest input of a search that is read for its query, in UTF-16 code units. */
const MAX_QUERY_CHARS = 4096;

/** Anthropic's stop reasons in the names of OpenAI's API. Others stay as they are. */
const FINISH_REASONS: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
};

/** The finish reason of an answer that ends without one. */
const UNKNOWN_FINISH_REASON = "unknown";

/** What the provider runs by itself. These blocks are no calls of the client's tools, and add no text. */
const SERVER_BLOCK = /^(?:server|mcp)_tool_use$|_tool_result$/;

/** A block between its start and its stop. */
interface OpenBlock {
  readonly type: string;
  /** Of a tool call: our index and id. */
  readonly call?: CallIdentity;
  /** Of a tool call: the input at its start, for servers that send no deltas. */
  readonly input?: unknown;
  /** A delta has brought a part of the input. */
  hasInput: boolean;
  /** Of thinking: the length of its text so far, and its signature. */
  chars: number;
  signature: string;
  /** Of a search: its input so far. */
  query: string;
  /** Of text: the indexes of its citations. */
  readonly cited: Set<number>;
}

/** Maps one stream, from its first event to its end. */
export class AnthropicMapper implements JsonEventMapper {
  readonly #answer: AnswerEmitter;
  readonly #counts = new AnthropicCounts();
  /** By their index in the message. */
  readonly #blocks = new Map<unknown, OpenBlock>();
  readonly #thinking: ThinkingPart[] = [];
  readonly #grounding = new GroundingCollector();
  /** The length of the answer's text so far, in UTF-16 code units. */
  #textChars = 0;
  #stateChars = 0;
  /** The provider has named its stop reason: what is open then is complete. */
  #isComplete = false;
  #unknownEvents = 0;

  constructor(answer: AnswerEmitter) {
    this.#answer = answer;
    answer.noteUsage(() => this.#counts.usage);
  }

  /** The number of events, blocks and deltas that were ignored because they are not known. */
  get unknownEvents(): number {
    return this.#unknownEvents;
  }

  take(json: Untrusted<Record<string, unknown>>, name: string): void {
    const event = json as Untrusted<AnthropicEvent>;
    this.#take(asText(event.type) ?? name, event);
  }

  /** Closes the blocks that are open. Where the answer was cut, they were too. */
  flush(): void {
    if (this.#isComplete) { for (const index of [...this.#blocks.keys()]) this.#closeBlock(index); }
    this.#sendSources();
  }

  #take(type: string, event: Untrusted<AnthropicEvent>): void {
    switch (type) {
      case "message_start":
        return this.#counts.take(asObject<AnthropicEvent["message"]>(event.message)?.usage);
      case "content_block_start":
        return this.#openBlock(event.index, asObject<AnthropicBlock>(event.content_block) ?? {});
      case "content_block_delta":
        return this.#takeDelta(event.index, asObject<AnthropicDelta>(event.delta) ?? {});
      case "content_block_stop":
        return this.#closeBlock(event.index);
      case "message_delta":
        this.#counts.take(event.usage);
        return this.#finish(asText(asObject<AnthropicDelta>(event.delta)?.stop_reason));
      case "message_stop":
        this.#isComplete = true;
        return this.#answer.stop(UNKNOWN_FINISH_REASON);
      case "ping":
        return;
      case "error":
        return this.#answer.fail(providerStreamError(event).toData());
      default:
        // Servers in front of the provider send a failure without the envelope, or with another.
        if (event.error || "detail" in event) return this.#answer.fail(providerStreamError(event).toData());
        this.#unknownEvents++;
    }
  }

  #finish(stopReason: string | undefined): void {
    if (stopReason === undefined) return;
    this.#isComplete = true;
    if (stopReason === "refusal") return this.#answer.finish({ type: "refusal", reason: stopReason });
    const reason = Object.hasOwn(FINISH_REASONS, stopReason) ? FINISH_REASONS[stopReason]! : stopReason;
    this.#answer.finish({ type: "stop", reason });
  }

  #openBlock(index: unknown, start: Untrusted<AnthropicBlock>): void {
    const type = asText(start.type) ?? "text";
    if (this.#blocks.has(index)) this.#closeBlock(index);
    if (this.#blocks.size === MAX_BLOCKS) return this.#answer.break("too_many_tool_calls");
    const block: OpenBlock = { type, hasInput: false, chars: 0, signature: "", query: "", cited: new Set() };
    this.#blocks.set(index, block);
    switch (type) {
      case "text":
        this.#addText(start.text);
        for (const citation of asList(start.citations)) this.#addCitation(block, citation);
        return;
      case "thinking":
        this.#addThinking(block, start.thinking);
        block.signature += asText(start.signature) ?? "";
        return;
      case "redacted_thinking":
        return this.#addState({ data: asText(start.data) ?? "" });
      case "tool_use":
        return this.#openCall(index, block, start);
      case "server_tool_use":
        return this.#grounding.addQuery(asObject<{ query: unknown }>(start.input)?.query);
      default:
        if (!SERVER_BLOCK.test(type)) this.#unknownEvents++;
    }
  }

  #takeDelta(index: unknown, delta: Untrusted<AnthropicDelta>): void {
    // A stream that was joined late begins with a delta.
    const block = this.#blocks.get(index);
    switch (delta.type) {
      case "text_delta":
        if (block === undefined || block.type === "text") this.#addText(delta.text);
        return;
      case "thinking_delta":
        return this.#addThinking(block, delta.thinking);
      case "signature_delta":
        if (block !== undefined) block.signature += asText(delta.signature) ?? "";
        return;
      case "input_json_delta":
        if (block !== undefined) this.#addInput(block, asText(delta.partial_json) ?? "");
        return;
      case "citations_delta":
        return this.#addCitation(block, delta.citation);
      default:
        this.#unknownEvents++;
    }
  }

  #closeBlock(index: unknown): void {
    const block = this.#blocks.get(index);
    if (block === undefined) return;
    this.#blocks.delete(index);
    // A tool without parameters gets an empty input, or none.
    if (block.call !== undefined && !block.hasInput) this.#addFragment(block.call, writeInput(block.input));
    if (block.signature !== "") this.#addState({ chars: block.chars, signature: block.signature });
    if (block.query !== "") this.#grounding.addQuery(asObject<{ query: unknown }>(parseInput(block.query))?.query);
    // All of a block is cited, and its citations come before its text ends.
    this.#grounding.addMark(this.#textChars, block.cited);
    this.#sendSources();
  }

  #addText(text: unknown): void {
    if (typeof text !== "string") return;
    this.#textChars += text.length;
    this.#answer.emitText("text", text);
  }

  #addThinking(block: OpenBlock | undefined, text: unknown): void {
    if (typeof text !== "string") return;
    if (block !== undefined) block.chars += text.length;
    this.#answer.emitText("reasoning", text);
  }

  /** Each event includes the state of the blocks before, as clients keep the last one. */
  #addState(part: ThinkingPart): void {
    this.#stateChars += "data" in part ? part.data.length : part.signature.length;
    if (this.#stateChars > MAX_STATE_CHARS) return;
    this.#thinking.push(part);
    this.#answer.emit({ type: "reasoning_signature", data: writeThinkingState(this.#thinking) });
  }

  #openCall(index: unknown, block: OpenBlock, start: Untrusted<AnthropicBlock>): void {
    const call = this.#answer.openCall(asText(start.id));
    if (call === undefined) return;
    this.#blocks.set(index, { ...block, call, input: start.input });
    this.#answer.emit(toolCallEvent(call, asText(start.name) ?? null, ""));
  }

  #addInput(block: OpenBlock, fragment: string): void {
    if (fragment === "") return;
    if (block.call !== undefined) {
      block.hasInput = true;
      this.#addFragment(block.call, fragment);
    } else if (block.type === "server_tool_use" && block.query.length + fragment.length <= MAX_QUERY_CHARS) {
      block.query += fragment;
    }
  }

  #addFragment(call: CallIdentity, fragment: string): void {
    this.#answer.emit(toolCallEvent(call, null, fragment));
  }

  /** Citations of the client's own documents have no address, and are left out. */
  #addCitation(block: OpenBlock | undefined, value: unknown): void {
    const citation = asObject<AnthropicCitation>(value);
    const url = [citation?.url, citation?.source].find((text) => /^https?:/i.test(asText(text) ?? ""));
    const index = this.#grounding.addCitation(url, citation?.title);
    if (index !== undefined) block?.cited.add(index);
  }

  #sendSources(): void {
    const grounding = this.#grounding.take();
    if (grounding !== undefined) this.#answer.emit({ type: "grounding", data: grounding });
  }
}

/** The whole input of a call as JSON text; that of an empty object where it cannot be written. */
function writeInput(input: unknown): string {
  try {
    return JSON.stringify(asObject(input) ?? {});
  } catch {
    // A RangeError: the object is too deep.
    return "{}";
  }
}

function parseInput(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
