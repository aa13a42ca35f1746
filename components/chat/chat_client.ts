/**
 * The framework-free client of `POST /api/chat`: functions that request an answer, take it up again and stop it. The
 * component sends all its requests through them; they are also a bundle of its own (`/chat-client.js`) for custom
 * interfaces.
 * @see ../docs/protocol.md
 * @module
 */
import type { ChatRequest } from "../../protocol/chat_request.ts";
import { type CallOptions, randomKey, send } from "./chat_call.ts";
import { type FollowOptions, followRun } from "./follow_run.ts";

export { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
export type { ChatErrorData, ChatErrorType } from "../../protocol/chat_error.ts";
export type { ChatEvent } from "../../protocol/chat_event.ts";
export { readChatEvents } from "../../protocol/chat_event_reader.ts";
export type { ChatMessage, ChatRequest } from "../../protocol/chat_request.ts";
export type { CallOptions, FollowOptions };

/** The request, where to send it and what receives the events. */
export interface StreamChatOptions extends FollowOptions {
  /** The URL of `POST /api/chat`. */
  readonly endpoint: string | URL;
  /** The body without the fields that this client sets. */
  readonly request: Omit<ChatRequest, "stream" | "resumable">;
  /** True for an answer that outlives its connection. A lost connection is then replaced without the caller's help. */
  readonly resumable?: boolean;
  /** Names a resumable answer before its URL is known, for `stopChat`. The default is random. */
  readonly key?: string;
}

/** The run to take up, and what receives its events. */
export interface ResumeChatOptions extends FollowOptions {
  /** The URL that `onRun` received. */
  readonly url: string | URL;
  /** The `id` of the last event that the caller has. The default is 0: all events are reported. */
  readonly after?: number;
}

/** A resumable answer whose URL is not known yet. */
export interface PendingRun {
  /** The URL of `POST /api/chat`. */
  readonly endpoint: string | URL;
  /** The key of the request. */
  readonly key: string;
}

/**
 * Sends one request and reports the events of its answer. Every failure is an `error` event, so a caller has one
 * channel with exactly one terminal event. A response with an error status is not repeated, except for a 401 with
 * `getToken`.
 *
 * A resumable request is repeated with the same key if its connection is lost before the response, which starts no
 * second answer. From then on the run is read by its own URL.
 *
 * @returns after the terminal event
 * @throws {DOMException} `AbortError` if `signal` aborts first
 * @throws whatever `onEvent` throws
 */
export async function streamChat(options: StreamChatOptions): Promise<void> {
  const { endpoint, request, resumable: isResumable = false, key = randomKey() } = options;
  const headers = {
    "content-type": "application/json",
    accept: "text/event-stream",
    ...(isResumable && { "idempotency-key": key }),
  };
  const body = JSON.stringify({ ...request, stream: true, ...(isResumable && { resumable: true }) });
  await followRun(options, { url: endpoint, method: "POST", headers, body }, isResumable);
}

/**
 * Reports the events of a run after `after`, those to come included. Like `streamChat` otherwise. A run that is gone
 * ends with an `error` event whose reason is `unexpected_end`.
 *
 * @returns after the terminal event
 * @throws {DOMException} `AbortError` if `signal` aborts first
 * @throws whatever `onEvent` throws
 */
export async function resumeChat(options: ResumeChatOptions): Promise<void> {
  const { url, after = 0 } = options;
  await followRun(options, { url, headers: {} }, true, after);
}

/**
 * Stops a run. Readers of it receive the event `stop` with `"cancelled"`. The request outlives the page.
 *
 * @param run its URL, or the request if the URL is not known yet
 * @returns when the server has responded. If it cannot be reached, the run ends when nobody has read it for a minute.
 */
export async function stopChat(run: string | URL | PendingRun, options: CallOptions = {}): Promise<void> {
  const isPending = typeof run === "object" && "key" in run;
  const url = isPending ? run.endpoint : run;
  const headers: Record<string, string> = isPending ? { "idempotency-key": run.key } : {};
  try {
    const response = await send({ url, method: "DELETE", keepalive: true, headers }, options);
    await response.body?.cancel();
  } catch {
    // Nothing to tell: see above.
  }
}
