/**
 * The messages of AG-UI as ours. Reasoning is a message of its own there; with us it belongs to the assistant's message that it
 * led to.
 * @see https://docs.ag-ui.com/concepts/messages
 * @module
 */
import * as v from "valibot";
import { MAX_TOOLS } from "../../protocol/chat_request.ts";
import { asContentPart } from "../attached_file.ts";
import { toAssistantMessages } from "../assistant_message.ts";
import { type JsonObject, NAME, oneOf } from "../json_values.ts";
import { conversation, fields, listOf, object, STRING, tagged } from "../request_schema.ts";

const SOURCE = tagged("type", {
  data: fields({ type: v.literal("data"), value: STRING, mimeType: NAME }),
  url: fields({ type: v.literal("url"), value: STRING, mimeType: v.nullish(NAME) }),
});
const FILE_TYPES = ["image", "audio", "document"] as const;
const FILE = v.pipe(
  fields({ type: v.picklist(FILE_TYPES, oneOf(FILE_TYPES)), source: SOURCE }),
  asContentPart(({ type, source }) => {
    const mediaType = source.mimeType ?? type;
    return { mediaType, url: source.type === "url" ? source.value : `data:${mediaType};base64,${source.value}` };
  }),
);
const CONTENT_PART = tagged("type", {
  text: fields({ type: v.literal("text"), text: STRING }),
  image: FILE,
  audio: FILE,
  document: FILE,
});
const CONTENT = v.union([v.string(), listOf(CONTENT_PART, 1, Infinity)], "a string or an array of content parts");
const TOOL_CALL = object({
  id: NAME,
  function: object({ name: NAME, arguments: STRING }),
  encryptedValue: v.nullish(STRING),
});
const MESSAGE = tagged("role", {
  developer: fields({ role: v.literal("developer"), content: STRING }),
  system: fields({ role: v.literal("system"), content: STRING }),
  user: fields({ role: v.literal("user"), content: CONTENT }),
  assistant: fields({
    role: v.literal("assistant"),
    content: v.nullish(STRING, ""),
    toolCalls: v.nullish(listOf(TOOL_CALL, 0, MAX_TOOLS), []),
  }),
  tool: fields({ role: v.literal("tool"), toolCallId: NAME, content: CONTENT, error: v.nullish(STRING) }),
  reasoning: fields({ role: v.literal("reasoning"), content: STRING, encryptedValue: v.nullish(STRING) }),
  /** What the page shows beside the conversation. */
  activity: fields({ role: v.literal("activity") }),
});

/** The schema of the messages. */
export const AG_UI_MESSAGES = conversation(MESSAGE, "content");

type Message = v.InferOutput<typeof MESSAGE>;
type AnswerMessage = Extract<Message, { readonly role: "assistant" | "reasoning" }>;

/** The messages in the form of `POST /api/chat`. */
export function toChatMessages(messages: readonly Message[]): JsonObject[] {
  const translated: JsonObject[] = [];
  let answer: AnswerMessage[] = [];
  for (const message of messages) {
    if (message.role === "assistant" || message.role === "reasoning") {
      answer.push(message);
      continue;
    }
    if (message.role === "activity") continue;
    translated.push(...toAnswer(answer), toMessage(message));
    answer = [];
  }
  return [...translated, ...toAnswer(answer)];
}

function toMessage(message: Exclude<Message, AnswerMessage | { readonly role: "activity" }>): JsonObject {
  switch (message.role) {
    case "developer":
    case "system":
      return { role: message.role, content: message.content };
    case "user":
      return { role: message.role, content: message.content };
    case "tool":
      return {
        role: message.role,
        tool_call_id: message.toolCallId,
        content: message.content === "" ? message.error ?? "" : message.content,
      };
    default:
      return message satisfies never;
  }
}

/** The messages between two questions are one answer: a call and its result must stand side by side. */
function toAnswer(messages: readonly AnswerMessage[]): JsonObject[] {
  const parts = messages.filter((message) => message.role === "assistant");
  const reasoning = messages.filter((message) => message.role === "reasoning").map(({ content, encryptedValue }) => {
    return { text: content, signature: encryptedValue };
  });
  const calls = parts.flatMap(({ toolCalls }) => toolCalls).map(({ id, function: call, encryptedValue }) => {
    return { id, type: "function", function: call, thoughtSignature: encryptedValue };
  });
  return toAssistantMessages(parts.map((part) => part.content).join(""), reasoning, calls);
}
