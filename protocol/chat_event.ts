/**
 * The events of a chat stream: the union, how one is written and how one is read. This is the wire contract; the names
 * and shapes are those that LobeChat's clients speak. A released name or shape does not change.
 * @see ../docs/protocol.md
 * @module
 */
import type { ChatErrorData } from "./chat_error.ts";
import type { SseMessage } from "./sse_parser.ts";

/** A piece of a tool call. Pieces with the same `id` belong together; their `arguments` are joined as text. */
export interface ToolCallDelta {
  /** The call's place among the calls of this answer, from 0. */
  readonly index: number;
  /** The call's id: on every piece, the provider's own where it sent one. */
  readonly id: string;
  readonly type: "function";
  readonly function: {
    /** The tool's name on the first piece that knows it, null on the others. */
    readonly name: string | null;
    /** The next fragment of the arguments, which are JSON once joined. */
    readonly arguments: string;
  };
}

/** A page the model's answer rests on. */
export interface Citation {
  readonly title?: string;
  readonly url: string;
}

/** Where the answer comes from, as the provider's web search tells it. */
export interface Grounding {
  readonly citations: readonly Citation[];
  readonly searchQueries?: readonly string[];
}

/** What the answer cost in tokens, as far as the provider said so; `cost` in US dollars. */
export interface ModelUsage {
  readonly totalInputTokens?: number;
  readonly totalOutputTokens?: number;
  readonly totalTokens?: number;
  readonly inputTextTokens?: number;
  readonly inputAudioTokens?: number;
  readonly inputImageTokens?: number;
  readonly inputCachedTokens?: number;
  readonly inputCacheMissTokens?: number;
  readonly inputWriteCacheTokens?: number;
  readonly inputCitationTokens?: number;
  readonly outputTextTokens?: number;
  readonly outputReasoningTokens?: number;
  readonly outputAudioTokens?: number;
  readonly outputImageTokens?: number;
  readonly acceptedPredictionTokens?: number;
  readonly rejectedPredictionTokens?: number;
  readonly cost?: number;
}

/** How fast the answer came, as the server saw it. */
export interface ModelSpeed {
  /** Milliseconds from the request to the first content. */
  readonly ttft: number;
  /** Output tokens a second from the first content to the last; absent where the provider gave no usage. */
  readonly tps?: number;
  /** Milliseconds from the first content to the last. */
  readonly duration: number;
  /** Milliseconds from the request to the end. */
  readonly latency: number;
}

/** One event of a stream. A stream is any number of content events, then `usage`, `speed`, and one `stop` or `error`. */
export type ChatEvent =
  | { readonly type: "text"; readonly data: string }
  | { readonly type: "reasoning"; readonly data: string }
  | { readonly type: "tool_calls"; readonly data: readonly ToolCallDelta[] }
  | { readonly type: "base64_image"; readonly data: string }
  | { readonly type: "grounding"; readonly data: Grounding }
  | { readonly type: "usage"; readonly data: ModelUsage }
  | { readonly type: "speed"; readonly data: ModelSpeed }
  | { readonly type: "stop"; readonly data: string }
  | { readonly type: "error"; readonly data: ChatErrorData };

/** The comment line that keeps an idle connection open. No blank line follows: LobeChat's client would take one for an event. */
export const HEARTBEAT = ": ping\n";

/** The headers of every chat stream. */
export const CHAT_STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  // `no-transform` keeps compressing proxies from collecting events.
  "cache-control": "no-store, no-transform",
  // Tells nginx not to buffer the answer.
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
} as const;

/** True for the event that ends a stream. */
export function isTerminal(event: ChatEvent): boolean {
  return event.type === "stop" || event.type === "error";
}

/**
 * The event as it goes over the wire: three lines and a blank one.
 * @param id the event's number within its stream: 1, 2, 3 …
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatChatEvent } from "./chat_event.ts";
 *
 * const wire = formatChatEvent(1, { type: "text", data: "Hi" });
 * assertEquals(wire, 'id: 1\nevent: text\ndata: "Hi"\n\n');
 * ```
 */
export function formatChatEvent(id: number, event: ChatEvent): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

const EVENT_TYPES: ReadonlySet<string> = new Set(
  [
    "text",
    "reasoning",
    "tool_calls",
    "base64_image",
    "grounding",
    "usage",
    "speed",
    "stop",
    "error",
  ] satisfies ChatEvent["type"][],
);

/**
 * The event in a message of our own stream, or undefined for one of a newer protocol that this client does not know.
 * Shapes are the server's promise and are not checked again here, beyond that strings are strings.
 * @throws {SyntaxError} when the data is not JSON of the event's kind
 */
export function parseChatEvent(message: SseMessage): ChatEvent | undefined {
  if (!EVENT_TYPES.has(message.event)) return undefined;
  const event = { type: message.event, data: JSON.parse(message.data) as unknown };
  const wantsString = event.type === "text" || event.type === "reasoning" || event.type === "base64_image" ||
    event.type === "stop";
  const matches = wantsString
    ? typeof event.data === "string"
    : event.type === "tool_calls"
    ? Array.isArray(event.data)
    : typeof event.data === "object" && event.data !== null;
  if (!matches) throw new SyntaxError(`Cannot read the ${event.type} event: its data has another shape`);
  return event as ChatEvent;
}
