/**
 * What a client may ask of `POST /api/chat`: the type, its limits, and the check that turns untrusted JSON into it.
 * Only known fields come out, so nothing a stranger adds ever reaches the provider.
 * @see https://platform.openai.com/docs/api-reference/chat/create for the meaning of the fields
 * @module
 */
import { ChatError } from "./chat_error.ts";

/** The most messages one request may carry. */
export const MAX_MESSAGES = 200;
/** The most tools one request may offer. */
export const MAX_TOOLS = 128;
/** The longest name of a model, a tool, an id, in UTF-16 code units. */
export const MAX_NAME_CHARS = 256;
/** The most stop sequences, as OpenAI's API has it. */
export const MAX_STOP_SEQUENCES = 4;

/** The most objects and arrays inside of one another in what is passed on as it is. Deeper ones overflow `JSON.stringify`. */
export const MAX_NESTING = 100;

/** A piece of a message that is not plain text alone. */
export type ContentPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "refusal"; readonly refusal: string }
  | { readonly type: "image_url"; readonly image_url: { readonly url: string; readonly detail?: string } }
  | { readonly type: "input_audio"; readonly input_audio: { readonly data: string; readonly format: string } }
  | {
    readonly type: "file";
    /** The file itself. Its id at the provider is not taken: that would name files of the operator's account. */
    readonly file: { readonly file_data: string; readonly filename?: string };
  };

/** A finished tool call, as an assistant message repeats it. */
export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

/** Who speaks in a message. */
export type ChatRole = "system" | "developer" | "user" | "assistant" | "tool";

/** One message of the conversation. */
export interface ChatMessage {
  readonly role: ChatRole;
  /** Null only for an assistant message that consists of tool calls. */
  readonly content: string | readonly ContentPart[] | null;
  readonly name?: string;
  readonly tool_calls?: readonly ToolCall[];
  readonly tool_call_id?: string;
}

/** A tool that the model may call. `parameters` is a JSON Schema, passed on as it is. */
export interface ToolDefinition {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly strict?: boolean;
  };
}

/** A checked request: known fields of the right types, and nothing else. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** False asks for one JSON object instead of a stream. */
  readonly stream: boolean;
  readonly model?: string;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly stop?: string | readonly string[];
  readonly presence_penalty?: number;
  readonly frequency_penalty?: number;
  readonly seed?: number;
  readonly response_format?: Readonly<Record<string, unknown>>;
  readonly reasoning_effort?: string;
  readonly tools?: readonly ToolDefinition[];
  readonly tool_choice?: string | Readonly<Record<string, unknown>>;
  readonly parallel_tool_calls?: boolean;
}

type Json = Record<string, unknown>;
type Check<T> = (value: unknown, path: string) => T;

/**
 * The request in a parsed JSON body. Unknown fields are left out; null stands for an absent optional field, as in
 * OpenAI's API.
 * @throws {ChatError} `InvalidRequestFormat` with the path of the first wrong field, such as `messages[2].role`
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseChatRequest } from "./chat_request.ts";
 *
 * const request = parseChatRequest({ messages: [{ role: "user", content: "Hi" }], colour: "red" });
 * assertEquals(request, { messages: [{ role: "user", content: "Hi" }], stream: true });
 * ```
 */
export function parseChatRequest(body: unknown): ChatRequest {
  const json = isJson(body) ? body : invalid("", "a JSON object", body);
  return {
    messages: listOf(parseMessage, 1, MAX_MESSAGES)(json.messages, "messages"),
    stream: optional(json, "stream", boolean).stream ?? true,
    ...optional(json, "model", name),
    ...optional(json, "temperature", number),
    ...optional(json, "top_p", number),
    ...optional(json, "max_tokens", positiveInteger),
    ...optional(json, "max_completion_tokens", positiveInteger),
    ...optional(json, "stop", stopSequences),
    ...optional(json, "presence_penalty", number),
    ...optional(json, "frequency_penalty", number),
    ...optional(json, "seed", integer),
    ...optional(json, "response_format", typedObject),
    ...optional(json, "reasoning_effort", name),
    ...optional(json, "tools", listOf(parseTool, 0, MAX_TOOLS)),
    ...optional(
      json,
      "tool_choice",
      (value, path) => typeof value === "string" ? name(value, path) : typedObject(value, path),
    ),
    ...optional(json, "parallel_tool_calls", boolean),
  };
}

const ROLES = ["system", "developer", "user", "assistant", "tool"] as const satisfies readonly ChatRole[];

function parseMessage(value: unknown, path: string): ChatMessage {
  const json = object(value, path);
  const role = oneOf(ROLES)(json.role, `${path}.role`);
  const toolCalls = role === "assistant" ? optional(json, "tool_calls", listOf(parseToolCall, 1, MAX_TOOLS), path) : {};
  const mayBeNull = role === "assistant" && toolCalls.tool_calls !== undefined;
  return {
    role,
    content: mayBeNull && (json.content ?? null) === null ? null : parseContent(json.content, `${path}.content`),
    ...optional(json, "name", name, path),
    ...toolCalls,
    ...(role === "tool" ? { tool_call_id: name(json.tool_call_id, `${path}.tool_call_id`) } : {}),
  };
}

function parseContent(value: unknown, path: string): string | ContentPart[] {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return listOf(parseContentPart, 1, Infinity)(value, path);
  return invalid(path, "a string or an array of content parts", value);
}

const PART_TYPES = ["text", "refusal", "image_url", "input_audio", "file"] as const;

function parseContentPart(value: unknown, path: string): ContentPart {
  const json = object(value, path);
  const type = oneOf(PART_TYPES)(json.type, `${path}.type`);
  switch (type) {
    case "text":
      return { type, text: string(json.text, `${path}.text`) };
    case "refusal":
      return { type, refusal: string(json.refusal, `${path}.refusal`) };
    case "image_url": {
      const image = object(json.image_url, `${path}.image_url`);
      return {
        type,
        image_url: {
          url: string(image.url, `${path}.image_url.url`),
          ...optional(image, "detail", name, `${path}.image_url`),
        },
      };
    }
    case "input_audio": {
      const audio = object(json.input_audio, `${path}.input_audio`);
      return {
        type,
        input_audio: {
          data: string(audio.data, `${path}.input_audio.data`),
          format: name(audio.format, `${path}.input_audio.format`),
        },
      };
    }
    case "file": {
      const file = object(json.file, `${path}.file`);
      return {
        type,
        file: {
          file_data: string(file.file_data, `${path}.file.file_data`),
          ...optional(file, "filename", name, `${path}.file`),
        },
      };
    }
    default:
      return type satisfies never;
  }
}

function parseToolCall(value: unknown, path: string): ToolCall {
  const json = object(value, path);
  const called = object(json.function, `${path}.function`);
  return {
    id: name(json.id, `${path}.id`),
    type: oneOf(["function"])(json.type ?? "function", `${path}.type`),
    function: {
      name: name(called.name, `${path}.function.name`),
      arguments: string(called.arguments, `${path}.function.arguments`),
    },
  };
}

function parseTool(value: unknown, path: string): ToolDefinition {
  const json = object(value, path);
  const type = oneOf(["function"])(json.type, `${path}.type`);
  const definition = object(json.function, `${path}.function`);
  return {
    type,
    function: {
      name: name(definition.name, `${path}.function.name`),
      ...optional(definition, "description", string, `${path}.function`),
      ...optional(definition, "parameters", shallowObject, `${path}.function`),
      ...optional(definition, "strict", boolean, `${path}.function`),
    },
  };
}

function stopSequences(value: unknown, path: string): string | string[] {
  return typeof value === "string" ? value : listOf(string, 1, MAX_STOP_SEQUENCES)(value, path);
}

function typedObject(value: unknown, path: string): Json {
  const json = shallowObject(value, path);
  name(json.type, `${path}.type`);
  return json;
}

/** An object that is passed on as it is. Its depth is found level by level: a recursion would be what it is to prevent. */
function shallowObject(value: unknown, path: string): Json {
  const json = object(value, path);
  let level: unknown[] = [json];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_NESTING) return invalid(path, `at most ${MAX_NESTING} levels deep`, value);
    level = level.flatMap((item) => Object.values(item as Json)).filter((item) =>
      typeof item === "object" && item !== null
    );
  }
  return json;
}

/** `{[key]: checked}`, or `{}` where the field is absent or null: made for spreading. */
function optional<K extends string, T>(json: Json, key: K, check: Check<T>, parent = ""): { [P in K]?: T } {
  const value = json[key];
  if (value === undefined || value === null) return {};
  return { [key]: check(value, parent === "" ? key : `${parent}.${key}`) } as { [P in K]?: T };
}

function listOf<T>(check: Check<T>, min: number, max: number): Check<T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) return invalid(path, "an array", value);
    if (value.length < min) return invalid(path, `at least ${min} item${min === 1 ? "" : "s"}`, value);
    if (value.length > max) return invalid(path, `at most ${max} items`, value);
    return value.map((item, index) => check(item, `${path}[${index}]`));
  };
}

function oneOf<const T extends string>(values: readonly T[]): Check<T> {
  return (value, path) =>
    values.find((candidate) => candidate === value) ?? invalid(path, values.map((v) => `"${v}"`).join(" or "), value);
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(value: unknown, path: string): Json {
  return isJson(value) ? value : invalid(path, "an object", value);
}

function string(value: unknown, path: string): string {
  return typeof value === "string" ? value : invalid(path, "a string", value);
}

function name(value: unknown, path: string): string {
  const wanted = `a string of 1 to ${MAX_NAME_CHARS} characters`;
  return typeof value === "string" && value.length > 0 && value.length <= MAX_NAME_CHARS
    ? value
    : invalid(path, wanted, value);
}

function boolean(value: unknown, path: string): boolean {
  return typeof value === "boolean" ? value : invalid(path, "true or false", value);
}

function number(value: unknown, path: string): number {
  return typeof value === "number" && Number.isFinite(value) ? value : invalid(path, "a number", value);
}

function integer(value: unknown, path: string): number {
  return Number.isSafeInteger(value) ? value as number : invalid(path, "a whole number", value);
}

function positiveInteger(value: unknown, path: string): number {
  return Number.isSafeInteger(value) && value as number > 0
    ? value as number
    : invalid(path, "a whole number above 0", value);
}

/** Says what was wanted and what kind of thing was found; the value itself may be private and is not repeated. */
function invalid(path: string, wanted: string, found: unknown): never {
  const what = path === "" ? "The body" : path;
  throw new ChatError("InvalidRequestFormat", `${what} must be ${wanted}, found ${describe(found)}`, {
    body: path === "" ? {} : { path },
  });
}

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "string") return value === "" ? "an empty string" : `a string of ${value.length} characters`;
  if (typeof value === "number") return `the number ${value}`;
  return typeof value === "object" ? "an object" : String(value);
}
