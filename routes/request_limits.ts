/**
 * How large a conversation may be: counted here, after its shape has been checked, and before anyone is asked.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { ChatMessage, ChatRequest } from "../protocol/chat_request.ts";

/** The most that one request may carry. */
export interface RequestLimits {
  readonly maxMessages: number;
  /** Of all text in messages and tools together, in UTF-16 code units. Images, sound and files count as bytes of the body. */
  readonly maxInputChars: number;
  readonly maxImages: number;
}

/** @throws {ChatError} `PayloadTooLarge` that says which limit was passed */
export function assertWithinLimits({ messages, tools = [] }: ChatRequest, limits: RequestLimits): void {
  const images = messages.reduce((sum, message) => sum + countImages(message), 0);
  const chars = messages.reduce((sum, message) => sum + countChars(message), 0) +
    (tools.length === 0 ? 0 : JSON.stringify(tools).length);
  assertAtMost("messages", messages.length, limits.maxMessages);
  assertAtMost("characters", chars, limits.maxInputChars);
  assertAtMost("images", images, limits.maxImages);
}

function assertAtMost(what: string, count: number, max: number): void {
  if (count <= max) return;
  throw new ChatError("PayloadTooLarge", `The conversation has ${count} ${what}, this server takes ${max}.`, {
    body: { path: "messages" },
  });
}

/** The images in a message. */
export function countImages({ content }: ChatMessage): number {
  return Array.isArray(content) ? content.filter(({ type }) => type === "image_url").length : 0;
}

/** The characters of a message's text and of the arguments of its tool calls. */
export function countChars({ content, tool_calls = [] }: ChatMessage): number {
  const calls = tool_calls.reduce((sum, { function: { name, arguments: args } }) => sum + name.length + args.length, 0);
  if (content === null || typeof content === "string") return (content?.length ?? 0) + calls;
  return content.reduce((sum, part) => {
    switch (part.type) {
      case "text":
        return sum + part.text.length;
      case "refusal":
        return sum + part.refusal.length;
      case "image_url":
      case "input_audio":
      case "file":
        return sum;
      default:
        return part satisfies never;
    }
  }, calls);
}
