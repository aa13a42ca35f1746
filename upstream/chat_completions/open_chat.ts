/**
 * Opens a provider's chat completion stream with the OpenAI SDK, which brings authentication, retries and timeouts. The
 * result is the raw body, or a typed error.
 * @module
 */
import OpenAI from "openai";
import { ChatError } from "../../protocol/chat_error.ts";
import type { ChatRequest } from "../../protocol/chat_request.ts";
import type { ProviderAccess } from "../chat_events/provider_config.ts";
import { providerHttpError, providerStreamError, readRetryAfter } from "../chat_events/provider_error.ts";
import { ProviderTries } from "../chat_events/provider_tries.ts";
import { asObject } from "../chat_events/untrusted_json.ts";
import { hasContentCoding } from "../http/content_coding.ts";
import { HttpClient } from "../http/http_client.ts";
import { LinkedController } from "../http/linked_controller.ts";
import { chunksOf, type ProviderBytes, providerBytesIn } from "../http/provider_bytes.ts";
import { BadResponseError } from "../http/response_head.ts";
import { type HttpRequest, type HttpResponse, type SendRequest, UnsentError } from "../http/send_request.ts";

/** How often the SDK retries a refusal or a failure to connect, with jittered backoff. */
export const MAX_RETRIES = 2;
/** How many requests one question may have to pay for, unless the configuration says otherwise. */
export const DEFAULT_MAX_TRIES = 2;
/** The longest wait before a retry, in seconds. Where a provider wants a longer one, the client gets the error at once. */
export const MAX_RETRY_WAIT_SECONDS = 10;
/** The most that is read of a response that is no event stream, in bytes. */
export const MAX_PLAIN_RESPONSE_BYTES = 1024 * 1024;

/** A provider's address and credentials, and how it is reached. */
export interface OpenChatOptions extends ProviderAccess {
  /** The HTTP client. By default one of its own for `baseURL`. */
  readonly send?: SendRequest;
  /** How long connecting, retries and the response's head may take together, in milliseconds. */
  readonly firstByteTimeoutMs: number;
  /** How many requests one question may have to pay for. {@linkcode DEFAULT_MAX_TRIES} by default. */
  readonly maxTries?: number;
}

/** A checked request with its model. */
export type ProviderRequest = Omit<ChatRequest, "stream"> & { readonly model: string };

/**
 * Sends a request to a provider and resolves with the bytes of its stream once the provider has accepted.
 *
 * A refusal and a failure to connect are retried. A request that the provider may have read is sent again only where the
 * provider honours an idempotency key.
 * @param tries counts the requests that may have to be paid, over all providers of one question
 * @throws {ChatError} when the provider refuses, cannot be reached, or responds with something that is no stream
 * @throws the reason of `signal` when that aborts; the request is then cancelled
 */
export type OpenChat = (
  request: ProviderRequest,
  signal: AbortSignal,
  tries?: ProviderTries,
) => Promise<ProviderBytes>;

/** What each call of the SDK adds to the options of its `fetch`. */
interface Call {
  readonly tries: ProviderTries;
  /** The accepted response. The SDK handles `Response` objects only, whose bodies cost more. */
  response?: HttpResponse;
  /** Why a request that may have to be paid has no response. */
  failure?: ChatError | undefined;
}

/** Makes an {@linkcode OpenChat} for one provider. */
export function createOpenChat(options: OpenChatOptions): OpenChat {
  const client = createClient(options);
  /** Some providers refuse `stream_options`. Set to false once a request without them was accepted. */
  let acceptsStreamOptions = true;

  return async function openChat(request, signal, tries = new ProviderTries()) {
    const controller = new LinkedController(signal);
    const deadline = setTimeout(() => controller.abort(timeoutError()), options.firstByteTimeoutMs);
    const call: Call = { tries };
    const create = (withUsage: boolean) =>
      client.chat.completions.create({
        // The messages were checked by parseChatRequest, whose types are the SDK's with `readonly`.
        ...request as unknown as OpenAI.ChatCompletionCreateParamsStreaming,
        stream: true,
        ...(withUsage && { stream_options: { include_usage: true } }),
      }, {
        signal: controller.signal,
        headers: { "idempotency-key": tries.nextKey() },
        fetchOptions: { call } as Record<never, never>,
      }).asResponse();
    try {
      await create(acceptsStreamOptions).catch(async (error) => {
        if (!acceptsStreamOptions || !refusesStreamOptions(error)) throw error;
        await create(false);
        // Only now: the refusal may quote a request that is wrong in another way, and must not change later requests.
        acceptsStreamOptions = false;
      });
      return await acceptBody(call.response!);
    } catch (error) {
      controller.signal.throwIfAborted();
      throw call.failure ?? toChatError(error);
    } finally {
      clearTimeout(deadline);
    }
  };
}

function createClient(options: OpenChatOptions): OpenAI {
  const { baseURL, apiKey, firstByteTimeoutMs } = options;
  const attempt = createAttempt(options);
  return new OpenAI({
    baseURL,
    apiKey: apiKey ?? "none",
    ...(apiKey === undefined && { defaultHeaders: { authorization: null } }),
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
    OpenChatOptions,
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
 * A failure, reduced to what the SDK and {@linkcode toChatError} read. The body is read up to a limit, as an error page may
 * be endless, and not at all where it is compressed. JSON without OpenAI's `error` around it is wrapped, as the SDK would
 * drop it. A long `Retry-After` switches the retry off, and so does a status such as 307: it would come again.
 */
async function condenseFailure({ status, headers: original, body }: HttpResponse): Promise<Response> {
  const json = hasContentCoding(original)
    ? void await body.cancel()
    : asObject<{ error: unknown }>(await readJson(body));
  const headers = new Headers(original);
  const wait = readRetryAfter(headers);
  if (wait === undefined) {
    // The SDK would obey a 0 and retry at once. Without the headers it waits with jitter.
    headers.delete("retry-after");
    headers.delete("retry-after-ms");
  }
  if (status < 400 || (wait !== undefined && wait > MAX_RETRY_WAIT_SECONDS)) headers.set("x-should-retry", "false");
  // A status such as 304 is no response to a POST, and must not carry a body.
  return new Response(json === undefined ? null : JSON.stringify({ error: json.error ?? json }), {
    status: status < 400 ? 502 : status,
    headers,
  });
}

function refusesStreamOptions(error: unknown): boolean {
  return error instanceof OpenAI.APIError && error.status === 400 &&
    /stream_options|include_usage/.test(error.message);
}

function timeoutError(cause?: unknown): ChatError {
  return new ChatError("ProviderTimeout", "The model provider did not answer in time.", {
    body: { reason: "first_byte_timeout" },
    cause,
  });
}

/** The SDK's errors as ours; any other error as it is. */
function toChatError(error: unknown): unknown {
  if (error instanceof OpenAI.APIConnectionTimeoutError) return timeoutError(error);
  if (error instanceof OpenAI.APIConnectionError) {
    return new ChatError("ProviderNetworkError", "The model provider could not be reached.", { cause: error });
  }
  if (error instanceof OpenAI.APIError && error.status !== undefined) {
    return providerHttpError(error.status, error.error && { error: error.error }, error.headers ?? new Headers());
  }
  return error;
}

/**
 * The bytes of an accepted response. Some providers mislabel their streams: without the content type of an event stream,
 * the first byte decides.
 */
async function acceptBody({ headers, body }: HttpResponse): Promise<ProviderBytes> {
  if (hasContentCoding(headers)) {
    await body.cancel();
    throw new ChatError(
      "ProviderBizError",
      "The model provider compressed its answer, which this server does not accept.",
    );
  }
  if (/^text\/event-stream\b/i.test(headers.get("content-type") ?? "")) return body;
  const first = await body.read();
  const start = new TextDecoder().decode(first).trimStart();
  const unread = startingWith(first, body);
  return first === undefined || /^[{[<]/.test(start) ? replayPlainAnswer(unread) : unread;
}

/** The body, of which the first chunk has been read. */
function startingWith(first: Uint8Array<ArrayBuffer> | undefined, rest: ProviderBytes): ProviderBytes {
  let isFirst = true;
  return {
    read() {
      if (!isFirst) return rest.read();
      isFirst = false;
      return Promise.resolve(first);
    },
    cancel: (reason) => rest.cancel(reason),
  };
}

/** A whole completion, from a provider that ignored `stream: true`, as a stream. Anything else is an error. */
async function replayPlainAnswer(body: ProviderBytes): Promise<ProviderBytes> {
  const answer = asObject<{ choices: unknown }>(await readJson(body));
  if (answer === undefined) {
    throw new ChatError("ProviderBizError", "The model provider answered with something that is not a stream.");
  }
  if (!Array.isArray(answer.choices)) throw providerStreamError(answer);
  return providerBytesIn([new TextEncoder().encode(`data: ${JSON.stringify(answer)}\n\ndata: [DONE]\n\n`)]);
}

/** The body as JSON; undefined where it is not JSON or too long. */
async function readJson(body: ProviderBytes): Promise<unknown> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of chunksOf(body)) {
    bytes += chunk.byteLength;
    if (bytes > MAX_PLAIN_RESPONSE_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
