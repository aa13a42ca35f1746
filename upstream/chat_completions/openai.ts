/**
 * Opens a provider's stream with the OpenAI SDK, which brings authentication, retries and timeouts: out comes the raw
 * body, or a typed error.
 * @module
 */
import OpenAI from "openai";
import { ChatError } from "../../protocol/chat_error.ts";
import type { ChatRequest } from "../../protocol/chat_request.ts";
import { HttpClient, HttpResponse, type Post } from "../http/http_client.ts";
import { LinkedController } from "../http/linked_controller.ts";
import { asObject } from "../chat_events/untrusted_json.ts";
import { piecesOf, type ProviderBytes, providerBytesIn, readProviderBytes } from "../http/provider_bytes.ts";
import { providerHttpError, providerStreamError, readRetryAfter } from "../chat_events/provider_error.ts";

/** Retries after a failure before the first byte, by the SDK, with its jittered backoff. */
export const MAX_RETRIES = 2;
/** The longest wait before a retry, in seconds. A provider that asks for more gets no retry: the client is told at once. */
export const MAX_RETRY_WAIT_SECONDS = 10;
/** The most that is read of an answer that is no stream, in bytes. */
export const MAX_PLAIN_ANSWER_BYTES = 1024 * 1024;

/** Where the provider is and how to get in. */
export interface OpenAIOptions {
  /** The address below which `chat/completions` lies, such as `https://api.openai.com/v1`. */
  readonly baseURL: string;
  /** Absent for providers that want none. */
  readonly apiKey?: string;
  /** What asks, where not the client that is made for this: the demo, or a `fetch` that knows the way through a proxy. */
  readonly post?: Post;
  /** How long connecting, retries and the answer's headers may take together, in milliseconds. */
  readonly firstByteTimeoutMs: number;
}

/** A request for the provider: checked, with the model decided. */
export type ProviderRequest = Omit<ChatRequest, "stream"> & { readonly model: string };

/**
 * Asks the provider, and resolves to the bytes of its stream once it has accepted.
 * @throws {ChatError} when it refuses, cannot be reached, or answers with something that is no stream
 * @throws {DOMException} `AbortError` when `signal` aborts: the request to the provider is then cancelled
 */
export type OpenChat = (request: ProviderRequest, signal: AbortSignal) => Promise<ProviderBytes>;

/** An {@linkcode OpenChat} for one provider. */
export function createOpenChat(options: OpenAIOptions): OpenChat {
  const client = createClient(options);
  /** xAI once refused `stream_options`, and others do: learnt when a request without them is accepted. */
  let takesStreamOptions = true;

  return async function openChat(request, signal) {
    const attempt = new Attempt(signal, options.firstByteTimeoutMs);
    const ask = (withUsage: boolean) =>
      client.chat.completions.create({
        // The messages were checked by parseChatRequest, whose types are the SDK's with `readonly`.
        ...request as unknown as OpenAI.ChatCompletionCreateParamsStreaming,
        stream: true,
        ...(withUsage && { stream_options: { include_usage: true } }),
      }, { signal: attempt.signal }).asResponse();
    try {
      const response = await ask(takesStreamOptions).catch(async (error) => {
        if (!takesStreamOptions || !refusesStreamOptions(error)) throw error;
        const accepted = await ask(false);
        // Only now: a message may quote a request that is wrong in other ways, and one visitor's must not teach us this.
        takesStreamOptions = false;
        return accepted;
      });
      return await acceptBody(response);
    } catch (error) {
      throw attempt.explain(error);
    } finally {
      attempt.settle();
    }
  };
}

function createClient(
  { baseURL, apiKey, post = new HttpClient(baseURL).post, firstByteTimeoutMs }: OpenAIOptions,
): OpenAI {
  return new OpenAI({
    baseURL,
    apiKey: apiKey ?? "none",
    ...(apiKey === undefined && { defaultHeaders: { authorization: null } }),
    // All that the SDK would otherwise look up in the environment: configuration is read in one place, not here.
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: "off",
    maxRetries: MAX_RETRIES,
    timeout: firstByteTimeoutMs,
    fetch: async (input, init) => {
      // The SDK's own kinds of these, which its types do not tell.
      const { headers, body, signal } = init as { headers: Headers; body: string; signal: AbortSignal };
      const response = await post(input as string, { method: "POST", headers: recordOf(headers), body, signal });
      return response.ok ? response : await condenseFailure(response);
    },
  });
}

/** The same headers as they are taken fastest: `fetch` would iterate a `Headers`, at five times the cost. */
function recordOf(headers: Headers): Record<string, string> {
  const record: Record<string, string> = {};
  headers.forEach((value, name) => record[name] = value);
  return record;
}

/**
 * A refusal with no more than the SDK and we need of it. Its body is read within a limit, as an error page may be
 * endless; JSON without OpenAI's `error` around it is wrapped, as the SDK would drop it; and a wait that is too long
 * for a person is refused in the words the SDK reads.
 */
async function condenseFailure(response: Response): Promise<Response> {
  const json = asObject<{ error: unknown }>(await readJson(bytesOf(response)));
  const headers = new Headers(response.headers);
  const wait = readRetryAfter(headers);
  if (wait === undefined) {
    // The SDK would take 0 at its word and ask again at once; without the headers it waits with jitter.
    headers.delete("retry-after");
    headers.delete("retry-after-ms");
  } else if (wait > MAX_RETRY_WAIT_SECONDS) headers.set("x-should-retry", "false");
  const body = json === undefined ? null : JSON.stringify({ error: json.error ?? json });
  // A status such as 304 may not carry a body, and none of them is an answer to a POST.
  const status = response.status < 400 ? 502 : response.status;
  return new Response(body, { status, headers });
}

function refusesStreamOptions(error: unknown): boolean {
  return error instanceof OpenAI.APIError && error.status === 400 &&
    /stream_options|include_usage/.test(error.message);
}

/** One request's deadline and abort, and which of the two it was. */
class Attempt {
  readonly #controller: LinkedController;
  readonly #client: AbortSignal;
  readonly #timer: ReturnType<typeof setTimeout>;
  #hasTimedOut = false;

  constructor(client: AbortSignal, timeoutMs: number) {
    this.#controller = new LinkedController(client);
    this.#client = client;
    this.#timer = setTimeout(() => {
      this.#hasTimedOut = true;
      this.#controller.abort();
    }, timeoutMs);
  }

  /** Aborts with the client's, also while the body streams, and until there is an answer at the deadline. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The deadline is for the first byte only. */
  settle(): void {
    clearTimeout(this.#timer);
  }

  /** The error in our terms. */
  explain(error: unknown): unknown {
    if (this.#client.aborted) return this.#client.reason;
    if (this.#hasTimedOut || error instanceof OpenAI.APIConnectionTimeoutError) {
      return new ChatError("ProviderTimeout", "The model provider did not answer in time.", {
        body: { reason: "first_byte_timeout" },
        cause: error,
      });
    }
    if (error instanceof OpenAI.APIConnectionError) {
      return new ChatError("ProviderNetworkError", "The model provider could not be reached.", { cause: error });
    }
    if (error instanceof OpenAI.APIError && error.status !== undefined) {
      return providerHttpError(error.status, error.error && { error: error.error }, error.headers ?? new Headers());
    }
    return error;
  }
}

/**
 * The bytes of an accepted answer. The content type alone does not decide: some providers mislabel their streams, so
 * what is not called an event stream is told by its first byte.
 */
async function acceptBody(response: Response): Promise<ProviderBytes> {
  const bytes = bytesOf(response);
  if (response.status >= 300) {
    await bytes.cancel();
    throw new ChatError(
      "ProviderBizError",
      `The model provider answered with status ${response.status} and no stream.`,
    );
  }
  if (/^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "")) return bytes;
  const first = await bytes.read();
  const start = new TextDecoder().decode(first).trimStart();
  const unread = startingWith(first, bytes);
  return first === undefined || /^[{[<]/.test(start) ? replayPlainAnswer(unread) : unread;
}

function bytesOf(response: Response): ProviderBytes {
  if (response instanceof HttpResponse) return response.providerBytes;
  return response.body === null ? providerBytesIn([]) : readProviderBytes(response.body);
}

/** The same bytes, before the first of which was read. */
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

/** A whole completion, from a provider that ignored `stream: true`, as a stream; anything else is an error. */
async function replayPlainAnswer(body: ProviderBytes): Promise<ProviderBytes> {
  const answer = asObject<{ choices: unknown }>(await readJson(body));
  if (answer === undefined) {
    throw new ChatError("ProviderBizError", "The model provider answered with something that is not a stream.");
  }
  if (!Array.isArray(answer.choices)) throw providerStreamError(answer);
  return providerBytesIn([new TextEncoder().encode(`data: ${JSON.stringify(answer)}\n\ndata: [DONE]\n\n`)]);
}

/** The body as JSON, or undefined where it is none or too long. */
async function readJson(body: ProviderBytes): Promise<unknown> {
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of piecesOf(body)) {
    bytes += chunk.byteLength;
    if (bytes > MAX_PLAIN_ANSWER_BYTES) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
