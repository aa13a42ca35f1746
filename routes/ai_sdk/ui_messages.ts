/**
 * The messages of Vercel's AI SDK as ours. One of their assistant messages holds all rounds of a tool loop, with a `step-start`
 * before each. Ours are one message a round, and one for each tool's result.
 * @see https://ai-sdk.dev/docs/reference/ai-sdk-core/ui-message
 * @module
 */
import * as v from "valibot";
import type { ContentPart } from "../../protocol/chat_request.ts";
import { asContentPart } from "../attached_file.ts";
import { toAssistantMessages } from "../assistant_message.ts";
import { isJsonObject, type JsonObject, NAME } from "../json_values.ts";
import { conversation, fields, listOf, OPAQUE, STRING, tagged } from "../request_schema.ts";
import { readState } from "./provider_metadata.ts";

const TEXT = fields({ type: v.literal("text"), text: STRING });
const REASONING = fields({ type: v.literal("reasoning"), text: STRING, providerMetadata: v.nullish(v.unknown()) });
const FILE = v.pipe(
  fields({ type: v.literal("file"), mediaType: NAME, url: STRING, filename: v.nullish(NAME) }),
  asContentPart((file) => file),
  v.transform((content) => ({ type: "file" as const, content })),
);
/** The types of a tool's parts. */
export const TOOL_TYPE = /^(?:tool-|dynamic-tool$)/;
/** A tool's name is in the type of its part; of a tool that the page does not know, in `toolName`. */
const TOOL = v.pipe(
  fields({
    type: STRING,
    toolName: v.nullish(NAME),
    toolCallId: NAME,
    state: STRING,
    input: v.optional(OPAQUE),
    rawInput: v.optional(OPAQUE),
    output: v.optional(OPAQUE),
    errorText: v.nullish(STRING),
    callProviderMetadata: v.nullish(v.unknown()),
    providerExecuted: v.nullish(v.boolean("true or false")),
    preliminary: v.nullish(v.boolean("true or false")),
  }),
  v.transform(({ type, toolName, ...call }) => ({
    ...call,
    type: "tool" as const,
    name: type === "dynamic-tool" ? toolName ?? "" : type.slice("tool-".length),
  })),
);
const STEP_START = fields({ type: v.literal("step-start") });
/** Parts of the application, of its sources, and of newer versions say nothing to a model. */
const OTHER = v.pipe(fields({ type: STRING }), v.transform(() => ({ type: "other" as const })));

type Part = v.InferOutput<
  typeof TEXT | typeof REASONING | typeof FILE | typeof TOOL | typeof STEP_START | typeof OTHER
>;
type ToolPart = Extract<Part, { readonly type: "tool" }>;

const PART = v.lazy((json): v.GenericSchema<JsonObject, Part> => {
  if (!isJsonObject(json)) return v.never("an object");
  switch (json.type) {
    case "text":
      return TEXT;
    case "reasoning":
      return REASONING;
    case "file":
      return FILE;
    case "step-start":
      return STEP_START;
    default: {
      const isTool = typeof json.type === "string" && TOOL_TYPE.test(json.type);
      return (isTool ? TOOL : OTHER) as v.GenericSchema<JsonObject, Part>;
    }
  }
});

const PARTS = listOf(PART, 0, Infinity);
const ID = v.nullish(NAME);
const MESSAGE = tagged("role", {
  system: fields({ role: v.literal("system"), id: ID, parts: PARTS }),
  user: fields({ role: v.literal("user"), id: ID, parts: PARTS }),
  assistant: fields({ role: v.literal("assistant"), id: ID, parts: PARTS }),
});

/** The schema of the messages. */
export const UI_MESSAGES = conversation(MESSAGE, "parts");

/** The messages in the form of `POST /api/chat`. */
export function toChatMessages(messages: v.InferOutput<typeof UI_MESSAGES>): JsonObject[] {
  return messages.flatMap(({ role, parts }) => {
    switch (role) {
      case "system":
        return [{ role, content: textOf(parts) }];
      case "user":
        return [{ role, content: contentOf(parts) }];
      case "assistant":
        return roundsOf(parts).flatMap(toRound);
      default:
        return role satisfies never;
    }
  });
}

function textOf(parts: readonly Part[]): string {
  return parts.map((part) => part.type === "text" ? part.text : "").join("");
}

function contentOf(parts: readonly Part[]): string | ContentPart[] {
  if (!parts.some(({ type }) => type === "file")) return textOf(parts);
  return parts.flatMap((part): ContentPart[] => {
    if (part.type === "text") return [part];
    return part.type === "file" ? [part.content] : [];
  });
}

/** The parts of each round of a tool loop. */
function roundsOf(parts: readonly Part[]): Part[][] {
  const rounds: Part[][] = [[]];
  for (const part of parts) {
    if (part.type === "step-start") rounds.push([]);
    else rounds.at(-1)!.push(part);
  }
  return rounds;
}

/** The messages of a round: the answer, and the results of its calls. */
function toRound(parts: readonly Part[]): JsonObject[] {
  const calls = parts.filter((part) => part.type === "tool").filter(isComplete);
  const reasoning = parts.filter((part) => part.type === "reasoning").map(({ text, providerMetadata }) => {
    return { text, signature: readState(providerMetadata, "signature") };
  });
  return [...toAssistantMessages(textOf(parts), reasoning, calls.map(toToolCall)), ...calls.map(toResult)];
}

/** A provider refuses a call without a result. What it ran itself is not for it. */
function isComplete({ state, providerExecuted, preliminary }: ToolPart): boolean {
  if (providerExecuted) return false;
  return state === "output-error" || state === "output-denied" || (state === "output-available" && !preliminary);
}

function toToolCall({ toolCallId, name, input, rawInput, callProviderMetadata }: ToolPart) {
  const value = input ?? rawInput ?? {};
  return {
    id: toolCallId,
    type: "function",
    // A string is the input that could not be parsed.
    function: { name, arguments: typeof value === "string" ? value : JSON.stringify(value) },
    thoughtSignature: readState(callProviderMetadata, "thoughtSignature"),
  };
}

function toResult({ toolCallId, state, output, errorText }: ToolPart) {
  const result = state === "output-available"
    ? output ?? null
    : errorText ?? "The user did not allow this tool to run.";
  return {
    role: "tool",
    tool_call_id: toolCallId,
    content: typeof result === "string" ? result : JSON.stringify(result),
  };
}
