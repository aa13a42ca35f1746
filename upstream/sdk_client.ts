/**
 * The OpenAI SDK as a client for any provider: it brings retries with backoff and deadlines. Each request is sent by our own
 * HTTP client, whose raw response is kept: the SDK handles `Response` objects only, whose bodies cost more.
 * @module
 */
import OpenAI from "openai";
import { ChatError } from "../protocol/chat_error.ts";
import { readRetryAfter, readRetryDelay } from "./chat_events/provider_error.ts";
import type { ProviderAccess } from "./chat_events/provider_config.ts";
import type { ProviderTries } from "./chat_events/provider_tries.ts";
import { hasContentCoding } from "./http/content_coding.ts";
import { HttpClient } from "./http/http_client.ts";
import { BadResponseError } from "./http/response_head.ts";
import { type HttpRequest, type HttpResponse, type SendRequest, UnsentError } from "./http/send_request.ts";
import { providerHeaders } from "./provider_auth.ts";
import { readPlainJson } from "./plain_response.ts";

/** How often the SDK retries a refusal or a failure to connect, with jittered backoff. */
export const MAX_RETRIES = 2;
/** How many requests one question may have to pay for, unless the configuration says otherwise. */
export const DEFAULT_MAX_TRIES = 2;
/** The longest wait before a retry, in seconds. Where a provider wants a longer one, the client gets the error at once. */
export const MAX_RETRY_WAIT_SECONDS = 10;

/** A provider's address and credentials, and how it is reached. */
export interface ProviderClientOptions extends ProviderAccess {
  /** The HTTP client. By default one of its own for `baseURL`. */
  readonly send?: SendRequest;
  /** How long connecting, retries and the response's head may take together, in milliseconds. */
  readonly firstByteTimeoutMs: number;
  /** How many requests one question may have to pay for. {@linkcode DEFAULT_MAX_TRIES} by default. */
  readonly maxTries?: number;
}

/** What each call of the SDK adds to the options of its `fetch`, as `call`. */
export interface Call {
  readonly tries: ProviderTries;
  /** The accepted response. */
  response?: HttpResponse;
  /** Why a request that may have to be paid has no response. */
  failure?: ChatError | undefined;
}

/** The client. Its errors have the provider's JSON in `error`, whatever its shape. */
export function createSdkClient(options: ProviderClientOptions): OpenAI {
  const { baseURL, firstByteTimeoutMs, query } = options;
  const attempt = createAttempt(options);
  return new OpenAI({
    baseURL,
    // The key is among the headers, by the name that the provider has for it.
    apiKey: "none",
    defaultHeaders: { authorization: null, ...providerHeaders(options) },
    ...(query && { defaultQuery: query }),
    // The SDK would read these from the environment. Configuration is read in one place, `config/`.
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: "off",
    maxRetries: MAX_RETRIES,
    // The SDK retries after its own timeout. Ours covers all tries and comes first.
    timeout: 2 * firstByteTimeoutMs,
    fetch: (url, init) => {
      // The types that the SDK really passes, and the fetchOptions of the call.
      const { headers, body, signal, call } = init as unknown as {
        readonly headers: Headers;
        readonly body: string;
        readonly signal: AbortSignal;
        readonly call: Call;
      };
      return attempt({ url: url as string, headers: recordOf(headers), body, signal }, call);
    },
  });
}

/**
 * Sends one request for the SDK. The SDK retries whatever is thrown, and the responses that {@linkcode condenseFailure} lets
 * it retry.
 */
function createAttempt(
  { baseURL, send = new HttpClient(baseURL).send, honoursIdempotencyKey = false, maxTries = DEFAULT_MAX_TRIES }:
    ProviderClientOptions,
) {
  return async function attempt(request: HttpRequest, call: Call): Promise<Response> {
    const { tries } = call;
    call.failure = undefined;
    tries.paid++;
    let response: HttpResponse;
    try {
      response = await send(request);
    } catch (error) {
      if (error instanceof UnsentError) {
        tries.paid--;
        throw error;
      }
      call.failure = lostResponseError(error);
      if (honoursIdempotencyKey && tries.paid < maxTries) throw error;
      return new Response(null, { status: 502, headers: { "x-should-retry": "false" } });
    }
    if (response.status >= 200 && response.status <= 299) {
      call.response = response;
      return new Response(null, { status: response.status, headers: response.headers });
    }
    tries.paid--;
    return await condenseFailure(response);
  };
}

function lostResponseError(cause: unknown): ChatError {
  return cause instanceof BadResponseError
    ? new ChatError("ProviderBizError", "The model provider gave no readable response.", { cause })
    : new ChatError("ProviderNetworkError", "The connection to the model provider broke.", { cause });
}

/** The headers as a record: `fetch` would iterate `Headers`, which costs five times as much. */
function recordOf(headers: Headers): Record<string, string> {
  const record: Record<string, string> = {};
  headers.forEach((value, name) => record[name] = value);
  return record;
}

/**
 * A failure, reduced to what the SDK and `open_chat.ts` read. The body is read up to a limit, as an error page may
 * be endless, and not at all where it is compressed. The JSON is wrapped in an `error`, as the SDK drops everything else. A long `Retry-After` switches the retry off, and so does a status such as 307: it would come again.
 */
async function condenseFailure({ status, headers: original, body }: HttpResponse): Promise<Response> {
  const json = hasContentCoding(original) ? void await body.cancel() : await readPlainJson(body);
  const headers = new Headers(original);
  const wait = readRetryAfter(headers) ?? (status === 429 ? readRetryDelay(json) : undefined);
  if (wait === undefined) {
    // The SDK would obey a 0 and retry at once. Without the headers it waits with jitter.
    headers.delete("retry-after");
    headers.delete("retry-after-ms");
  }
  if (status < 400 || (wait !== undefined && wait > MAX_RETRY_WAIT_SECONDS)) headers.set("x-should-retry", "false");
  // A status such as 304 is no response to a POST, and must not carry a body.
  return new Response(json === undefined ? null : JSON.stringify({ error: json }), {
    status: status < 400 ? 502 : status,
    headers,
  });
}
