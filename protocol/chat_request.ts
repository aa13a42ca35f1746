/**
 * The body of `POST /api/chat`: its types and its limits. The server checks a body against them in
 * `routes/parse_chat_request.ts`, where the compiler compares its schemas with these types.
 * @see https://platform.openai.com/docs/api-reference/chat/create for the meaning of the fields
 * @module
 */

/** The most messages in one request. */
export const MAX_MESSAGES = 200;
/** The most content parts in all messages of one request. */
export const MAX_CONTENT_PARTS = 10_000;
/** The most tools in one request, and the most tool calls in one message. */
export const MAX_TOOLS = 128;
/** The longest id, or name of a model or tool, in UTF-16 code units. */
export const MAX_NAME_CHARS = 256;
/** The most stop sequences, the same as in OpenAI's API. */
export const MAX_STOP_SEQUENCES = 4;
/** How deep objects and arrays may nest in a field that goes to the provider as it is. Much deeper, `JSON.stringify` overflows. */
export const MAX_NESTING = 100;

/** A part of a message that is more than one string. */
export type ContentPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "refusal"; readonly refusal: string }
  | { readonly type: "image_url"; readonly image_url: { readonly url: string; readonly detail?: string } }
  | { readonly type: "input_audio"; readonly input_audio: { readonly data: string; readonly format: string } }
  | {
    readonly type: "file";
    /** The file's data. An id of a file at the provider is not accepted: it would name a file of the operator's account. */
    readonly file: { readonly file_data: string; readonly filename?: string };
  };

/** A complete tool call in an assistant message. */
export interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
  /** The provider's opaque state that came with the call. Only the provider that sent it gets it back. */
  readonly thoughtSignature?: string;
}

/** The model's reasoning before its answer, as it goes back to the provider. */
export interface Reasoning {
  readonly content: string;
  /** The last `reasoning_signature` of the answer, unchanged. Only the provider that sent it gets it back. */
  readonly signature?: string;
}

/** The author of a message. */
export type ChatRole = "system" | "developer" | "user" | "assistant" | "tool";

/** One message of the conversation. */
export interface ChatMessage {
  readonly role: ChatRole;
  /** Null only in an assistant message that has tool calls. */
  readonly content: string | readonly ContentPart[] | null;
  readonly name?: string;
  /** The refusal in an assistant message of OpenAI's API, in place of content. */
  readonly refusal?: string;
  readonly reasoning?: Reasoning;
  readonly tool_calls?: readonly ToolCall[];
  readonly tool_call_id?: string;
}

/** A tool that the model may call. `parameters` is a JSON Schema and goes to the provider as it is. */
export interface ToolDefinition {
  readonly type: "function";
  readonly function: {
    readonly name: string;
    readonly description?: string;
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly strict?: boolean;
  };
}

/** A checked request: only known fields, each of the right type. */
export interface ChatRequest {
  readonly messages: readonly ChatMessage[];
  /** False requests one JSON object instead of a stream. */
  readonly stream: boolean;
  /** The answer outlives its connection: it can be read again, and closing the connection does not stop it. */
  readonly resumable?: boolean;
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
