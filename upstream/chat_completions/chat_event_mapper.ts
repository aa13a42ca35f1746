/**
 * Maps a provider's messages to our events. All provider quirks live here and in the three files beside it; each is
 * named where it is met. Pure and synchronous: the only input besides the messages is the clock that is passed in.
 *
 * What must hold, whatever comes in: everything said is emitted, in order; exactly one terminal event, last; nothing
 * throws on any JSON.
 * @module
 */
import { ChatError, type ChatErrorBody, type ChatErrorData } from "../../protocol/chat_error.ts";
import type { ChatEvent, Citation, ModelUsage, ToolCallDelta } from "../../protocol/chat_event.ts";
import type { SseMessage } from "../../protocol/sse_parser.ts";
import type { TextEventType } from "../chat_events/chat_event_writer.ts";
import { toModelUsage } from "./model_usage.ts";
import {
  type OpenAIChoice,
  type OpenAIChunk,
  type OpenAIContentPart,
  type OpenAIDelta,
  type OpenAIUsage,
} from "./openai_chunk.ts";
import { asList, asObject, asText, type Untrusted } from "../chat_events/untrusted_json.ts";
import { providerStreamError } from "../chat_events/provider_error.ts";
import { ThinkTags } from "./think_tags.ts";
import { ToolCalls, TooManyToolCallsError } from "./tool_calls.ts";

/** What an answer ends with, in words for a visitor, by the reason. */
const BROKEN_STREAM = {
  unexpected_end: "The model provider ended the answer before it was complete.",
  invalid_json: "The model provider sent something that could not be read.",
  too_many_tool_calls: "The model provider sent more tool calls than can be followed.",
} as const;

/** The finish reason where a provider ends properly (`[DONE]`) but never gives one. */
export const UNKNOWN_FINISH_REASON = "unknown";

/** How a {@linkcode ChatEventMapper} reaches the world. */
export interface ChatEventMapperOptions {
  /** Receives the events, in order. */
  readonly emit: (event: ChatEvent) => void;
  /** Milliseconds that never run backwards, for the `speed` event. */
  readonly now: () => number;
  /** When the request was received, on the same clock. */
  readonly startedAt: number;
  /** Makes an id for a tool call that came without one. */
  readonly generateId: () => string;
}

/** Follows one answer from its first chunk to its end. It is the handler of the parser that reads the provider. */
export class ChatEventMapper {
  readonly #emit: (event: ChatEvent) => void;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #toolCalls: ToolCalls;
  readonly #thinkTags = new ThinkTags();
  readonly #content = {
    text: (text: string) => this.#emitContent({ type: "text", data: text }),
    reasoning: (text: string) => this.#emitContent({ type: "reasoning", data: text }),
  };
  /** The index of the choice that is followed: the first one seen. Others are dropped, as only one was asked for. */
  #choiceIndex: number | string = 0;
  #hasChoice = false;
  #finishReason: string | undefined;
  #usage: ModelUsage | undefined;
  #citations = "";
  #firstContentAt: number | undefined;
  #lastContentAt = 0;
  #hasEnded = false;

  constructor(options: ChatEventMapperOptions) {
    this.#emit = options.emit;
    this.#now = options.now;
    this.#startedAt = options.startedAt;
    this.#toolCalls = new ToolCalls(options.generateId);
  }

  /** True once the terminal event is out. Whatever comes after it is ignored. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The usage heard of so far. */
  get usage(): ModelUsage | undefined {
    return this.#usage;
  }

  /**
   * True while such text may be sent without mapping: the answer goes on, nothing is held back, and content can hold no
   * think tag any more.
   */
  passesText(type: TextEventType): boolean {
    return !this.#hasEnded && (type === "text" ? this.#thinkTags.done : !this.#thinkTags.isHolding);
  }

  /** Notes that text was sent without mapping, while {@linkcode passesText} was true. */
  notePassedText(): void {
    this.#lastContentAt = this.#now();
    this.#firstContentAt ??= this.#lastContentAt;
  }

  /**
   * Maps a message of the provider's stream.
   * @returns its chunk, where the followed choice was in it and the answer goes on
   */
  onMessage({ event, data }: SseMessage): Untrusted<OpenAIChunk> | undefined {
    if (this.#hasEnded) return;
    if (data === "[DONE]") return void this.#stop(this.#finishReason ?? UNKNOWN_FINISH_REASON);
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      // Groq's `event: error` is JSON, others' is text; anything else unreadable is broken.
      if (event === "error") return void this.#fail(providerStreamError(data).toData());
      // Some proxies keep a connection open with empty data.
      if (data.trim() === "") return;
      return void this.#break("invalid_json");
    }
    if (event === "error") return void this.#failInBand(value);
    const chunk = asObject<OpenAIChunk>(value);
    if (chunk === undefined) return void this.#break("invalid_json");
    return this.#takeChunk(chunk) && !this.#hasEnded ? chunk : undefined;
  }

  /** llama-box and GPUStack write a failure as a field of its own, `error: {…}`, which the standard ignores. */
  onUnknownField(name: string, value: string): void {
    if (name !== "error") return;
    let parsed: unknown = value;
    try {
      parsed = JSON.parse(value);
    } catch {
      // Text then.
    }
    this.#failInBand(parsed);
  }

  /** The provider's bytes are over, properly or not: without a finish reason the answer was cut. */
  endOfStream(): void {
    if (this.#finishReason === undefined) return this.#break("unexpected_end");
    this.#stop(this.#finishReason);
  }

  /**
   * Ends the answer from outside: a timeout, a limit, a shutdown. Where the provider has finished already, and only
   * its closing words are missing, the answer is complete and says so.
   */
  interrupt(error: ChatErrorData): void {
    if (this.#finishReason === undefined) this.#fail(error);
    else this.#stop(this.#finishReason);
  }

  /** Ends the answer as its reader wants. @param reason the finish reason, where the provider has given none */
  stop(reason: string): void {
    this.#stop(this.#finishReason ?? reason);
  }

  /** @returns true where the followed choice was in it */
  #takeChunk(chunk: Untrusted<OpenAIChunk>): boolean {
    let isFollowed = false;
    if ("usage" in chunk) this.#takeUsage(chunk.usage);
    if ("x_groq" in chunk) this.#takeUsage(asObject<OpenAIChunk["x_groq"]>(chunk.x_groq)?.usage);
    this.#takeGrounding(chunk);
    for (const choice of asList(chunk.choices)) {
      const known = asObject<OpenAIChoice>(choice);
      if (known === undefined || !this.#isFollowed(known.index)) continue;
      this.#takeChoice(known);
      if (this.#hasEnded) return false;
      isFollowed = true;
    }
    this.#takeFailure(chunk);
    return isFollowed;
  }

  #isFollowed(index: unknown): boolean {
    const position = typeof index === "number" || typeof index === "string" ? index : 0;
    if (!this.#hasChoice) {
      this.#hasChoice = true;
      this.#choiceIndex = position;
    }
    return this.#choiceIndex === position;
  }

  #takeChoice(choice: Untrusted<OpenAIChoice>): void {
    this.#takeUsage(choice.usage);
    // Azure's content filter sends choices without a delta.
    const delta = asObject<OpenAIDelta>(choice.delta);
    if (delta !== undefined) this.#takeDelta(delta);
    // A whole message instead of a delta. Beside one it repeats what was said: Perplexity sends all of it with every chunk.
    const isAlone = delta === undefined || (this.#firstContentAt === undefined && Object.keys(delta).length === 0);
    const message = isAlone ? asObject<OpenAIDelta>(choice.message) : undefined;
    if (message !== undefined) this.#takeDelta(message);
    // The older completions' field. Together sends it beside a delta that says the same.
    if (isAlone && message === undefined && typeof choice.text === "string") this.#takeContent(choice.text);
    const finishReason = asText(choice.finish_reason);
    // OpenRouter says it twice; the first one counts.
    if (finishReason !== undefined) this.#finishReason ??= finishReason;
  }

  #takeDelta(delta: Untrusted<OpenAIDelta>): void {
    const annotations = asList(delta.annotations);
    if (annotations.length > 0) this.#emitCitations(annotations.map(readAnnotation));
    this.#takeReasoning(delta);
    if (typeof delta.content === "string") this.#takeContent(delta.content);
    else if (asObject(delta.content) !== undefined) this.#takeContentPart(delta.content);
    else for (const part of asList(delta.content)) this.#takeContentPart(part);
    const refusal = asText(delta.refusal);
    if (refusal !== undefined) this.#emitNext({ type: "text", data: refusal });
    for (const image of asList(delta.images)) this.#takeImage(readImage(image));
    const calls = asList(delta.tool_calls);
    if (calls.length > 0) this.#takeToolCalls(calls);
    else if (delta.function_call) this.#takeToolCalls([{ index: 0, function: delta.function_call }]);
  }

  /** Several names for the same thing, sometimes two at once with the same text (OpenRouter): the first one that says something. */
  #takeReasoning(delta: Untrusted<OpenAIDelta>): void {
    const text = asText(delta.reasoning_content) ?? asText(delta.reasoning) ?? asText(delta.reasoning_text) ??
      asText(joinTexts(delta.reasoning_details));
    if (text !== undefined) this.#emitNext({ type: "reasoning", data: text });
  }

  #takeContent(content: string): void {
    if (content === "") return;
    if (this.#thinkTags.done) this.#content.text(content);
    else this.#thinkTags.push(content, this.#content);
  }

  /** Mistral's thinking and text parts, Databricks' reasoning with a summary, Qwen-VL's parts without a type. */
  #takeContentPart(value: unknown): void {
    if (typeof value === "string") return this.#takeContent(value);
    const part = asObject<OpenAIContentPart>(value) ?? {};
    if (part.type === "thinking" || part.type === "reasoning") {
      const thinking = asText(part.thinking) ?? asText(joinTexts(part.thinking)) ?? asText(joinTexts(part.summary)) ??
        asText(part.text);
      if (thinking !== undefined) this.#emitNext({ type: "reasoning", data: thinking });
      return;
    }
    const text = asText(part.text);
    if (text !== undefined) this.#takeContent(text);
    this.#takeImage(asText(part.image) ?? readImage(part));
  }

  /** An image as data becomes an image event; one that lives elsewhere stays a link, which clients load only if asked to. */
  #takeImage(url: string | undefined): void {
    if (url === undefined) return;
    if (url.startsWith("data:image/")) this.#emitNext({ type: "base64_image", data: url });
    else this.#emitNext({ type: "text", data: `![](<${url.replace(/[<>\s]/g, encodeURIComponent)}>)` });
  }

  #takeToolCalls(entries: readonly unknown[]): void {
    const deltas: ToolCallDelta[] = [];
    let fault: "too_many_tool_calls" | "invalid_json" | undefined;
    for (const entry of entries) {
      try {
        const delta = this.#toolCalls.take(entry);
        if (delta !== undefined) deltas.push(delta);
      } catch (error) {
        // Any other RangeError is the stack's: arguments that are an object too deep to be written.
        if (!(error instanceof RangeError)) throw error;
        fault = error instanceof TooManyToolCallsError ? "too_many_tool_calls" : "invalid_json";
        break;
      }
    }
    if (deltas.length > 0) this.#emitNext({ type: "tool_calls", data: deltas });
    if (fault !== undefined) this.#break(fault);
  }

  /** DeepSeek sends usage three times, xAI with every chunk, Perplexity a running total: the last one counts. */
  #takeUsage(value: unknown): void {
    const usage = asObject<OpenAIUsage>(value);
    if (usage !== undefined) this.#usage = toModelUsage(usage) ?? this.#usage;
  }

  #takeGrounding(chunk: Untrusted<OpenAIChunk>): void {
    const results = asList(chunk.search_results ?? chunk.web_search);
    if (results.length > 0) return this.#emitCitations(results.map(readCitation));
    const found = asList(asObject<OpenAIChunk["search_info"]>(chunk.search_info)?.search_results);
    if (found.length > 0) return this.#emitCitations(found.map(readCitation));
    const citations = asList(chunk.citations);
    if (citations.length > 0) this.#emitCitations(citations.map(readCitation));
  }

  /** Perplexity repeats its citations with every chunk: only a change is news. */
  #emitCitations(found: readonly (Citation | undefined)[]): void {
    const citations = found.filter((citation) => citation !== undefined);
    const key = citations.map(({ url }) => url).join("\n");
    if (citations.length === 0 || key === this.#citations) return;
    this.#citations = key;
    this.#emitContent({ type: "grounding", data: { citations } });
  }

  /** A failure that came as a chunk, with whatever else the chunk held taken first. */
  #takeFailure(chunk: Untrusted<OpenAIChunk>): void {
    const status = asObject<OpenAIChunk["base_resp"]>(chunk.base_resp);
    // MiniMax: a 200 whose base_resp carries the failure.
    if (typeof status?.status_code === "number" && status.status_code !== 0) {
      return this.#fail(providerStreamError({ code: status.status_code, message: status.status_msg }).toData());
    }
    if (chunk.error) return this.#failInBand(chunk);
    // Groq also says there why it stopped early.
    const groqError = asText(asObject<OpenAIChunk["x_groq"]>(chunk.x_groq)?.error);
    if (groqError !== undefined) return this.#failInBand(groqError);
    const kind = (chunk as Untrusted<{ object: unknown; type: unknown }>).object;
    // vLLM before 0.9: the failure is the chunk itself.
    if (kind === "error") return this.#failInBand(chunk);
    // FastAPI servers in front of a model answer {"detail": …} where a chunk should be.
    if (!("choices" in chunk) && !("usage" in chunk) && ("detail" in chunk || "message" in chunk)) {
      this.#failInBand(chunk);
    }
  }

  #failInBand(value: unknown): void {
    this.#fail(providerStreamError(value).toData());
  }

  #break(reason: keyof typeof BROKEN_STREAM): void {
    this.#fail(new ChatError("StreamChunkError", BROKEN_STREAM[reason], { body: { reason } }).toData());
  }

  #stop(finishReason: string): void {
    if (finishReason === "content_filter") {
      const body: ChatErrorBody = { finishReason };
      const message = "The model provider's content policy stopped the answer.";
      return this.#fail(new ChatError("ProviderContentPolicyViolation", message, { body }).toData());
    }
    // OpenRouter's finish reason for a failure whose error object got lost on the way.
    if (finishReason === "error") return this.#failInBand(undefined);
    this.#end({ type: "stop", data: finishReason });
  }

  #fail(data: ChatErrorData): void {
    this.#end({ type: "error", data });
  }

  /** The first end counts: every other one finds that the answer is over. */
  #end(terminal: ChatEvent): void {
    if (this.#hasEnded) return;
    this.#thinkTags.flush(this.#content);
    this.#hasEnded = true;
    if (this.#usage !== undefined) this.#emit({ type: "usage", data: this.#usage });
    this.#emitSpeed();
    this.#emit(terminal);
  }

  /** What was held back of the content, as it might have been a tag, was said before this. */
  #emitNext(event: ChatEvent): void {
    this.#thinkTags.flush(this.#content);
    this.#emitContent(event);
  }

  #emitContent(event: ChatEvent): void {
    this.notePassedText();
    this.#emit(event);
  }

  #emitSpeed(): void {
    if (this.#firstContentAt === undefined) return;
    const duration = this.#lastContentAt - this.#firstContentAt;
    const tokens = this.#usage?.totalOutputTokens;
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

/** The texts of a list of `{text}` or, for OpenRouter's summaries, `{summary}`, joined; empty where it is none. */
function joinTexts(value: unknown): string {
  return asList(value).map((item) => {
    const part = asObject<{ text: unknown; summary: unknown }>(item);
    return asText(part?.text) ?? asText(part?.summary) ?? "";
  }).join("");
}

/** The address in any of the shapes an image comes in: a string, `{url}`, `{image_url: "…"}`, `{image_url: {url}}`. */
function readImage(value: unknown): string | undefined {
  if (typeof value === "string") return asText(value);
  const image = asObject<{ url: unknown; image_url: unknown }>(value);
  return asText(image?.url) ?? asText(image?.image_url) ?? asText(asObject<{ url: unknown }>(image?.image_url)?.url);
}

/** OpenAI wraps a citation once more. */
function readAnnotation(value: unknown): Citation | undefined {
  const annotation = asObject<{ url_citation: unknown }>(value);
  return readCitation(annotation?.url_citation ?? value);
}

/** A URL, or an object with one; entries without are dropped (empty ones have broken clients). Zhipu says `link`. */
function readCitation(value: unknown): Citation | undefined {
  const entry = asObject<{ url: unknown; link: unknown; title: unknown }>(value);
  const url = asText(value) ?? asText(entry?.url) ?? asText(entry?.link);
  if (url === undefined) return undefined;
  const title = asText(entry?.title);
  return title === undefined ? { url } : { title, url };
}

/** Milliseconds and rates to a tenth: more digits would claim more than was measured. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
