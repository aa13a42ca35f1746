/**
 * Our events as the UI message stream of Vercel's AI SDK, version 1: one `data:` message a chunk, `[DONE]` at the end.
 * @see https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ChatEvent, Grounding, ToolCallDelta } from "../../protocol/chat_event.ts";
import { FollowedCalls } from "../followed_calls.ts";
import { dataMessage, type EventEncoder, type TextFrame, textFrameOf } from "../stream_format.ts";
import { metadataOf } from "./provider_metadata.ts";

/** The end of every stream. */
const DONE = "data: [DONE]\n\n";

/** Their finish reasons by ours. */
const FINISH_REASONS: ReadonlyMap<string, string> = new Map([
  ["stop", "stop"],
  ["length", "length"],
  ["tool_calls", "tool-calls"],
  ["function_call", "tool-calls"],
  ["content_filter", "content-filter"],
]);

/** The encoder of one response. */
export class UIMessageEncoder implements EventEncoder {
  readonly #beginning: string;
  /** The id of the part that is open, and its frame. */
  #open: { readonly id: string; readonly frame: TextFrame } | undefined;
  #parts = 0;
  /** The length of all text so far, in UTF-16 code units, and where the open part begins in it. */
  #textUnits = 0;
  #partStart = 0;
  /** The state of the open reasoning, which is sent with its end. */
  #signature: string | undefined;
  readonly #calls = new FollowedCalls();
  /** A later one replaces an earlier one, so they are sent at the end. */
  #grounding: Grounding | undefined;
  readonly #metadata: Record<string, unknown> = {};

  /** @param beginning says whose message the answer belongs to */
  constructor(beginning: string) {
    this.#beginning = beginning;
  }

  begin(): string {
    return this.#beginning + dataMessage({ type: "start-step" });
  }

  get textFrame(): TextFrame | undefined {
    return this.#open?.frame;
  }

  noteText(units: number): void {
    if (this.#open?.frame.type === "text") this.#textUnits += units;
  }

  encode(event: ChatEvent): string {
    switch (event.type) {
      case "text":
      case "reasoning":
        return this.#delta(event.type, event.data);
      case "reasoning_signature":
        return this.#sign(event.data);
      case "tool_calls":
        return this.#close() + event.data.map((delta) => this.#callDelta(delta)).join("");
      case "base64_image":
        return this.#close() + dataMessage({ type: "file", url: event.data, mediaType: mediaTypeOf(event.data) });
      case "grounding":
        this.#grounding = event.data;
        return "";
      case "usage":
      case "speed":
        this.#metadata[event.type] = event.data;
        return "";
      case "stop":
        return event.data === "cancelled" ? this.#abort() : this.#finish(event.data);
      case "error":
        return this.#fail(event.data);
      default:
        return event satisfies never;
    }
  }

  #delta(kind: TextFrame["type"], delta: string): string {
    if (delta === "") return "";
    const before = this.#open?.frame.type === kind ? "" : this.#close() + this.#start(kind);
    this.noteText(delta.length);
    return before + dataMessage({ type: `${kind}-delta`, id: this.#open!.id, delta });
  }

  #start(kind: TextFrame["type"]): string {
    const id = String(++this.#parts);
    this.#partStart = this.#textUnits;
    this.#open = { id, frame: textFrameOf(kind, { type: `${kind}-delta`, id, delta: "" }) };
    return dataMessage({ type: `${kind}-start`, id });
  }

  #close(): string {
    if (this.#open === undefined) return "";
    const { id, frame } = this.#open;
    const more = frame.type === "text" ? this.#citations() : metadataOf({ signature: this.#signature });
    this.#open = undefined;
    this.#signature = undefined;
    return dataMessage({ type: `${frame.type}-end`, id, ...more });
  }

  /** The marks in the open part. Sources that come after its end have no position. */
  #citations(): { readonly citations?: readonly object[] } {
    const { citations: sources, marks = [] } = this.#grounding ?? { citations: [] };
    const citations = marks.filter(({ end }) => end > this.#partStart && end <= this.#textUnits).flatMap((mark) => {
      return mark.citations.map((index) => {
        const { url, title } = sources[index]!;
        const source = { type: "source", sourceType: "url", id: url, url, title };
        return { source, endIndex: mark.end - this.#partStart };
      });
    });
    return citations.length === 0 ? {} : { citations };
  }

  /** The state belongs to the reasoning before it, or to one without text. */
  #sign(signature: string): string {
    const before = this.#open?.frame.type === "reasoning" ? "" : this.#close() + this.#start("reasoning");
    this.#signature = signature;
    return before;
  }

  #callDelta(delta: ToolCallDelta): string {
    const progress = this.#calls.add(delta);
    if (progress === undefined) return "";
    const { id: toolCallId, name: toolName, isNamed, input: inputTextDelta } = progress;
    return (isNamed ? dataMessage({ type: "tool-input-start", toolCallId, toolName }) : "") +
      (inputTextDelta === "" ? "" : dataMessage({ type: "tool-input-delta", toolCallId, inputTextDelta }));
  }

  #finish(reason: string): string {
    const finishReason = FINISH_REASONS.get(reason) ?? "other";
    return this.#close() + this.#finishCalls(reason) + this.#closing() + dataMessage({ type: "finish-step" }) +
      dataMessage({ type: "finish", finishReason }) + DONE;
  }

  /** The calls stay incomplete: no tool may run for an answer that was stopped. */
  #abort(): string {
    return this.#close() + this.#closing() + dataMessage({ type: "abort", reason: "cancelled" }) + DONE;
  }

  #fail({ message }: ChatErrorData): string {
    return this.#close() + this.#closing() + dataMessage({ type: "error", errorText: message }) +
      dataMessage({ type: "finish", finishReason: "error" }) + DONE;
  }

  /** The sources and the metadata. */
  #closing(): string {
    const urls = new Map(this.#grounding?.citations.map((citation) => [citation.url, citation]));
    const { searchQueries } = this.#grounding ?? {};
    const messageMetadata = { ...this.#metadata, ...(searchQueries && { searchQueries }) };
    const hasMetadata = Object.keys(messageMetadata).length > 0;
    return Array.from(urls.values(), ({ url, title }) => {
      return dataMessage({ type: "source-url", sourceId: url, url, title });
    }).join("") + (hasMetadata ? dataMessage({ type: "message-metadata", messageMetadata }) : "");
  }

  #finishCalls(reason: string): string {
    // A tool without parameters may get no input. In an answer that was cut, the input had not begun.
    const empty = reason === "length" ? "" : "{}";
    return this.#calls.named.map(({ id: toolCallId, name: toolName, input, thoughtSignature }) => {
      const call = { toolCallId, toolName, ...metadataOf({ thoughtSignature }) };
      try {
        return dataMessage({ type: "tool-input-available", ...call, input: JSON.parse(input.trim() || empty) });
      } catch {
        const errorText = "The model sent a tool call whose input is not valid JSON.";
        return dataMessage({ type: "tool-input-error", ...call, input, errorText });
      }
    }).join("");
  }
}

function mediaTypeOf(url: string): string {
  return /^data:(\w+\/[\w.+-]+)/.exec(url)?.[1] ?? "image/png";
}
