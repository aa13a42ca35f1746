/**
 * Translates a conversation into Anthropic's: instructions apart, user and assistant in turns, results of tools in the
 * user's turn.
 * @see https://docs.anthropic.com/en/api/messages#body-messages
 * @module
 */
import type { ChatMessage, ToolCall } from "../../protocol/chat_request.ts";
import { asObject } from "../chat_events/untrusted_json.ts";
import { type ContentBlock, toContentBlocks } from "./anthropic_content.ts";
import { readThinkingBlocks } from "./thinking_state.ts";

/** A message of a request. */
export interface AnthropicMessage {
  readonly role: "user" | "assistant";
  readonly content: readonly ContentBlock[];
}

/** A conversation as the API wants it. */
export interface AnthropicConversation {
  readonly system: readonly ContentBlock[];
  readonly messages: readonly AnthropicMessage[];
}

/** @throws {ChatError} `InvalidRequestFormat` for content that the API has no block for */
export function toConversation(messages: readonly ChatMessage[]): AnthropicConversation {
  const system: ContentBlock[] = [];
  const turns: { role: AnthropicMessage["role"]; content: ContentBlock[] }[] = [];
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}].content`;
    if (message.role === "system" || message.role === "developer") {
      system.push(...toContentBlocks(message.content, path));
      continue;
    }
    const role = message.role === "assistant" ? "assistant" : "user";
    const blocks = toMessageBlocks(message, path);
    if (blocks.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: [...blocks] });
  }
  return {
    system,
    messages: turns.map((turn, index) => index === turns.length - 1 ? withoutTrailingSpace(turn) : turn),
  };
}

function toMessageBlocks(message: ChatMessage, path: string): readonly ContentBlock[] {
  const content = toContentBlocks(message.content, path);
  switch (message.role) {
    case "assistant": {
      const { reasoning, refusal, tool_calls = [] } = message;
      const text = content.length === 0 ? toContentBlocks(refusal ?? null, path) : content;
      const thinking = reasoning === undefined ? [] : readThinkingBlocks(reasoning);
      // Thinking alone is no message.
      if (text.length === 0 && tool_calls.length === 0) return [];
      return [...thinking.map((block) => ({ ...block })), ...text, ...tool_calls.map(toToolUse)];
    }
    case "tool":
      return [{
        type: "tool_result",
        tool_use_id: toToolId(message.tool_call_id ?? ""),
        ...(content.length > 0 && { content }),
      }];
    default:
      return content;
  }
}

function toToolUse({ id, function: { name, arguments: text } }: ToolCall): ContentBlock {
  return { type: "tool_use", id: toToolId(id), name, input: parseInput(text) };
}

/** The API accepts these characters only. Ids of other providers have more. */
function toToolId(id: string): string {
  return id.replace(/[^\w-]/g, "_");
}

/** The input has to be an object. That of a call that was cut off is not even JSON. */
function parseInput(text: string): object {
  try {
    return asObject(JSON.parse(text)) ?? {};
  } catch {
    return {};
  }
}

/** The API refuses white space at the end of an answer that the model is to continue. */
function withoutTrailingSpace({ role, content }: AnthropicMessage): AnthropicMessage {
  const last = content.at(-1);
  if (role !== "assistant" || last?.type !== "text") return { role, content };
  return { role, content: [...content.slice(0, -1), { ...last, text: String(last.text).trimEnd() }] };
}
