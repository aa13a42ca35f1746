/**
 * Forwards the requests of proxy mode to a provider, and its responses back. The body goes from socket to socket without
 * entering JavaScript, so nothing can change it. When the provider breaks off, the client's response breaks off.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { providerHttpError, readRetryAfter } from "./chat_events/provider_error.ts";
import type { ProviderAccess } from "./chat_events/provider_config.ts";
import { hasContentCoding } from "./http/content_coding.ts";
import { LinkedController } from "./http/linked_controller.ts";
import { createProviderFetch } from "./http/provider_fetch.ts";
import { providerHeaders } from "./provider_auth.ts";

/** The client's headers that are forwarded. Others would give the provider more data about users than it needs. */
const REQUEST_HEADERS = [
  "accept",
  "anthropic-beta",
  "anthropic-version",
  "content-type",
  "idempotency-key",
  "openai-beta",
] as const;

/** The provider's headers that are forwarded: no cookies, no organisation, nothing about the connection. */
const RESPONSE_HEADERS = [
  "content-disposition",
  "content-type",
  "request-id",
  "retry-after",
  "retry-after-ms",
  "x-request-id",
  "x-should-retry",
] as const;

/** A client's request. */
export interface RelayRequest {
  readonly method: string;
  /** Relative to the provider's address: `chat/completions`. */
  readonly path: string;
  /** All headers of the client. Some are forwarded. */
  readonly headers: Headers;
  /** Bytes, bytes that are still arriving, or a form with a content type of its own. */
  readonly body?: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>> | Blob;
  /** Aborts the request to the provider, also while its response is forwarded. */
  readonly signal: AbortSignal;
  /** Takes memory for a body that is read as a whole, of that many bytes so far. @throws {ChatError} if there is too little */
  readonly takeMemory?: (bytes: number) => void;
}

/**
 * Sends a request to the provider and resolves with the response when its head has arrived.
 * @throws {ChatError} when the provider cannot be reached, does not respond in time, refuses our key, or sends no API
 *   response
 * @throws the signal's reason when it aborts
 */
export type Relay = (request: RelayRequest) => Promise<Response>;

/** The options of a relay. */
export interface RelayOptions {
  /** A result of `createProviderFetch`. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** Headers for clients that do not send them. */
  readonly defaultHeaders?: HeaderRecord;
}

/**
 * A {@linkcode Relay} to one provider.
 * @param timeoutMs how long the head of a response may take, in milliseconds
 */
export function createRelay(
  provider: ProviderAccess,
  timeoutMs: number,
  { fetch = createProviderFetch(true), defaultHeaders = {} }: RelayOptions = {},
): Relay {
  const { baseURL, query } = provider;
  const { href: base } = new URL(baseURL.endsWith("/") ? baseURL : `${baseURL}/`);
  const search = query === undefined ? "" : `?${new URLSearchParams(query)}`;
  const own = providerHeaders(provider);
  const secrets = secretsOf(provider);
  return async function relay({ method, path, headers, body, signal }) {
    const url = below(base, path) + search;
    const controller = new LinkedController(signal);
    const deadline = setTimeout(() => controller.abort(timeoutError()), timeoutMs);
    const init = {
      method,
      headers: { ...defaultHeaders, ...requestHeaders(headers, own, body) },
      body: body ?? null,
      signal: controller.signal,
    };
    try {
      const response = await fetch(url, init);
      await assertApiResponse(response);
      const headers = responseHeaders(response.headers);
      if (!response.ok) return await describeRefusal(response, headers, secrets);
      return new Response(response.body, { status: response.status, headers });
    } catch (error) {
      controller.signal.throwIfAborted();
      if (error instanceof ChatError) throw error;
      throw new ChatError("ProviderNetworkError", "The model provider could not be reached.", { cause: error });
    } finally {
      clearTimeout(deadline);
    }
  };
}

/** The address of a path. @throws {ChatError} `NotFound` for a path that leaves the provider's address */
function below(base: string, path: string): string {
  const href = URL.parse(base + path)?.href;
  if (href?.startsWith(base)) return href;
  throw new ChatError("NotFound", "There is nothing at this address.");
}

function requestHeaders(client: Headers, own: HeaderRecord, body: RelayRequest["body"]): HeaderRecord {
  return {
    ...pick(client, REQUEST_HEADERS),
    // The type of a form names its boundary.
    ...(body instanceof Blob && { "content-type": body.type }),
    // Without this header `fetch` requests compression and decodes it: the bytes would not be the provider's.
    "accept-encoding": "identity",
    ...own,
  };
}

function responseHeaders(provider: Headers): HeaderRecord {
  return {
    ...pick(provider, RESPONSE_HEADERS),
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  };
}

/** `fetch` would iterate `Headers`, which costs five times as much. */
type HeaderRecord = Readonly<Record<string, string>>;

function pick(from: Headers, names: readonly string[]): HeaderRecord {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) picked[name] = value;
  }
  return picked;
}

/**
 * Replaces responses that must not reach a client: a refusal of our key, which would look like a refusal of the client's and
 * may quote ours; a redirect; the error page of a gateway; and a compressed response, whose tokens a budget cannot count.
 * @throws {ChatError} for these
 */
async function assertApiResponse({ ok, status, headers, body }: Response): Promise<void> {
  if (hasContentCoding(headers)) {
    await body?.cancel();
    throw new ChatError(
      "ProviderBizError",
      "The model provider compressed its response, which this server does not accept.",
    );
  }
  if (ok) return;
  const isJson = /\bjson\b/i.test(headers.get("content-type") ?? "");
  if (status >= 400 && isJson && status !== 401 && status !== 403) return;
  await body?.cancel();
  if (status === 401 || status === 403) {
    throw new ChatError("InvalidProviderAPIKey", "The model provider refused this server's API key.");
  }
  throw new ChatError("ProviderBizError", `The model provider responded with status ${status} and no explanation.`);
}

/** The longest 429 that is read, and the longest other refusal, which may repeat a part of the request: UTF-16 code units. */
const [MAX_LIMIT_CHARS, MAX_REFUSAL_CHARS] = [16 * 1024, 256 * 1024];
/** A shorter value is no secret, and could be a part of any text. */
const MIN_SECRET_CHARS = 8;

/** The longest wait that OpenAI's clients keep, in seconds. Where it is longer, they repeat a request at once. */
export const MAX_CLIENT_WAIT_SECONDS = 60;

/** What the provider must not repeat to a client: our key, and headers that the operator has set. */
function secretsOf({ apiKey = "", headers = {} }: ProviderAccess): readonly string[] {
  return [apiKey, ...Object.values(headers)].filter((value) => value.length >= MIN_SECRET_CHARS);
}

/**
 * A refusal with its body as it came, but for our secrets. OpenAI's clients send the request of a 429 again unless a header
 * says not to, also where the account has no quota left, or none for a long time.
 * @throws {ChatError} in the place of a body that is too long
 */
async function describeRefusal(
  { status, body, headers: provider }: Response,
  headers: HeaderRecord,
  secrets: readonly string[],
): Promise<Response> {
  let text = "";
  for await (const part of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    if (text.length > (status === 429 ? MAX_LIMIT_CHARS : MAX_REFUSAL_CHARS)) {
      throw providerHttpError(status, undefined, provider);
    }
  }
  const isFinal = status === 429 &&
    (isOutOfQuota(text, provider) || (readRetryAfter(provider) ?? 0) > MAX_CLIENT_WAIT_SECONDS);
  const clean = secrets.reduce((left, secret) => left.replaceAll(secret, "[redacted]"), text);
  return new Response(clean, { status, headers: { ...headers, ...(isFinal && { "x-should-retry": "false" }) } });
}

function isOutOfQuota(text: string, headers: Headers): boolean {
  try {
    return providerHttpError(429, JSON.parse(text), headers).type === "InsufficientQuota";
  } catch {
    return false;
  }
}

function timeoutError(): ChatError {
  return new ChatError("ProviderTimeout", "The model provider did not respond in time.");
}
