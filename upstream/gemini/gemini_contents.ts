/**
 * Translates the messages of a conversation into Gemini's `contents` and `systemInstruction`.
 * @see https://ai.google.dev/api/caching#Content
 * @module
 */
import type { ChatMessage, ContentPart, ToolCall } from "../../protocol/chat_request.ts";
import { parseDataUrl } from "../chat_events/data_url.ts";
import { unmarkState } from "../chat_events/provider_state.ts";
import { unsupportedField } from "../chat_events/unsupported_field.ts";
import { asObject } from "../chat_events/untrusted_json.ts";

/** A part of a content: text, data, a call or its response. */
export type RequestPart = Readonly<Record<string, unknown>>;

/** A turn of the conversation. */
export interface RequestContent {
  readonly role: "user" | "model";
  readonly parts: readonly RequestPart[];
}

/** The messages in Gemini's form. */
export interface GeminiConversation {
  /** The parts of all system messages, in order. */
  readonly system: readonly RequestPart[];
  readonly contents: readonly RequestContent[];
}

/**
 * Google's documented signature for a call that the model did not make itself: one of another provider, or of a client that
 * lost the signature. Without any, Gemini 3 refuses the conversation.
 * @see https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const FOREIGN_SIGNATURE = "skip_thought_signature_validator";

/** Types of files that are known by the end of their address only. */
const MIME_TYPES: Readonly<Record<string, string>> = {
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  pdf: "application/pdf",
  png: "image/png",
  webp: "image/webp",
};

/**
 * Translates the messages.
 * @param requiresSignatures whether the model refuses calls without a signature
 * @throws {ChatError} `InvalidRequestFormat` for content that Gemini cannot take
 */
export function toContents(messages: readonly ChatMessage[], requiresSignatures: boolean): GeminiConversation {
  const system: RequestPart[] = [];
  const contents: { role: "user" | "model"; parts: RequestPart[]; isToolTurn: boolean }[] = [];
  const names = new Map<string, string>();
  messages.forEach((message, at) => {
    const path = `messages[${at}]`;
    if (message.role === "system" || message.role === "developer") return system.push(...partsOf(message, path));
    for (const call of message.tool_calls ?? []) names.set(call.id, call.function.name);
    const isToolTurn = message.role === "tool";
    const role = message.role === "assistant" ? "model" : "user";
    const parts = isToolTurn ? toolParts(message, path, names) : partsOf(message, path);
    if (role === "model") parts.push(...stateAndCalls(message, requiresSignatures));
    if (parts.length === 0) return;
    // The responses to parallel calls belong into one turn, as do the parts of an answer in several messages.
    const last = contents.at(-1);
    if (last?.role === role && last.isToolTurn === isToolTurn && (isToolTurn || role === "model")) {
      last.parts.push(...parts);
    } else {
      contents.push({ role, parts, isToolTurn });
    }
  });
  return { system, contents: contents.map(({ role, parts }) => ({ role, parts })) };
}

function partsOf({ content, refusal = "" }: ChatMessage, path: string): RequestPart[] {
  if (content === null || typeof content === "string") {
    const text = content || refusal;
    return text === "" ? [] : [{ text }];
  }
  return content.map((part, at) => partOf(part, `${path}.content[${at}]`));
}

function partOf(part: ContentPart, path: string): RequestPart {
  switch (part.type) {
    case "text":
      return { text: part.text };
    case "refusal":
      return { text: part.refusal };
    case "image_url":
      return dataPart(part.image_url.url, `${path}.image_url.url`);
    case "input_audio":
      return { inlineData: { mimeType: `audio/${part.input_audio.format}`, data: part.input_audio.data } };
    case "file":
      return dataPart(part.file.file_data, `${path}.file.file_data`);
    default:
      return part satisfies never;
  }
}

/** Inline data, or the address of a file that Gemini fetches itself. */
function dataPart(url: string, path: string): RequestPart {
  const inlineData = parseDataUrl(url);
  if (inlineData !== undefined) return { inlineData };
  if (!URL.canParse(url) || !/^https?:/i.test(url)) {
    throw unsupportedField(path, "must be a data: URL with base64, or an http(s) URL");
  }
  const extension = /\.([a-z]+)$/i.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? "";
  const mimeType = Object.hasOwn(MIME_TYPES, extension) ? MIME_TYPES[extension] : undefined;
  return { fileData: { ...(mimeType !== undefined && { mimeType }), fileUri: url } };
}

/** The signature of the answer as a part of its own, as it came, and the calls. */
function stateAndCalls({ reasoning, tool_calls = [] }: ChatMessage, requiresSignatures: boolean): RequestPart[] {
  const signature = unmarkState("gemini", reasoning?.signature);
  return [
    ...(signature === undefined ? [] : [{ text: "", thoughtSignature: signature }]),
    ...tool_calls.map((call, at) => callPart(call, at === 0 && requiresSignatures)),
  ];
}

/** Of parallel calls, only the first one has a signature. */
function callPart({ id, function: { name, arguments: text }, thoughtSignature }: ToolCall, isRequired: boolean) {
  const signature = unmarkState("gemini", thoughtSignature) ?? (isRequired ? FOREIGN_SIGNATURE : undefined);
  return {
    functionCall: { id, name, args: parseArguments(text) },
    ...(signature !== undefined && { thoughtSignature: signature }),
  };
}

/** Arguments as an object. Others, such as JSON that was cut off, are passed on as text: the model sees what it sent. */
function parseArguments(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === "") return {};
  try {
    const args = asObject(JSON.parse(text));
    if (args !== undefined) return args;
  } catch {
    // No JSON.
  }
  return { arguments: text };
}

/** The response to a call. Its images and files stand beside it. */
function toolParts(message: ChatMessage, path: string, names: ReadonlyMap<string, string>): RequestPart[] {
  const { content, tool_call_id: id = "" } = message;
  const name = names.get(id) ?? message.name;
  if (name === undefined) throw unsupportedField(`${path}.tool_call_id`, "names no earlier tool call");
  const parts = typeof content === "string" ? [{ type: "text", text: content } as const] : content ?? [];
  const texts = parts.map((part) => part.type === "text" ? part.text : "");
  return [
    { functionResponse: { id, name, response: { output: texts.join("") } } },
    ...parts.flatMap((part, at) => part.type === "text" ? [] : [partOf(part, `${path}.content[${at}]`)]),
  ];
}
