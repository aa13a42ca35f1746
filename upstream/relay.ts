/**
 * Passes a request to a provider and its answer back, untouched: the way of proxy mode. The answer's body goes from
 * socket to socket without entering JavaScript, so nothing here can change it, and a provider that breaks off in the
 * middle breaks the client off too.
 * @module
 */
import { ChatError } from "../protocol/chat_error.ts";
import { PROVIDER_FETCH } from "./http/provider_fetch.ts";

/** What of a client's request the provider gets to see. Everything else says more about our users than it needs. */
const REQUEST_HEADERS = ["accept", "content-type", "idempotency-key", "openai-beta"] as const;

/** What of a provider's answer the client gets to see: no cookies, no organisation, nothing about the connection. */
const ANSWER_HEADERS = [
  "content-disposition",
  "content-type",
  "retry-after",
  "retry-after-ms",
  "x-request-id",
  "x-should-retry",
] as const;

/** Where the provider is and how to get in. */
export interface RelayOptions {
  /** The address below which `chat/completions` lies. */
  readonly baseURL: string;
  /** Absent for providers that want none. */
  readonly apiKey?: string;
}

/** What is asked of the provider. */
export interface RelayRequest {
  readonly method: string;
  /** Relative to the provider's address, such as `chat/completions`. */
  readonly path: string;
  /** The client's headers; only some are passed on. */
  readonly headers: Headers;
  readonly body?: Uint8Array<ArrayBuffer>;
  /** Ends the request to the provider, also while the answer's body is under way. */
  readonly signal: AbortSignal;
}

/**
 * Asks the provider, and resolves to its answer.
 * @throws {ChatError} when it cannot be reached, refuses our key, or answers with something that is no answer
 * @throws the signal's reason when that aborts
 */
export type Relay = (request: RelayRequest) => Promise<Response>;

/** A {@linkcode Relay} to one provider. */
export function createRelay({ baseURL, apiKey }: RelayOptions): Relay {
  const { href: base } = new URL(baseURL.endsWith("/") ? baseURL : `${baseURL}/`);
  return async function relay({ method, path, headers, body, signal }) {
    const init = { method, headers: requestHeaders(headers, apiKey), body: body ?? null, signal };
    const response = await fetch(below(base, path), { ...init, ...PROVIDER_FETCH }).catch((error) => {
      if (signal.aborted) throw signal.reason;
      throw new ChatError("ProviderNetworkError", "The model provider could not be reached.", { cause: error });
    });
    if (!response.ok) await refuseWhatIsNoAnswer(response);
    return new Response(response.body, { status: response.status, headers: answerHeaders(response.headers) });
  };
}

/** The address of a path. @throws {ChatError} `NotFound` for one that leads out of the provider's address */
function below(base: string, path: string): string {
  const href = URL.parse(base + path)?.href;
  if (href?.startsWith(base)) return href;
  throw new ChatError("NotFound", "There is nothing at this address.");
}

function requestHeaders(client: Headers, apiKey: string | undefined): HeaderRecord {
  return {
    ...pick(client, REQUEST_HEADERS),
    // Without this line fetch asks for compression and takes it off: the bytes would not be the provider's any more.
    "accept-encoding": "identity",
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
  };
}

function answerHeaders(provider: Headers): HeaderRecord {
  return {
    ...pick(provider, ANSWER_HEADERS),
    "cache-control": "no-store, no-transform",
    "x-accel-buffering": "no",
    "x-content-type-options": "nosniff",
  };
}

/** The way of handing headers on that costs least: `Headers` would be iterated, which is five times as much. */
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
 * A refusal of our key must not look like a refusal of the client's, and may repeat ours; a redirect leads where
 * nobody has been asked to go; and the error page of some machine on the way is nothing for a client to read.
 */
async function refuseWhatIsNoAnswer({ status, headers, body }: Response): Promise<void> {
  const isJson = /\bjson\b/i.test(headers.get("content-type") ?? "");
  if (status >= 400 && isJson && status !== 401 && status !== 403) return;
  await body?.cancel();
  if (status === 401 || status === 403) {
    throw new ChatError("InvalidProviderAPIKey", "The model provider refused this server's API key.");
  }
  throw new ChatError("ProviderBizError", `The model provider answered with status ${status} and no explanation.`);
}
