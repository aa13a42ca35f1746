/**
 * Translates the messages of a conversation into the input items of the Responses API.
 * @see https://platform.openai.com/docs/api-reference/responses/create
 * @module
 */
import type { ChatMessage, ContentPart, ToolCall } from "../../protocol/chat_request.ts";
import { unmarkState } from "../chat_events/provider_state.ts";
import { unsupportedField } from "../chat_events/unsupported_field.ts";
import { CUSTOM_CALL } from "./responses_tool_calls.ts";

/** An input item: a message, a call, its output, or reasoning. */
export type InputItem = Readonly<Record<string, unknown>>;

/**
 * Translates the messages.
 * @throws {ChatError} `InvalidRequestFormat` for content that the API cannot take
 */
export function toInput(messages: readonly ChatMessage[]): InputItem[] {
  const customCalls = new Set<string>();
  return messages.flatMap((message, at) => {
    const path = `messages[${at}].content`;
    switch (message.role) {
      case "system":
      case "developer":
      case "user":
        return [{ role: message.role, content: toContent(message.content, path, toInputPart) }];
      case "assistant":
        return assistantItems(message, path, customCalls);
      case "tool":
        return [toOutput(message, path, customCalls)];
      default:
        return message.role satisfies never;
    }
  });
}

/** Reasoning stands before what it has led to. Alone it would be refused. */
function assistantItems(message: ChatMessage, path: string, customCalls: Set<string>): InputItem[] {
  const { tool_calls = [], reasoning, refusal = "" } = message;
  const content = message.content || (refusal === "" ? "" : [{ type: "refusal", refusal } as const]);
  if (content === "" && tool_calls.length === 0) return [];
  for (const call of tool_calls) if (call.thoughtSignature === CUSTOM_CALL) customCalls.add(call.id);
  return [
    ...statesOf(reasoning?.signature).map(toReasoning),
    ...(content === "" ? [] : [{ role: "assistant", content: toContent(content, path, toOutputPart) }]),
    ...tool_calls.map(toCall),
  ];
}

/** The states of an answer's reasoning items. */
function statesOf(signature: string | undefined): string[] {
  return unmarkState("responses", signature)?.split(" ").filter((state) => state !== "") ?? [];
}

/** The state is the item's id and its encrypted content. */
function toReasoning(state: string): InputItem {
  const colon = state.indexOf(":");
  const id = state.slice(0, Math.max(colon, 0));
  return {
    type: "reasoning",
    ...(id !== "" && { id }),
    summary: [],
    encrypted_content: state.slice(colon + 1),
  };
}

function toCall({ id, function: { name, arguments: text }, thoughtSignature }: ToolCall): InputItem {
  return thoughtSignature === CUSTOM_CALL
    ? { type: "custom_tool_call", call_id: id, name, input: text }
    : { type: "function_call", call_id: id, name, arguments: text };
}

function toOutput({ content, tool_call_id: id = "" }: ChatMessage, path: string, customCalls: ReadonlySet<string>) {
  const type = customCalls.has(id) ? "custom_tool_call_output" : "function_call_output";
  return { type, call_id: id, output: toContent(content, path, toInputPart) };
}

type ToPart = (part: ContentPart, path: string) => InputItem;

function toContent(content: ChatMessage["content"], path: string, toPart: ToPart): string | InputItem[] {
  if (content === null || typeof content === "string") return content ?? "";
  return content.map((part, at) => toPart(part, `${path}[${at}]`));
}

function toInputPart(part: ContentPart): InputItem {
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text };
    case "refusal":
      return { type: "input_text", text: part.refusal };
    case "image_url": {
      const { url, detail = "auto" } = part.image_url;
      return { type: "input_image", image_url: url, detail };
    }
    case "input_audio":
      return { type: "input_audio", input_audio: part.input_audio };
    case "file": {
      // The API wants a name with the data, and none with an address.
      const { file_data, filename = "file.pdf" } = part.file;
      if (/^https?:\/\//i.test(file_data)) return { type: "input_file", file_url: file_data };
      return { type: "input_file", filename, file_data };
    }
    default:
      return part satisfies never;
  }
}

function toOutputPart(part: ContentPart, path: string): InputItem {
  if (part.type === "text") return { type: "output_text", text: part.text };
  if (part.type === "refusal") return { type: "refusal", refusal: part.refusal };
  throw unsupportedField(path, "must be text in an assistant's message for this model's provider");
}
