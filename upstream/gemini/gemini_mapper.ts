/**
 * Maps the values of a Gemini stream to our events. Pure and synchronous.
 *
 * Invariants for any input: all content is emitted in order, exactly one terminal event is emitted, last, and no JSON
 * makes the mapper throw.
 * @see https://ai.google.dev/api/generate-content
 * @module
 */
import type { Grounding } from "../../protocol/chat_event.ts";
import { ChatError } from "../../protocol/chat_error.ts";
import type { AnswerEmitter, Ending } from "../chat_events/answer_emitter.ts";
import { imageUrlOf } from "../chat_events/data_url.ts";
import { GroundingCollector } from "../chat_events/grounding_collector.ts";
import type { JsonEventMapper } from "../chat_events/json_event_decoder.ts";
import { providerStreamError } from "../chat_events/provider_error.ts";
import { markState } from "../chat_events/provider_state.ts";
import { redact } from "../chat_events/redact.ts";
import { shownCode } from "../chat_events/shown_code.ts";
import { asList, asObject, asText, type Untrusted } from "../chat_events/untrusted_json.ts";
import type {
  GeminiCandidate,
  GeminiChunk,
  GeminiGrounding,
  GeminiPart,
  GeminiSupport,
  GeminiUsage,
} from "./gemini_chunk.ts";
import { GeminiToolCalls } from "./gemini_tool_calls.ts";
import { PartOffsets } from "./part_offsets.ts";
import { hasCounts, toModelUsage } from "./gemini_usage.ts";

const CHUNK_FIELDS = [
  "candidates",
  "usageMetadata",
  "promptFeedback",
  "error",
  "modelVersion",
  "responseId",
] as const satisfies (keyof GeminiChunk)[];

/** Finish reasons for an answer that a filter has cut. The names for images begin with `IMAGE_`. */
const POLICY_REASONS = /^(?:IMAGE_)?(?:SAFETY|RECITATION|BLOCKLIST|PROHIBITED_CONTENT)$|^(?:SPII|MODEL_ARMOR)$/;

/** Finish reasons for an answer that the model could not complete. */
const FAILURE_REASONS =
  /^(?:MALFORMED_.+|UNEXPECTED_TOOL_CALL|TOO_MANY_TOOL_CALLS|MISSING_THOUGHT_SIGNATURE|LANGUAGE|NO_IMAGE|IMAGE_OTHER)$/;

/** Maps one stream. */
export class GeminiMapper implements JsonEventMapper {
  readonly #answer: AnswerEmitter;
  readonly #toolCalls: GeminiToolCalls;
  readonly #grounding = new GroundingCollector();
  readonly #offsets = new PartOffsets();
  /** The index of the first candidate in the stream. Others are dropped, because the request asks for one. */
  #candidate: unknown;
  #hasCandidate = false;
  #unknownEvents = 0;

  constructor(answer: AnswerEmitter) {
    this.#answer = answer;
    this.#toolCalls = new GeminiToolCalls(answer);
  }

  get unknownEvents(): number {
    return this.#unknownEvents;
  }

  take(json: Untrusted<Record<string, unknown>>, event: string): void {
    const chunk = json as Untrusted<GeminiChunk>;
    if (event === "error" || isFailure(json)) return this.#answer.fail(providerStreamError(json).toData());
    if (!CHUNK_FIELDS.some((name) => name in chunk)) return void this.#unknownEvents++;
    const usage = asObject<GeminiUsage>(chunk.usageMetadata);
    if (usage !== undefined && hasCounts(usage)) this.#answer.noteUsage(() => toModelUsage(usage));
    for (const item of asList(chunk.candidates)) {
      const candidate = asObject<GeminiCandidate>(item);
      if (candidate !== undefined && this.#isFollowed(candidate.index ?? 0)) this.#takeCandidate(candidate);
    }
    const blockReason = asText(asObject<GeminiChunk["promptFeedback"]>(chunk.promptFeedback)?.blockReason);
    if (blockReason !== undefined) this.#answer.finish({ type: "refusal", reason: blockReason });
    // Last: the chunk may also have content.
    if (chunk.error) this.#answer.fail(providerStreamError(chunk).toData());
  }

  /** Emits the rest of the sources. A call that is still open was cut off, and is not emitted. */
  flush(): void {
    this.#emitSources(this.#grounding.take());
  }

  #isFollowed(index: unknown): boolean {
    if (!this.#hasCandidate) {
      this.#hasCandidate = true;
      this.#candidate = index;
    }
    return this.#candidate === index;
  }

  #takeCandidate(candidate: Untrusted<GeminiCandidate>): void {
    for (const [index, item] of asList(asObject<GeminiCandidate["content"]>(candidate.content)?.parts).entries()) {
      const part = asObject<GeminiPart>(item);
      if (part !== undefined) this.#offsets.add(part, index === 0);
      if (part === undefined || !this.#takePart(part)) this.#unknownEvents++;
    }
    this.#takeGrounding(candidate);
    const reason = asText(candidate.finishReason);
    if (reason === undefined) return;
    if (reason === "STOP") this.#toolCalls.close();
    // Until 2024 each chunk had one. The last one counts.
    this.#answer.finish(this.#endingFor(reason, asText(candidate.finishMessage)));
  }

  /** @returns false for a part of an unknown kind */
  #takePart(part: Untrusted<GeminiPart>): boolean {
    if ("functionCall" in part) return this.#toolCalls.take(part);
    const isKnown = this.#takeContent(part);
    const signature = asText(part.thoughtSignature);
    if (signature !== undefined) {
      this.#answer.emit({ type: "reasoning_signature", data: markState("gemini", signature) });
    }
    return isKnown || signature !== undefined;
  }

  #takeContent(part: Untrusted<GeminiPart>): boolean {
    if (typeof part.text === "string") {
      this.#answer.emitText(part.thought === true ? "reasoning" : "text", part.text);
      return true;
    }
    const code = asObject<GeminiPart["executableCode"]>(part.executableCode);
    if (typeof code?.code === "string") return this.#show(asText(code.language) ?? "", code.code);
    const result = asObject<GeminiPart["codeExecutionResult"]>(part.codeExecutionResult);
    if (result !== undefined) return this.#show("", asText(result.output) ?? asText(result.outcome) ?? "");
    const image = asObject<GeminiPart["inlineData"]>(part.inlineData);
    const url = imageUrlOf(image?.mimeType, image?.data);
    // An image of a thought is a draft. The final one follows.
    if (url !== undefined && part.thought !== true) this.#answer.emit({ type: "base64_image", data: url });
    return url !== undefined;
  }

  #show(language: string, code: string): true {
    this.#answer.emitText("reasoning", shownCode(language, code));
    return true;
  }

  #takeGrounding(candidate: Untrusted<GeminiCandidate>): void {
    const metadata = asObject<GeminiGrounding>(candidate.groundingMetadata);
    const sources = asList(metadata?.groundingChunks).map((chunk) => this.#takeSources(chunk));
    for (const support of asList(metadata?.groundingSupports)) this.#takeSupport(support, sources);
    for (const query of asList(metadata?.webSearchQueries)) this.#grounding.addQuery(query);
    const citations = asObject<GeminiCandidate["citationMetadata"]>(candidate.citationMetadata);
    // Vertex calls the list `citations`.
    for (const item of [...asList(citations?.citationSources), ...asList(citations?.citations)]) this.#takeSource(item);
    this.#emitSources(this.#grounding.takeGrown());
  }

  #emitSources(grounding: Grounding | undefined): void {
    if (grounding !== undefined) this.#answer.emit({ type: "grounding", data: grounding });
  }

  /** A grounding chunk names its kind: `web`, `retrievedContext`, `maps`. */
  #takeSources(chunk: unknown): number | undefined {
    const sources = Object.values(asObject(chunk) ?? {}).map((source) => this.#takeSource(source));
    return sources.find((index) => index !== undefined);
  }

  #takeSource(value: unknown): number | undefined {
    const source = asObject<{ uri: unknown; title: unknown }>(value);
    return this.#grounding.addCitation(source?.uri, source?.title);
  }

  /** @param sources the index of each grounding chunk among our citations */
  #takeSupport(value: unknown, sources: readonly (number | undefined)[]): void {
    const support = asObject<GeminiSupport>(value);
    const segment = asObject<GeminiSupport["segment"]>(support?.segment);
    const cited = asList(support?.groundingChunkIndices).map((at) => typeof at === "number" ? sources[at] : undefined);
    this.#grounding.addMark(this.#offsets.toUtf16(segment?.partIndex, segment?.endIndex), cited);
  }

  #endingFor(reason: string, message: string | undefined): Ending {
    if (POLICY_REASONS.test(reason)) return { type: "refusal", reason };
    if (FAILURE_REASONS.test(reason)) {
      const text = message === undefined ? "The model could not complete its answer." : redact(message);
      return {
        type: "error",
        data: new ChatError("ProviderBizError", text, { body: { finishReason: reason } }).toData(),
      };
    }
    if (reason === "MAX_TOKENS") return { type: "stop", reason: "length" };
    if (reason === "STOP") return { type: "stop", reason: this.#answer.hasToolCalls ? "tool_calls" : "stop" };
    return { type: "stop", reason: reason.toLowerCase() };
  }
}

/** Servers in front of a model send `detail` or `message` instead of a chunk. */
function isFailure(json: Untrusted<Record<string, unknown>>): boolean {
  return !("candidates" in json) && !("error" in json) && ("detail" in json || "message" in json);
}
