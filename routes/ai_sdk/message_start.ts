/**
 * The beginning of a UI message stream: whose message the answer belongs to.
 *
 * After a tool call the answer continues the client's last message. A client that takes such an answer up, after a reload or a
 * lost connection, begins with an empty message. So it gets the parts that the message had before.
 * @module
 */
import * as v from "valibot";
import type { JsonObject } from "../json_values.ts";
import { OPAQUE_OBJECT } from "../request_schema.ts";
import { dataMessage } from "../stream_format.ts";
import { TOOL_TYPE } from "./ui_messages.ts";

/** The longest beginning that is kept with an answer, in characters. */
export const MAX_START_CHARS = 64 * 1024;

/** The beginning of an answer to a request. @param messageId of a new message, or of the one that the client has and continues */
export function startOf(messageId: string): string {
  return dataMessage({ type: "start", messageId });
}

/**
 * The beginning for a client that takes an answer up which continues `message`.
 * @returns undefined for a message that is too large to be kept
 */
export function replayedStartOf(messageId: string, message: JsonObject): string | undefined {
  if (!v.is(OPAQUE_OBJECT, message)) return undefined;
  let start = dataMessage({ type: "start", messageId, messageMetadata: message.metadata ?? undefined });
  for (const [index, part] of (message.parts as readonly JsonObject[]).entries()) {
    start += chunksOf(part, `before-${index}`).map(dataMessage).join("");
    if (start.length > MAX_START_CHARS) return undefined;
  }
  return start;
}

/** The chunks from which a client makes this part. */
function chunksOf(part: JsonObject, id: string): readonly JsonObject[] {
  const { type, text, citations, providerMetadata } = part;
  switch (type) {
    case "step-start":
      return [{ type: "start-step" }];
    case "text":
    case "reasoning":
      return [
        { type: `${type}-start`, id },
        { type: `${type}-delta`, id, delta: text },
        { type: `${type}-end`, id, citations, providerMetadata },
      ];
    default:
      // Files, sources and data are parts and chunks in the same form.
      return TOOL_TYPE.test(String(type)) ? toolChunksOf(part) : [part];
  }
}

/** `tool-input-available` would make the client run the tool again. */
function toolChunksOf({ type, toolName, toolCallId, input, rawInput, callProviderMetadata, ...call }: JsonObject) {
  const isDynamic = type === "dynamic-tool";
  const name = isDynamic ? toolName : String(type).slice("tool-".length);
  const { state, output, errorText, title, providerExecuted, preliminary } = call;
  return [
    {
      type: "tool-input-start",
      toolCallId,
      toolName: name,
      dynamic: isDynamic,
      title,
      providerExecuted,
      providerMetadata: callProviderMetadata,
    },
    { type: "tool-input-delta", toolCallId, inputTextDelta: typeof rawInput === "string" ? rawInput : textOf(input) },
    ...(state === "output-available"
      ? [{ type: "tool-output-available", toolCallId, output: output ?? null, providerExecuted, preliminary }]
      : []),
    ...(state === "output-error" ? [{ type: "tool-output-error", toolCallId, errorText, providerExecuted }] : []),
    ...(state === "output-denied" ? [{ type: "tool-output-denied", toolCallId }] : []),
  ];
}

function textOf(input: unknown): string {
  return JSON.stringify(input ?? {});
}
