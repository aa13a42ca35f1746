/**
 * Our events as AG-UI's, one `data:` message each. Ids are made from the run's id, so that a replay has the same ones.
 * @see https://docs.ag-ui.com/concepts/events
 * @module
 */
import { hash } from "node:crypto";
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ChatEvent, ModelUsage, ToolCallDelta } from "../../protocol/chat_event.ts";
import { FollowedCalls } from "../followed_calls.ts";
import { dataMessage, type EventEncoder, type TextFrame, textFrameOf } from "../stream_format.ts";

/** The encoder of one response. */
export class AgUiEncoder implements EventEncoder {
  readonly #threadId: string;
  readonly #runId: string;
  /** The beginning of all ids. */
  readonly #idPrefix: string;
  /** The id of the assistant's message, which has all text and all calls. */
  readonly #messageId: string;
  /** The frame of the message that is open. */
  #open: TextFrame | undefined;
  #reasonings = 0;
  readonly #calls = new FollowedCalls();
  #usage: ModelUsage | undefined;

  constructor(threadId: string, runId: string) {
    this.#threadId = threadId;
    this.#runId = runId;
    this.#idPrefix = shortIdOf(runId);
    this.#messageId = `${this.#idPrefix}-answer`;
  }

  begin(): string {
    return dataMessage({ type: "RUN_STARTED", threadId: this.#threadId, runId: this.#runId });
  }

  get textFrame(): TextFrame | undefined {
    return this.#open;
  }

  encode(event: ChatEvent): string {
    switch (event.type) {
      case "text":
        return event.data === "" ? "" : this.#text(event.data);
      case "reasoning":
        return event.data === "" ? "" : this.#reasoning(event.data);
      case "reasoning_signature":
        return this.#sign(event.data);
      case "tool_calls":
        return this.#close() + event.data.map((delta) => this.#callDelta(delta)).join("");
      case "base64_image":
      case "grounding":
      case "speed":
        return dataMessage({ type: "CUSTOM", name: event.type, value: event.data });
      case "usage":
        this.#usage = event.data;
        return "";
      case "stop":
        return this.#finish(event.data);
      case "error":
        return this.#fail(event.data);
      default:
        return event satisfies never;
    }
  }

  #text(delta: string): string {
    const messageId = this.#messageId;
    const content = { type: "TEXT_MESSAGE_CONTENT", messageId, delta };
    if (this.#open?.type === "text") return dataMessage(content);
    const before = this.#close();
    this.#open = textFrameOf("text", { ...content, delta: "" });
    return before + dataMessage({ type: "TEXT_MESSAGE_START", messageId, role: "assistant" }) + dataMessage(content);
  }

  #reasoning(delta: string): string {
    const start = this.#startReasoning();
    return start + dataMessage({ type: "REASONING_MESSAGE_CONTENT", messageId: this.#reasoningId, delta });
  }

  /** The state belongs to the reasoning before it, or to one without text. */
  #sign(encryptedValue: string): string {
    const start = this.#startReasoning();
    const entityId = this.#reasoningId;
    return start + dataMessage({ type: "REASONING_ENCRYPTED_VALUE", subtype: "message", entityId, encryptedValue });
  }

  #startReasoning(): string {
    if (this.#open?.type === "reasoning") return "";
    const before = this.#close();
    this.#reasonings++;
    const messageId = this.#reasoningId;
    this.#open = textFrameOf("reasoning", { type: "REASONING_MESSAGE_CONTENT", messageId, delta: "" });
    return before + dataMessage({ type: "REASONING_START", messageId }) +
      dataMessage({ type: "REASONING_MESSAGE_START", messageId, role: "reasoning" });
  }

  get #reasoningId(): string {
    return `${this.#idPrefix}-reasoning-${this.#reasonings}`;
  }

  #close(): string {
    const kind = this.#open?.type;
    this.#open = undefined;
    switch (kind) {
      case "text":
        return dataMessage({ type: "TEXT_MESSAGE_END", messageId: this.#messageId });
      case "reasoning":
        return dataMessage({ type: "REASONING_MESSAGE_END", messageId: this.#reasoningId }) +
          dataMessage({ type: "REASONING_END", messageId: this.#reasoningId });
      case undefined:
        return "";
      default:
        return kind satisfies never;
    }
  }

  #callDelta(delta: ToolCallDelta): string {
    const progress = this.#calls.add(delta);
    if (progress === undefined) return "";
    const { id: toolCallId, name: toolCallName, isNamed, input } = progress;
    const parentMessageId = this.#messageId;
    return (isNamed ? dataMessage({ type: "TOOL_CALL_START", toolCallId, toolCallName, parentMessageId }) : "") +
      argsOf(toolCallId, input);
  }

  #finish(reason: string): string {
    const isStopped = reason === "cancelled";
    return this.#close() + this.#finishCalls(reason) + dataMessage({
      type: "RUN_FINISHED",
      threadId: this.#threadId,
      runId: this.#runId,
      outcome: { type: isStopped ? "cancelled" : "success" },
      result: { finishReason: reason },
      ...this.#usageField(),
    });
  }

  /** The calls stay open: no tool may run for an answer that broke. */
  #fail({ type: code, message }: ChatErrorData): string {
    return this.#close() + dataMessage({ type: "RUN_ERROR", message, code, ...this.#usageField() });
  }

  /** Every call gets an end, as a run cannot finish without. One that was cut before its input has none then. */
  #finishCalls(reason: string): string {
    const empty = reason === "length" || reason === "cancelled" ? "" : "{}";
    return this.#calls.named.map(({ id: toolCallId, input, thoughtSignature: encryptedValue }) => {
      return (input === "" ? argsOf(toolCallId, empty) : "") +
        dataMessage({ type: "TOOL_CALL_END", toolCallId }) +
        (encryptedValue === undefined ? "" : dataMessage({
          type: "REASONING_ENCRYPTED_VALUE",
          subtype: "tool-call",
          entityId: toolCallId,
          encryptedValue,
        }));
    }).join("");
  }

  #usageField(): { readonly usage?: readonly object[] } {
    if (this.#usage === undefined) return {};
    const usage = this.#usage;
    return {
      // JSON leaves out what the provider did not count.
      usage: [{
        inputTokens: usage.totalInputTokens,
        outputTokens: usage.totalOutputTokens,
        totalTokens: usage.totalTokens,
        reasoningTokens: usage.outputReasoningTokens,
        cachedInputTokens: usage.inputCachedTokens,
        cacheWriteInputTokens: usage.inputWriteCacheTokens,
      }],
    };
  }
}

/** A client may choose a long id, with characters that JSON escapes. Every event would repeat it. */
function shortIdOf(runId: string): string {
  return /^[\w:.-]{1,64}$/.test(runId) ? runId : hash("sha256", runId).slice(0, 32);
}

function argsOf(toolCallId: string, delta: string): string {
  return delta === "" ? "" : dataMessage({ type: "TOOL_CALL_ARGS", toolCallId, delta });
}
