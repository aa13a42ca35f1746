/**
 * The framework-free client of `POST /api/chat`: one function that asks and hands over events. The component uses it
 * for everything it sends; it is also a bundle of its own (`/chat-client.js`) for people with their own interface.
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

/** What to ask, of whom, and who listens. */
export interface StreamChatOptions {
  /** The address of `POST /api/chat`. */
  readonly endpoint: string | URL;
  /** The body, `stream` apart: this client always streams. */
  readonly request: Omit<ChatRequest, "stream">;
  /** Called synchronously, in order; the last call is a `stop` or an `error`. */
  readonly onEvent: (event: ChatEvent) => void;
  /** More request headers, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Gives the embed token that goes with a request, from the page's own backend. Asked for each request, and once more
   * when the server does not take the token: it may have expired on the way.
   */
  readonly getToken?: () => string | Promise<string>;
  /** Whether cookies go with the request; the same origin's only, by default. */
  readonly credentials?: RequestCredentials;
  /** Aborts the request, and with it the work at the provider. */
  readonly signal?: AbortSignal;
}

/**
 * Sends one request and hands over the events of its answer. Every failure, before the first byte or after it, is an
 * `error` event, so a caller handles one channel with exactly one ending. Nothing is sent twice.
 *
 * @returns when the terminal event has been handed over
 * @throws {DOMException} `AbortError` when `signal` aborts first, or what `onEvent` threw
 */
export async function streamChat(options: StreamChatOptions): Promise<void> {
  const { onEvent, getToken, signal } = options;
  let response: Response;
  try {
    response = await ask(options);
    if (response.status === 401 && getToken) {
      await response.body?.cancel();
      response = await ask(options);
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    return onEvent({ type: "error", data: UNREACHABLE });
  }
  if (!response.ok || response.body === null) {
    return onEvent({ type: "error", data: await readError(response, signal) });
  }
  await readChatEvents(response.body, onEvent, signal);
}

async function ask(options: StreamChatOptions): Promise<Response> {
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

/** The failure in a response that is no stream: ours as it stands, a stranger's page as nothing but its status. */
async function readError(response: Response, signal: AbortSignal | undefined): Promise<ChatErrorData> {
  const json = await response.json().catch(() => undefined) as
    | { errorType?: unknown; body?: { message?: unknown } }
    | undefined;
  signal?.throwIfAborted();
  const retryAfterSeconds = Number(response.headers.get("retry-after") ?? NaN);
  const wait = Number.isFinite(retryAfterSeconds) ? { retryAfterSeconds } : {};
  const { message, ...rest } = json?.body ?? {};
  if (typeof json?.errorType === "string" && typeof message === "string") {
    // Not looked up in the list: a newer server may know more types, and the list would weigh on every page.
    return { type: json.errorType as ChatErrorType, message, body: { ...rest, ...wait } };
  }
  return {
    type: response.status === 429 ? "RateLimitExceeded" : "InternalServerError",
    message: `The chat server answered with status ${response.status}.`,
    body: { status: response.status, ...wait },
  };
}
