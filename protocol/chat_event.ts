/**
 * The events of a chat stream, their format and their parser. This is the wire contract: LobeChat's clients use the
 * same names and shapes, and a released name or shape does not change.
 * @see ../docs/protocol.md
 * @module
 */
import type { ChatErrorData } from "./chat_error.ts";
import type { SseMessage } from "./sse_parser.ts";

/** A fragment of a tool call. Fragments with the same `id` belong to one call; join their `arguments` as text. */
export interface ToolCallDelta {
  /** The call's position among the calls of the answer, from 0. */
  readonly index: number;
  /** The call's id, on every fragment: the provider's, unless that is missing or an earlier call of the conversation has it. */
  readonly id: string;
  readonly type: "function";
  readonly function: {
    /** The tool's name on the first fragment that has it; null on the others. */
    readonly name: string | null;
    /** The next fragment of the arguments, which are JSON once joined. */
    readonly arguments: string;
  };
  /** Opaque state of the provider that belongs to the call. Send it back with the call, unchanged. */
  readonly thoughtSignature?: string;
}

/** A web page that the answer cites. */
export interface Citation {
  readonly title?: string;
  readonly url: string;
}

/** A place in the answer's text that cites sources. */
export interface CitationMark {
  /** Where the mark stands: the offset in the answer's text, in UTF-16 code units. */
  readonly end: number;
  /** The cited sources, as indexes into `citations`. */
  readonly citations: readonly number[];
}

/** The sources of an answer, from the provider's web search. */
export interface Grounding {
  readonly citations: readonly Citation[];
  /** At most 256, by ascending `end`, at most one for each `end`. Absent where the provider sends no positions. */
  readonly marks?: readonly CitationMark[];
  readonly searchQueries?: readonly string[];
}

/** The provider's token counts. `cost` is in US dollars. */
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

/** The speed of an answer, measured by the server. */
export interface ModelSpeed {
  /** Milliseconds from the request to the first content. */
  readonly ttft: number;
  /** Output tokens a second, from the first content to the last; absent where the provider sent no usage. */
  readonly tps?: number;
  /** Milliseconds from the first content to the last. */
  readonly duration: number;
  /** Milliseconds from the request to the end. */
  readonly latency: number;
}

/** One event of a stream: any number of content events, then `usage` and `speed`, then one `stop` or `error`. */
export type ChatEvent =
  | { readonly type: "text"; readonly data: string }
  | { readonly type: "reasoning"; readonly data: string }
  | { readonly type: "reasoning_signature"; readonly data: string }
  | { readonly type: "tool_calls"; readonly data: readonly ToolCallDelta[] }
  | { readonly type: "base64_image"; readonly data: string }
  | { readonly type: "grounding"; readonly data: Grounding }
  | { readonly type: "usage"; readonly data: ModelUsage }
  | { readonly type: "speed"; readonly data: ModelSpeed }
  | { readonly type: "stop"; readonly data: string }
  | { readonly type: "error"; readonly data: ChatErrorData };

/** The comment that keeps an idle connection open. LobeChat's client would read a blank line after it as an event. */
export const HEARTBEAT = ": ping\n";

/** The headers of every chat stream. */
export const CHAT_STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  // `no-transform` prevents proxies from compressing, which delays events.
  "cache-control": "no-store, no-transform",
  // Switches off buffering in nginx.
  "x-accel-buffering": "no",
  "x-content-type-options": "nosniff",
} as const;

/** True for the event that ends a stream. */
export function isTerminal(event: ChatEvent): boolean {
  return event.type === "stop" || event.type === "error";
}

/**
 * Formats an event for the wire: three lines and a blank one.
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
    "reasoning_signature",
    "tool_calls",
    "base64_image",
    "grounding",
    "usage",
    "speed",
    "stop",
    "error",
  ] satisfies ChatEvent["type"][],
);

/** The events whose data is a string. */
const STRING_EVENTS: ReadonlySet<string> = new Set(
  ["text", "reasoning", "reasoning_signature", "base64_image", "stop"] satisfies ChatEvent["type"][],
);

/**
 * Parses an event of our own stream. It checks the JSON type of the data only: the server is trusted to send the right
 * shape.
 * @returns undefined for an unknown event, which a newer server may send
 * @throws {SyntaxError} when the data is not JSON, or not of the event's type
 */
export function parseChatEvent(message: SseMessage): ChatEvent | undefined {
  if (!EVENT_TYPES.has(message.event)) return undefined;
  const event = { type: message.event, data: JSON.parse(message.data) as unknown };
  const matches = STRING_EVENTS.has(event.type)
    ? typeof event.data === "string"
    : event.type === "tool_calls"
    ? Array.isArray(event.data)
    : typeof event.data === "object" && event.data !== null;
  if (!matches) throw new SyntaxError(`Cannot read the ${event.type} event: its data has another shape`);
  return event as ChatEvent;
}
