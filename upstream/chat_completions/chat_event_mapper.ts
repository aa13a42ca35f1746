/**
 * Maps the messages of a chat completion stream to our events. The quirks of providers are handled here and in
 * `think_tags.ts`, `tool_calls.ts` and `model_usage.ts`, each with the provider's name. Pure and synchronous; the clock
 * is passed in.
 *
 * Invariants for any input: all content is emitted in order, exactly one terminal event is emitted, last, and no JSON
 * makes the mapper throw.
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ChatEvent, Citation, Grounding, ModelUsage, ToolCallDelta } from "../../protocol/chat_event.ts";
import type { SseMessage } from "../../protocol/sse_parser.ts";
import { AnswerEvents, type AnswerEventsOptions, type BrokenStreamReason } from "../chat_events/answer_events.ts";
import type { TextEventType } from "../chat_events/text_event.ts";
import { GroundingCollector } from "../chat_events/grounding_collector.ts";
import { TextOffsets } from "../chat_events/text_offsets.ts";
import { readChunkCitations, takeAnnotations } from "./citations.ts";
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

/** The finish reason of a stream that ends with `[DONE]` and never sends one. */
export const UNKNOWN_FINISH_REASON = "unknown";

/** The options of a {@linkcode ChatEventMapper}. */
export interface ChatEventMapperOptions extends AnswerEventsOptions {
  /** Makes an id for a tool call that came without one. */
  readonly generateId: () => string;
  /** The ids of the tool calls before this answer. */
  readonly earlierCallIds?: ReadonlySet<string> | undefined;
}

/** Maps one stream, from its first message to its end. */
export class ChatEventMapper {
  readonly #answer: AnswerEvents;
  readonly #toolCalls: ToolCalls;
  readonly #thinkTags = new ThinkTags();
  readonly #content = {
    text: (text: string) => this.#addText(text),
    reasoning: (text: string) => this.#answer.add({ type: "reasoning", data: text }),
  };
  /** The index of the first choice in the stream. Other choices are dropped, because the request asks for one. */
  #choiceIndex: number | string = 0;
  #hasChoice = false;
  #finishReason: string | undefined;
  #citations = "";
  /** The citations in annotations, which come one by one. */
  readonly #annotations = new GroundingCollector();
  /** The offsets in the text so far. Text that is sent without mapping has to be added. */
  readonly offsets = new TextOffsets("code points");

  constructor(options: ChatEventMapperOptions) {
    this.#answer = new AnswerEvents(options);
    this.#toolCalls = new ToolCalls(options.generateId, options.earlierCallIds);
  }

  /** True once the terminal event has been emitted. Later input is ignored. */
  get hasEnded(): boolean {
    return this.#answer.hasEnded;
  }

  /** The newest token counts. */
  get usage(): ModelUsage | undefined {
    return this.#answer.usage;
  }

  /**
   * True while text of this type may be sent without mapping: the stream has not ended, no text is held back, and
   * content can no longer begin with a think tag.
   */
  passesText(type: TextEventType): boolean {
    return !this.#answer.hasEnded && (type === "text" ? this.#thinkTags.done : !this.#thinkTags.isHolding);
  }

  /** Records the time of text that was sent without mapping. Call it only while {@linkcode passesText} is true. */
  notePassedText(): void {
    this.#answer.noteContent();
  }

  /**
   * Maps a message of the provider's stream.
   * @returns the message's chunk if it contains the followed choice and the stream has not ended
   */
  onMessage({ event, data }: SseMessage): Untrusted<OpenAIChunk> | undefined {
    if (this.#answer.hasEnded) return;
    if (data === "[DONE]") return void this.#stop(this.#finishReason ?? UNKNOWN_FINISH_REASON, true);
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      // Groq sends JSON with `event: error`; other providers send plain text.
      if (event === "error") return void this.#fail(providerStreamError(data).toData());
      // Some proxies send empty data as a heartbeat.
      if (data.trim() === "") return;
      return void this.#break("invalid_json");
    }
    if (event === "error") return void this.#failInBand(value);
    const chunk = asObject<OpenAIChunk>(value);
    if (chunk === undefined) return void this.#takeList(asList(value));
    return this.#takeChunk(chunk) && !this.#answer.hasEnded ? chunk : undefined;
  }

  /** llama-box and GPUStack send a failure as an SSE field, `error: {…}`, which the standard ignores. */
  onUnknownField(name: string, value: string): void {
    if (name !== "error") return;
    let parsed: unknown = value;
    try {
      parsed = JSON.parse(value);
    } catch {
      // Plain text.
    }
    this.#failInBand(parsed);
  }

  /** The provider's bytes have ended, properly or not. Without a finish reason the answer was cut. */
  endOfStream(): void {
    if (this.#finishReason === undefined) return this.#break("unexpected_end");
    this.#stop(this.#finishReason);
  }

  /**
   * Ends the stream because of a timeout, a limit or a shutdown. After a finish reason the answer is complete, so it
   * ends with `stop`.
   */
  interrupt(error: ChatErrorData): void {
    if (this.#finishReason === undefined) this.#fail(error);
    else this.#stop(this.#finishReason);
  }

  /** Ends the answer as its reader wants. @param reason the finish reason, where the provider has given none */
  stop(reason: string): void {
    this.#stop(this.#finishReason ?? reason);
  }

  /** Gemini's compatible endpoint sends a failure as a list. */
  #takeList(items: readonly unknown[]): void {
    if (items.some((item) => asObject<OpenAIChunk>(item)?.error)) this.#failInBand(items);
    else this.#break("invalid_json");
  }

  /** @returns true if the chunk contains the followed choice */
  #takeChunk(chunk: Untrusted<OpenAIChunk>): boolean {
    let isFollowed = false;
    if ("usage" in chunk) this.#takeUsage(chunk.usage);
    if ("x_groq" in chunk) this.#takeUsage(asObject<OpenAIChunk["x_groq"]>(chunk.x_groq)?.usage);
    this.#emitCitations(readChunkCitations(chunk));
    for (const choice of asList(chunk.choices)) {
      const known = asObject<OpenAIChoice>(choice);
      if (known === undefined || !this.#isFollowed(known.index)) continue;
      this.#takeChoice(known);
      if (this.#answer.hasEnded) return false;
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
    // Some providers send a whole message instead of a delta. Beside a delta it repeats earlier content: Perplexity
    // sends the whole answer so far with every chunk.
    const isAlone = delta === undefined || (!this.#answer.hasContent && Object.keys(delta).length === 0);
    const message = isAlone ? asObject<OpenAIDelta>(choice.message) : undefined;
    if (message !== undefined) this.#takeDelta(message);
    // The field of the older completions API. Together sends it beside a delta with the same text.
    if (isAlone && message === undefined && typeof choice.text === "string") this.#takeContent(choice.text);
    const finishReason = asText(choice.finish_reason);
    // OpenRouter sends it twice. Keep the first one.
    if (finishReason !== undefined) this.#finishReason ??= finishReason;
  }

  #takeDelta(delta: Untrusted<OpenAIDelta>): void {
    this.#takeReasoning(delta);
    if (typeof delta.content === "string") this.#takeContent(delta.content);
    else if (asObject(delta.content) !== undefined) this.#takeContentPart(delta.content);
    else for (const part of asList(delta.content)) this.#takeContentPart(part);
    const refusal = asText(delta.refusal);
    if (refusal !== undefined) this.#emitNextText(refusal);
    // After the text: an annotation's position may be in it.
    this.#takeAnnotations(delta.annotations);
    for (const image of asList(delta.images)) this.#takeImage(readImage(image));
    const calls = asList(delta.tool_calls);
    if (calls.length > 0) this.#takeToolCalls(calls);
    else if (delta.function_call) this.#takeToolCalls([{ index: 0, function: delta.function_call }]);
  }

  /** Reasoning has several names. OpenRouter sends two with the same text. Take the first one with text. */
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

  /** Mistral sends thinking and text parts, Databricks reasoning with summaries, Qwen-VL parts without a type. */
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

  /** A `data:` URL becomes an image event. Other URLs become Markdown images, which clients load only on request. */
  #takeImage(url: string | undefined): void {
    if (url === undefined) return;
    if (url.startsWith("data:image/")) this.#emitNext({ type: "base64_image", data: url });
    else this.#emitNextText(`![](<${url.replace(/[<>\s]/g, encodeURIComponent)}>)`);
  }

  #takeToolCalls(entries: readonly unknown[]): void {
    const deltas: ToolCallDelta[] = [];
    let fault: "too_many_tool_calls" | "invalid_json" | undefined;
    for (const entry of entries) {
      try {
        const delta = this.#toolCalls.take(entry);
        if (delta !== undefined) deltas.push(delta);
      } catch (error) {
        // Any other RangeError is a stack overflow: the arguments are an object too deep for JSON.stringify.
        if (!(error instanceof RangeError)) throw error;
        fault = error instanceof TooManyToolCallsError ? "too_many_tool_calls" : "invalid_json";
        break;
      }
    }
    if (deltas.length > 0) this.#emitNext({ type: "tool_calls", data: deltas });
    if (fault !== undefined) this.#break(fault);
  }

  /** DeepSeek sends usage three times, xAI with every chunk, Perplexity as a running total. Keep the last one. */
  #takeUsage(value: unknown): void {
    const usage = asObject<OpenAIUsage>(value);
    if (usage !== undefined) this.#answer.usage = toModelUsage(usage) ?? this.#answer.usage;
  }

  /** Perplexity repeats its citations with every chunk. Emit them only when they change. */
  #emitCitations(citations: readonly Citation[]): void {
    const key = citations.map(({ url }) => url).join("\n");
    if (citations.length === 0 || key === this.#citations) return;
    this.#citations = key;
    this.#answer.add({ type: "grounding", data: { citations } });
  }

  #takeAnnotations(annotations: unknown): void {
    takeAnnotations(annotations, this.#annotations, this.offsets);
    this.#emitSources(this.#annotations.takeGrown());
  }

  #emitSources(grounding: Grounding | undefined): void {
    if (grounding !== undefined) this.#answer.add({ type: "grounding", data: grounding });
  }

  /** Handles a failure inside a chunk. Call it last: the chunk may also contain content. */
  #takeFailure(chunk: Untrusted<OpenAIChunk>): void {
    const status = asObject<OpenAIChunk["base_resp"]>(chunk.base_resp);
    // MiniMax reports failures in `base_resp` of a 200 response.
    if (typeof status?.status_code === "number" && status.status_code !== 0) {
      return this.#fail(providerStreamError({ code: status.status_code, message: status.status_msg }).toData());
    }
    if (chunk.error) return this.#failInBand(chunk);
    // Groq reports there why it stopped early.
    const groqError = asText(asObject<OpenAIChunk["x_groq"]>(chunk.x_groq)?.error);
    if (groqError !== undefined) return this.#failInBand(groqError);
    const kind = (chunk as Untrusted<{ object: unknown; type: unknown }>).object;
    // vLLM before 0.9 sends the error object as a chunk.
    if (kind === "error") return this.#failInBand(chunk);
    // FastAPI servers in front of a model send {"detail": …} instead of a chunk.
    if (!("choices" in chunk) && !("usage" in chunk) && ("detail" in chunk || "message" in chunk)) {
      this.#failInBand(chunk);
    }
  }

  #failInBand(value: unknown): void {
    this.#fail(providerStreamError(value).toData());
  }

  #break(reason: BrokenStreamReason): void {
    this.#flush();
    this.#answer.break(reason);
  }

  /** @param isComplete whether the provider has sent the whole answer */
  #stop(finishReason: string, isComplete = this.#finishReason !== undefined): void {
    // OpenRouter sends this finish reason for a failure without an error object.
    if (finishReason === "error") return this.#failInBand(undefined);
    this.#flush();
    const calls = isComplete && finishReason !== "length" ? this.#toolCalls.takeCustom() : [];
    if (calls.length > 0 && finishReason !== "content_filter") this.#answer.add({ type: "tool_calls", data: calls });
    if (finishReason === "content_filter") this.#answer.refuse(finishReason);
    else this.#answer.stop(finishReason);
  }

  #fail(data: ChatErrorData): void {
    this.#flush();
    this.#answer.fail(data);
  }

  /** Emits what is held back, before the end. */
  #flush(): void {
    this.#thinkTags.flush(this.#content);
    this.#emitSources(this.#annotations.take());
  }

  #addText(text: string): void {
    this.offsets.add(text);
    this.#answer.add({ type: "text", data: text });
  }

  #emitNextText(text: string): void {
    this.#thinkTags.flush(this.#content);
    this.#addText(text);
  }

  /** Emits the held content first: it came before this event. */
  #emitNext(event: ChatEvent): void {
    this.#thinkTags.flush(this.#content);
    this.#answer.add(event);
  }
}

/** The joined texts of a list of `{text}` or, for OpenRouter's summaries, `{summary}`. Empty for anything else. */
function joinTexts(value: unknown): string {
  return asList(value).map((item) => {
    const part = asObject<{ text: unknown; summary: unknown }>(item);
    return asText(part?.text) ?? asText(part?.summary) ?? "";
  }).join("");
}

/** The URL of an image in any of its shapes: a string, `{url}`, `{image_url: "…"}`, `{image_url: {url}}`. */
function readImage(value: unknown): string | undefined {
  if (typeof value === "string") return asText(value);
  const image = asObject<{ url: unknown; image_url: unknown }>(value);
  return asText(image?.url) ?? asText(image?.image_url) ?? asText(asObject<{ url: unknown }>(image?.image_url)?.url);
}
