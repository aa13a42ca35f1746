/**
 * Checks the body of `POST /api/chat`: untrusted JSON in, a `ChatRequest` with only known fields out. A field that a
 * client adds therefore never reaches the provider. The check stops at the first wrong field, and its cost is linear in
 * the body's size.
 * @see https://platform.openai.com/docs/api-reference/chat/create for the meaning of the fields
 * @module
 */
import * as v from "valibot";
import { ChatError } from "../protocol/chat_error.ts";
import {
  type ChatMessage,
  type ChatRequest,
  type ContentPart,
  MAX_STOP_SEQUENCES,
  MAX_TOOLS,
  type ToolCall,
  type ToolDefinition,
} from "../protocol/chat_request.ts";
import { isJsonObject, NAME, NAME_MESSAGE, oneOf, POSITIVE_INTEGER } from "./json_values.ts";
import { conversation, fields, listOf, object, OPAQUE_OBJECT, parseBody, STRING, tagged } from "./request_schema.ts";

/**
 * The request in a parsed JSON body. Unknown fields are dropped; null stands for an absent optional field, as in
 * OpenAI's API.
 * @throws {ChatError} `InvalidRequestFormat` with the path of the first wrong field, such as `messages[2].role`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseChatRequest } from "./parse_chat_request.ts";
 *
 * const request = parseChatRequest({ messages: [{ role: "user", content: "Hi" }], colour: "red" });
 * assertEquals(request, { messages: [{ role: "user", content: "Hi" }], stream: true });
 * ```
 */
export function parseChatRequest(body: unknown): ChatRequest {
  return assertStreamed(parseBody(CHAT_REQUEST, body));
}

/** Only a stream can be resumed. */
function assertStreamed(request: ChatRequest): ChatRequest {
  if (request.stream || request.resumable !== true) return request;
  throw new ChatError("InvalidRequestFormat", "resumable must be false where stream is false", {
    body: { path: "resumable" },
  });
}

const BOOLEAN = v.boolean("true or false");
const NUMBER = v.pipe(v.number("a number"), v.finite("a number"));
const INTEGER = v.pipe(v.number("a whole number"), v.safeInteger("a whole number"));
const TYPED_OBJECT = v.pipe(
  OPAQUE_OBJECT,
  v.forward(v.check(({ type }) => v.is(NAME, type), NAME_MESSAGE), ["type"]),
);

const CONTENT_PART = tagged("type", {
  text: fields({ type: v.literal("text"), text: STRING }),
  refusal: fields({ type: v.literal("refusal"), refusal: STRING }),
  image_url: fields({ type: v.literal("image_url"), image_url: object({ url: STRING, detail: v.nullish(NAME) }) }),
  input_audio: fields({ type: v.literal("input_audio"), input_audio: object({ data: STRING, format: NAME }) }),
  file: fields({ type: v.literal("file"), file: object({ file_data: STRING, filename: v.nullish(NAME) }) }),
});
const CONTENT_MESSAGE = "a string or an array of content parts";
const CONTENT = v.union([v.string(), listOf(CONTENT_PART, 1, Infinity)], CONTENT_MESSAGE);

const TOOL_CALL = object({
  id: NAME,
  type: v.nullish(v.literal("function", oneOf(["function"])), "function"),
  function: object({ name: NAME, arguments: STRING }),
  thoughtSignature: v.nullish(STRING),
});

const INPUT_MESSAGE = fields({
  role: v.picklist(["system", "developer", "user"]),
  content: CONTENT,
  name: v.nullish(NAME),
});
/** Of these an assistant message has at least one. Clients return a message as it came: with an empty list of calls, too. */
const MESSAGE_PARTS = ["content", "refusal", "reasoning", "tool_calls"];
const ASSISTANT_MESSAGE = v.pipe(
  fields({
    role: v.literal("assistant"),
    content: v.nullish(CONTENT),
    name: v.nullish(NAME),
    refusal: v.nullish(STRING),
    // LobeChat sends more fields beside these.
    reasoning: v.nullish(object({ content: v.nullish(STRING, ""), signature: v.nullish(STRING) })),
    tool_calls: v.nullish(listOf(TOOL_CALL, 0, MAX_TOOLS)),
  }),
  v.forward(
    v.check((message) => MESSAGE_PARTS.some((part) => part in message), CONTENT_MESSAGE),
    ["content"],
  ),
  v.transform(({ role, tool_calls = [], content = tool_calls.length > 0 ? null : "", ...rest }) => ({
    role,
    content,
    ...rest,
    ...(tool_calls.length > 0 && { tool_calls }),
  })),
);
const TOOL_MESSAGE = fields({ role: v.literal("tool"), content: CONTENT, name: v.nullish(NAME), tool_call_id: NAME });
const MESSAGE = tagged("role", {
  system: INPUT_MESSAGE,
  developer: INPUT_MESSAGE,
  user: INPUT_MESSAGE,
  assistant: ASSISTANT_MESSAGE,
  tool: TOOL_MESSAGE,
});

const TOOL = object({
  type: v.literal("function", oneOf(["function"])),
  function: object({
    name: NAME,
    description: v.nullish(STRING),
    parameters: v.nullish(OPAQUE_OBJECT),
    strict: v.nullish(BOOLEAN),
  }),
});

const CHAT_REQUEST = v.pipe(
  v.custom(isJsonObject, "a JSON object"),
  fields({
    messages: conversation(MESSAGE, "content"),
    stream: v.nullish(BOOLEAN, true),
    resumable: v.nullish(BOOLEAN),
    model: v.nullish(NAME),
    temperature: v.nullish(NUMBER),
    top_p: v.nullish(NUMBER),
    max_tokens: v.nullish(POSITIVE_INTEGER),
    max_completion_tokens: v.nullish(POSITIVE_INTEGER),
    stop: v.nullish(
      v.union([v.string(), listOf(STRING, 1, MAX_STOP_SEQUENCES)], "a string or an array of strings"),
    ),
    presence_penalty: v.nullish(NUMBER),
    frequency_penalty: v.nullish(NUMBER),
    seed: v.nullish(INTEGER),
    response_format: v.nullish(TYPED_OBJECT),
    reasoning_effort: v.nullish(NAME),
    tools: v.nullish(listOf(TOOL, 0, MAX_TOOLS)),
    tool_choice: v.nullish(v.union([NAME, TYPED_OBJECT], "a string or an object")),
    parallel_tool_calls: v.nullish(BOOLEAN),
  }),
);

// The schemas' output and the hand-written types of protocol/ must be assignable to each other, or this fails to compile.
type Output<S extends v.GenericSchema> = DeepReadonly<v.InferOutput<S>>;
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
type DeepRequired<T> = T extends object ? { [K in keyof T]-?: DeepRequired<T[K]> } : T;
/** Compares once more with every field required: a type that lacks an optional field is still assignable both ways. */
type Same<A, B> = [A, B, DeepRequired<A>, DeepRequired<B>] extends [B, A, DeepRequired<B>, DeepRequired<A>] ? true
  : false;
/** All fields of a union's members. A message's fields depend on its role, but ChatMessage is one interface. */
type Merged<U> = { readonly [K in KeyOf<U>]: FieldOf<U, K> };
type KeyOf<U> = U extends unknown ? keyof U : never;
type FieldOf<U, K> = U extends unknown ? K extends keyof U ? Exclude<U[K], undefined> : never : never;

true satisfies Same<Output<typeof CONTENT_PART>, ContentPart>;
true satisfies Same<Output<typeof TOOL_CALL>, ToolCall>;
true satisfies Same<Output<typeof TOOL>, ToolDefinition>;
true satisfies Same<Merged<Output<typeof MESSAGE>>, Required<ChatMessage>>;
true satisfies Same<Omit<Output<typeof CHAT_REQUEST>, "messages">, Omit<ChatRequest, "messages">>;
