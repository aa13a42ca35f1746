/**
 * Maps the events of an Anthropic message stream to ours. Pure and synchronous; the clock is passed in.
 *
 * Invariants for any input: all content is emitted in order, exactly one terminal event is emitted, last, and no JSON makes
 * the mapper throw.
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { Citation, ModelUsage } from "../../protocol/chat_event.ts";
import type { SseMessage } from "../../protocol/sse_parser.ts";
import { AnswerEvents, type AnswerEventsOptions } from "../chat_events/answer_events.ts";
import { providerStreamError } from "../chat_events/provider_error.ts";
import { asList, asObject, asText, type Untrusted } from "../chat_events/untrusted_json.ts";
import type { AnthropicBlock, AnthropicCitation, AnthropicDelta, AnthropicEvent } from "./anthropic_event.ts";
import { AnthropicCounts } from "./anthropic_usage.ts";
import { type ThinkingPart, writeThinkingState } from "./thinking_state.ts";

/** The most blocks that are open at once, and the most tool calls and sources of an answer. */
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

/** What the provider runs by itself. These blocks are no calls of the client's tools, and add no text. */
const SERVER_BLOCK = /^(?:server|mcp)_tool_use$|_tool_result$/;

/** The options of an {@linkcode AnthropicMapper}. */
export interface AnthropicMapperOptions extends AnswerEventsOptions {
  /** Makes an id for a tool call that came without one. */
  readonly generateId: () => string;
}

/** A block between its start and its stop. */
interface OpenBlock {
  readonly type: string;
  /** Of a tool call: our index and id. */
  readonly call?: { readonly index: number; readonly id: string };
  /** Of a tool call: the input at its start, for servers that send no deltas. */
  readonly input?: unknown;
  /** A delta has brought a part of the input. */
  hasInput: boolean;
  /** Of thinking: the length of its text so far, and its signature. */
  chars: number;
  signature: string;
  /** Of a search: its input so far. */
  query: string;
}

/** Maps one stream, from its first event to its end. */
export class AnthropicMapper {
  readonly #answer: AnswerEvents;
  readonly #generateId: () => string;
  readonly #counts = new AnthropicCounts();
  /** By their index in the message. */
  readonly #blocks = new Map<unknown, OpenBlock>();
  readonly #callIds = new Set<string>();
  readonly #thinking: ThinkingPart[] = [];
  #thinkingChars = 0;
  /** By address, in the order in which they were cited. */
  readonly #citations = new Map<string, Citation>();
  readonly #searchQueries = new Set<string>();
  /** The number of citations that were sent. */
  #sentCitations = 0;
  #stopReason: string | undefined;
  #unknownEvents = 0;

  constructor(options: AnthropicMapperOptions) {
    this.#answer = new AnswerEvents(options);
    this.#generateId = options.generateId;
  }

  /** The newest token counts. */
  get usage(): ModelUsage | undefined {
    return this.#answer.usage;
  }

  /** The number of events, blocks and deltas that were ignored because they are not known. */
  get unknownEvents(): number {
    return this.#unknownEvents;
  }

  /** Maps a message of the provider's stream. */
  onMessage({ event, data }: SseMessage): void {
    if (this.#answer.hasEnded || event === "ping") return;
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      if (event === "error") return this.#answer.fail(providerStreamError(data).toData());
      // Some proxies send empty data as a heartbeat.
      if (data.trim() !== "" && data !== "[DONE]") this.#answer.break("invalid_json");
      return;
    }
    const message = asObject<AnthropicEvent>(value);
    if (message === undefined) return this.#answer.break("invalid_json");
    this.#take(asText(message.type) ?? event, message);
  }

  /** The provider's bytes have ended, properly or not. Without a stop reason the answer was cut. */
  endOfStream(): void {
    if (this.#stopReason === undefined) this.#answer.break("unexpected_end");
    else this.#stop(this.#stopReason);
  }

  /** Ends the stream with an error; with `stop` where the answer is complete. */
  interrupt(error: ChatErrorData): void {
    if (this.#stopReason === undefined) this.#answer.fail(error);
    else this.#stop(this.#stopReason);
  }

  /** Ends the answer as its reader wants. @param reason the finish reason, where the provider has given none */
  stop(reason: string): void {
    this.#stop(this.#stopReason ?? reason);
  }

  #take(type: string, event: Untrusted<AnthropicEvent>): void {
    switch (type) {
      case "message_start":
        return this.#takeUsage(asObject<AnthropicEvent["message"]>(event.message)?.usage);
      case "content_block_start":
        return this.#openBlock(event.index, asObject<AnthropicBlock>(event.content_block) ?? {});
      case "content_block_delta":
        return this.#takeDelta(event.index, asObject<AnthropicDelta>(event.delta) ?? {});
      case "content_block_stop":
        return this.#closeBlock(event.index);
      case "message_delta":
        this.#takeUsage(event.usage);
        this.#stopReason ??= asText(asObject<AnthropicDelta>(event.delta)?.stop_reason);
        return;
      case "message_stop":
        return this.#stop(this.#stopReason ?? "unknown");
      case "ping":
        return;
      case "error":
        return this.#answer.fail(providerStreamError(event).toData());
      default:
        // Servers in front of the provider send a failure without the envelope.
        if (event.error) return this.#answer.fail(providerStreamError(event).toData());
        this.#unknownEvents++;
    }
  }

  #takeUsage(usage: unknown): void {
    this.#answer.usage = this.#counts.take(usage) ?? this.#answer.usage;
  }

  #openBlock(index: unknown, start: Untrusted<AnthropicBlock>): void {
    const type = asText(start.type) ?? "text";
    if (this.#blocks.has(index)) this.#closeBlock(index);
    if (this.#blocks.size === MAX_BLOCKS) return this.#answer.break("too_many_tool_calls");
    const block: OpenBlock = { type, hasInput: false, chars: 0, signature: "", query: "" };
    this.#blocks.set(index, block);
    switch (type) {
      case "text":
        this.#addText(start.text);
        for (const citation of asList(start.citations)) this.#addCitation(citation);
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
        return this.#addQuery(start.input);
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
        return this.#addCitation(delta.citation);
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
    if (block.query !== "") this.#addQuery(parseInput(block.query));
    this.#sendCitations();
  }

  #addText(text: unknown): void {
    if (typeof text === "string" && text !== "") this.#answer.add({ type: "text", data: text });
  }

  #addThinking(block: OpenBlock | undefined, text: unknown): void {
    if (typeof text !== "string" || text === "") return;
    if (block !== undefined) block.chars += text.length;
    this.#answer.add({ type: "reasoning", data: text });
  }

  /** Each event includes the state of the blocks before, as clients keep the last one. */
  #addState(part: ThinkingPart): void {
    this.#thinkingChars += "data" in part ? part.data.length : part.signature.length;
    if (this.#thinkingChars > MAX_STATE_CHARS) return;
    this.#thinking.push(part);
    this.#answer.add({ type: "reasoning_signature", data: writeThinkingState(this.#thinking) });
  }

  #openCall(index: unknown, block: OpenBlock, start: Untrusted<AnthropicBlock>): void {
    if (this.#callIds.size === MAX_BLOCKS) return this.#answer.break("too_many_tool_calls");
    const sent = asText(start.id);
    const call = {
      index: this.#callIds.size,
      id: sent === undefined || this.#callIds.has(sent) ? this.#generateId() : sent,
    };
    this.#callIds.add(call.id);
    this.#blocks.set(index, { ...block, call, input: start.input });
    this.#answer.add({
      type: "tool_calls",
      data: [{ ...call, type: "function", function: { name: asText(start.name) ?? null, arguments: "" } }],
    });
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

  #addFragment(call: { readonly index: number; readonly id: string }, fragment: string): void {
    this.#answer.add({
      type: "tool_calls",
      data: [{ ...call, type: "function", function: { name: null, arguments: fragment } }],
    });
  }

  #addQuery(input: unknown): void {
    const query = asText(asObject<{ query: unknown }>(input)?.query);
    if (query !== undefined && this.#searchQueries.size < MAX_BLOCKS) this.#searchQueries.add(query);
  }

  /** Citations of the client's own documents have no address, and are left out. */
  #addCitation(value: unknown): void {
    const citation = asObject<AnthropicCitation>(value);
    const url = [citation?.url, citation?.source].map(asText).find((text) =>
      text !== undefined && /^https?:/i.test(text)
    );
    if (url === undefined || this.#citations.has(url) || this.#citations.size === MAX_BLOCKS) return;
    const title = asText(citation?.title);
    this.#citations.set(url, { ...(title !== undefined && { title }), url });
  }

  #sendCitations(): void {
    if (this.#citations.size === this.#sentCitations) return;
    this.#sentCitations = this.#citations.size;
    const searchQueries = [...this.#searchQueries];
    this.#answer.add({
      type: "grounding",
      data: { citations: [...this.#citations.values()], ...(searchQueries.length > 0 && { searchQueries }) },
    });
  }

  #stop(stopReason: string): void {
    if (this.#answer.hasEnded) return;
    for (const index of [...this.#blocks.keys()]) this.#closeBlock(index);
    this.#sendCitations();
    if (stopReason === "refusal") return this.#answer.refuse(stopReason);
    this.#answer.stop(Object.hasOwn(FINISH_REASONS, stopReason) ? FINISH_REASONS[stopReason]! : stopReason);
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
