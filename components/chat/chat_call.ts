/**
 * One HTTP request to the chat server: headers, embed token, cookies, and the error in a failed response.
 * @module
 */
import type { ChatErrorData, ChatErrorType } from "../../protocol/chat_error.ts";

/** What each request to the chat server carries. */
export interface CallOptions {
  /** More request headers, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Returns an embed token from the page's own backend. Called for each request, and once more after a 401, as the
   * token may have expired on the way.
   */
  readonly getToken?: () => string | Promise<string>;
  /** Whether to send cookies. The default is `same-origin`. */
  readonly credentials?: RequestCredentials;
}

/** A request, without what {@linkcode CallOptions} adds. */
export interface Call extends Omit<RequestInit, "headers"> {
  readonly url: string | URL;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Sends a request. A response with 401 is replaced by that to a second request with a new token.
 * @throws {TypeError} if the server cannot be reached, or whatever `getToken` throws
 */
export async function send({ url, headers, ...init }: Call, options: CallOptions): Promise<Response> {
  const { headers: more, getToken, credentials = "same-origin" } = options;
  const call = async () => {
    const token = await getToken?.();
    const authorization = token ? { authorization: `Bearer ${token}` } : {};
    return await fetch(url, { ...init, credentials, headers: { ...more, ...authorization, ...headers } });
  };
  const response = await call();
  if (response.status !== 401 || !getToken) return response;
  await response.body?.cancel();
  return await call();
}

/** The error of a server that cannot be reached. */
export const UNREACHABLE: ChatErrorData = {
  type: "ProviderNetworkError",
  message: "The chat server could not be reached.",
  body: { unreachable: true },
};

/** The error of a server that does not allow this page. */
export const ORIGIN_REFUSED: ChatErrorData = {
  type: "OriginNotAllowed",
  message: "The chat server does not allow this page's origin.",
};

/**
 * Distinguishes a server that refuses this page's origin from one that cannot be reached: browsers report both as the
 * same `TypeError`. A refusing server answers an opaque request but not one with CORS.
 */
export async function refusesOrigin(url: string | URL, signal: AbortSignal): Promise<boolean> {
  const probe = (mode: RequestMode) =>
    fetch(url, { method: "HEAD", mode, credentials: "omit", signal }).then(() => true, () => false);
  return await probe("no-cors") && !await probe("cors");
}

/**
 * Reads the error of a failed response: our JSON as it is, anything else reduced to its status. `body.retryAfterSeconds`
 * is the delay that the response asks for.
 */
export async function readError(response: Response): Promise<ChatErrorData> {
  const json = await response.json().catch(() => undefined) as
    | { errorType?: unknown; body?: { message?: unknown } }
    | undefined;
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

/** A key that nobody can guess. `crypto.randomUUID` is missing on pages without HTTPS. */
export function randomKey(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}
