/**
 * The framework-free client of `POST /api/chat`: one function that sends a request and reports events. The component
 * sends all its requests through it; it is also a bundle of its own (`/chat-client.js`) for custom interfaces.
 * @see ../docs/protocol.md
 * @module
 */
import type { ChatErrorData, ChatErrorType } from "../../protocol/chat_error.ts";
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { readChatEvents } from "../../protocol/chat_event_reader.ts";
import type { ChatRequest } from "../../protocol/chat_request.ts";

export { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
export type { ChatErrorData, ChatErrorType } from "../../protocol/chat_error.ts";
export type { ChatEvent } from "../../protocol/chat_event.ts";
export type { ChatMessage, ChatRequest } from "../../protocol/chat_request.ts";
export { readChatEvents };

/** The request, where to send it and what receives the events. */
export interface StreamChatOptions {
  /** The URL of `POST /api/chat`. */
  readonly endpoint: string | URL;
  /** The body without `stream`: this client always streams. */
  readonly request: Omit<ChatRequest, "stream">;
  /** Receives each event synchronously and in order. The last one is a `stop` or an `error`. */
  readonly onEvent: (event: ChatEvent) => void;
  /** More request headers, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Returns an embed token from the page's own backend. Called for each request, and once more after a 401, as the
   * token may have expired on the way.
   */
  readonly getToken?: () => string | Promise<string>;
  /** Whether to send cookies. The default is `same-origin`. */
  readonly credentials?: RequestCredentials;
  /** Aborts the request, and with it the provider's work. */
  readonly signal?: AbortSignal;
}

/**
 * Sends one request and reports the events of its answer. Every failure is an `error` event, so a caller has one
 * channel with exactly one ending. Only a 401 with `getToken` is retried, once.
 *
 * @returns after the terminal event
 * @throws {DOMException} `AbortError` if `signal` aborts first
 * @throws whatever `onEvent` throws
 */
export async function streamChat(options: StreamChatOptions): Promise<void> {
  const { onEvent, getToken, signal } = options;
  let response: Response;
  try {
    response = await post(options);
    if (response.status === 401 && getToken) {
      await response.body?.cancel();
      response = await post(options);
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    const isRefused = await refusesOrigin(options);
    signal?.throwIfAborted();
    return onEvent({ type: "error", data: isRefused ? ORIGIN_REFUSED : UNREACHABLE });
  }
  if (!response.ok || response.body === null) {
    return onEvent({ type: "error", data: await readError(response, signal) });
  }
  await readChatEvents(response.body, onEvent, signal);
}

async function post(options: StreamChatOptions): Promise<Response> {
  const { endpoint, request, headers, getToken, credentials = "same-origin", signal } = options;
  const token = await getToken?.();
  return await fetch(endpoint, {
    method: "POST",
    headers: {
      ...headers,
      ...(token && { authorization: `Bearer ${token}` }),
      "content-type": "application/json",
      accept: "text/event-stream",
    },
    body: JSON.stringify({ ...request, stream: true }),
    credentials,
    ...(signal && { signal }),
  });
}

const UNREACHABLE: ChatErrorData = {
  type: "ProviderNetworkError",
  message: "The chat server could not be reached.",
  body: { unreachable: true },
};
const ORIGIN_REFUSED: ChatErrorData = {
  type: "OriginNotAllowed",
  message: "The chat server does not allow this page's origin.",
};

/**
 * Distinguishes a server that refuses this page's origin from one that cannot be reached: browsers report both as the
 * same `TypeError`. A refusing server answers an opaque request but not one with CORS.
 */
async function refusesOrigin({ endpoint, signal }: StreamChatOptions): Promise<boolean> {
  const probe = (mode: RequestMode) =>
    fetch(endpoint, { method: "HEAD", mode, credentials: "omit", ...(signal && { signal }) }).then(
      () => true,
      () => false,
    );
  return await probe("no-cors") && !await probe("cors");
}

/** Reads the error from a failed response: our JSON as it is, anything else reduced to its status. */
async function readError(response: Response, signal: AbortSignal | undefined): Promise<ChatErrorData> {
  const json = await response.json().catch(() => undefined) as
    | { errorType?: unknown; body?: { message?: unknown } }
    | undefined;
  signal?.throwIfAborted();
  const retryAfterSeconds = Number(response.headers.get("retry-after") ?? NaN);
  const wait = Number.isFinite(retryAfterSeconds) ? { retryAfterSeconds } : {};
  const { message, ...rest } = json?.body ?? {};
  if (typeof json?.errorType === "string" && typeof message === "string") {
    // Not checked against the list of types: a newer server may know more, and the list would add to every page.
    return { type: json.errorType as ChatErrorType, message, body: { ...rest, ...wait } };
  }
  return {
    type: response.status === 429 ? "RateLimitExceeded" : "InternalServerError",
    message: `The chat server responded with status ${response.status}.`,
    body: { status: response.status, ...wait },
  };
}
