/**
 * The limits on the size of a conversation. They are checked after its format, and before a provider is involved.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import type { ChatMessage, ChatRequest, ContentPart } from "../protocol/chat_request.ts";

/** The limits of one request's conversation. */
export interface ConversationLimits {
  readonly maxMessages: number;
  /**
   * The text in messages, and tools, schemas and other fields as JSON, in UTF-16 code units. Images, sound and files
   * count as bytes of the body.
   */
  readonly maxInputChars: number;
  readonly maxImages: number;
}

/** @throws {ChatError} `PayloadTooLarge`, which names the exceeded limit */
export function assertWithinLimits(request: ChatRequest, limits: ConversationLimits): void {
  const { messages, tools, tool_choice, response_format, stop } = request;
  const images = messages.reduce((sum, message) => sum + countImages(message), 0);
  const chars = messages.reduce((sum, message) => sum + countChars(message), 0) +
    [tools, tool_choice, response_format, stop].reduce((sum, field) => sum + (JSON.stringify(field)?.length ?? 0), 0);
  assertAtMost("messages", messages.length, limits.maxMessages, "MAX_MESSAGES");
  assertAtMost("characters", chars, limits.maxInputChars, "MAX_INPUT_CHARS");
  assertAtMost("images", images, limits.maxImages, "MAX_IMAGES");
}

function assertAtMost(what: string, count: number, max: number, setting: string): void {
  if (count <= max) return;
  throw new ChatError("PayloadTooLarge", `The conversation has ${count} ${what}, this server accepts ${max}.`, {
    body: { path: "messages", setting },
  });
}

/** The number of images in a message. */
export function countImages({ content }: ChatMessage): number {
  return Array.isArray(content) ? content.filter(({ type }) => type === "image_url").length : 0;
}

/** The length of a message's files in base64, or of their addresses, each. */
export function fileLengths({ content }: ChatMessage): readonly number[] {
  return Array.isArray(content)
    ? content.flatMap((part: ContentPart) => part.type === "file" ? [part.file.file_data.length] : [])
    : [];
}

/** The length of a message's text, reasoning and tool calls with their signatures, in UTF-16 code units. */
export function countChars({ content, reasoning, refusal = "", tool_calls = [] }: ChatMessage): number {
  const calls = tool_calls.reduce((sum, { function: { name, arguments: args }, thoughtSignature = "" }) => {
    return sum + name.length + args.length + thoughtSignature.length;
  }, refusal.length + (reasoning?.content.length ?? 0) + (reasoning?.signature?.length ?? 0));
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

/**
 * Everything in a request that becomes the model's input, as JSON. The bytes of images, sound and files are left out: they
 * are not text, and one of them would count as thousands of tokens.
 */
export function textOfRequest({ messages, ...rest }: Omit<ChatRequest, "stream">): string {
  const texts = messages.map(({ content, ...message }) => ({
    ...message,
    content: Array.isArray(content) ? content.map(withoutBytes) : content,
  }));
  return JSON.stringify({ ...rest, messages: texts });
}

function withoutBytes(part: ContentPart): unknown {
  switch (part.type) {
    case "text":
    case "refusal":
      return part;
    case "image_url":
    case "input_audio":
    case "file":
      return part.type;
    default:
      return part satisfies never;
  }
}
