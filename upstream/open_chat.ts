/**
 * Opens a provider's stream, in whatever dialect it speaks. The OpenAI SDK brings retries and timeouts. The result is the
 * raw body with the dialect's decoder, or a typed error.
 * @module
 */
import OpenAI from "openai";
import { ChatError } from "../protocol/chat_error.ts";
import type { CreateDecoder } from "./chat_events/chat_event_transformer.ts";
import type { Dialect, DialectTarget, ProviderRequest } from "./chat_events/dialect.ts";
import type { ModelConfig } from "./chat_events/provider_config.ts";
import { providerHttpError, providerStreamError } from "./chat_events/provider_error.ts";
import { ProviderTries } from "./chat_events/provider_tries.ts";
import { asObject } from "./chat_events/untrusted_json.ts";
import { DIALECTS } from "./dialects.ts";
import { mergeJson } from "./merge_json.ts";
import { hasContentCoding } from "./http/content_coding.ts";
import { LinkedController } from "./http/linked_controller.ts";
import { type ProviderBytes, providerBytesIn } from "./http/provider_bytes.ts";
import type { HttpResponse } from "./http/send_request.ts";
import { readPlainJson } from "./plain_response.ts";
import { type Call, createSdkClient, type ProviderClientOptions } from "./sdk_client.ts";

/** The options of one provider. */
export interface OpenChatOptions extends ProviderClientOptions {
  /** What is known about its models. */
  readonly models?: readonly ModelConfig[];
}

/** An accepted response: its bytes, and what decodes them. */
export interface ProviderStream {
  readonly bytes: ProviderBytes;
  readonly createDecoder: CreateDecoder;
}

/**
 * Sends a request to a provider and resolves with its stream once the provider has accepted.
 *
 * A refusal and a failure to connect are retried. A request that the provider may have read is sent again only where the
 * provider honours an idempotency key.
 * @param tries counts the requests that may have to be paid, over all providers of one question
 * @throws {ChatError} when the request cannot be expressed, and when the provider refuses, cannot be reached, or responds
 *   with something that is no stream
 * @throws the reason of `signal` when that aborts; the request is then cancelled
 */
export type OpenChat = (
  request: ProviderRequest,
  signal: AbortSignal,
  tries?: ProviderTries,
) => Promise<ProviderStream>;

/** How many models' settings are remembered that differ from the provider's. */
const MAX_ADAPTED_MODELS = 256;
/** How many refused requests of one question are sent again in another form. */
const MAX_ADAPTATIONS = 2;

/** Makes an {@linkcode OpenChat} for one provider. */
export function createOpenChat(options: OpenChatOptions): OpenChat {
  const client = createSdkClient(options);
  const dialect = DIALECTS[options.api ?? "chat-completions"];
  const { apiKey: _, models, ...provider } = options;
  /** By model: the settings with which the provider has accepted what it had refused. */
  const adapted = new Map<string, DialectTarget["provider"]>();

  return async function openChat(request, signal, tries = new ProviderTries()) {
    const model = models?.find(({ name }) => name === request.model);
    const controller = new LinkedController(signal);
    const deadline = setTimeout(() => controller.abort(timeoutError()), options.firstByteTimeoutMs);
    const call: Call = { tries };
    const post = async (settings: DialectTarget["provider"]) => {
      const { path, body, headers } = dialect.toRequest(request, { provider: settings, model });
      await client.post(`/${path}`, {
        body: [provider.extraBody, model?.extraBody].reduce<object>(mergeJson, body),
        headers: { ...headers, "idempotency-key": tries.nextKey() },
        signal: controller.signal,
        fetchOptions: { call } as Record<never, never>,
      }).asResponse();
    };
    try {
      await postAdapted(dialect, adapted.get(request.model) ?? provider, post, (settings) => {
        if (adapted.size >= MAX_ADAPTED_MODELS) adapted.clear();
        adapted.set(request.model, settings);
      });
      const earlierCallIds = callIdsOf(request);
      return {
        bytes: await acceptBody(call.response!, dialect),
        createDecoder: (context) => dialect.createDecoder({ ...context, earlierCallIds }),
      };
    } catch (error) {
      controller.signal.throwIfAborted();
      throw call.failure ?? toChatError(error);
    } finally {
      clearTimeout(deadline);
    }
  };
}

/** Clients find a call by its id among those of the whole conversation. */
function callIdsOf({ messages }: ProviderRequest): ReadonlySet<string> {
  return new Set(messages.flatMap((message) => {
    return message.role === "assistant" ? message.tool_calls?.map(({ id }) => id) ?? [] : [];
  }));
}

/**
 * Sends a request. Where the provider refuses it for something that the dialect can express in another way, sends that.
 * @param remember called with the other settings once they were accepted. A refusal may quote a request that is wrong in
 *   another way, and must not change later requests.
 */
async function postAdapted(
  dialect: Dialect,
  initial: DialectTarget["provider"],
  post: (settings: DialectTarget["provider"]) => Promise<void>,
  remember: (settings: DialectTarget["provider"]) => void,
): Promise<void> {
  let settings = initial;
  for (let refusals = 0;; refusals++) {
    try {
      await post(settings);
      if (settings !== initial) remember(settings);
      return;
    } catch (error) {
      const other = refusals < MAX_ADAPTATIONS && isRefusal(error)
        ? dialect.adapt?.(JSON.stringify(error.error), settings)
        : undefined;
      if (other === undefined) throw error;
      settings = other;
    }
  }
}

function isRefusal(error: unknown): error is InstanceType<typeof OpenAI.APIError> {
  return error instanceof OpenAI.APIError && (error.status === 400 || error.status === 422) &&
    error.error !== undefined;
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
    return providerHttpError(error.status, error.error, error.headers ?? new Headers());
  }
  return error;
}

/**
 * The bytes of an accepted response. Some providers mislabel their streams: without the content type of an event stream,
 * the first byte decides.
 */
async function acceptBody({ headers, body }: HttpResponse, dialect: Dialect): Promise<ProviderBytes> {
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
  return first === undefined || /^[{[<]/.test(start) ? replayPlainAnswer(unread, dialect) : unread;
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

/** A whole answer, from a provider that ignored the request to stream, as a stream. Anything else is an error. */
async function replayPlainAnswer(body: ProviderBytes, dialect: Dialect): Promise<ProviderBytes> {
  const json = await readPlainJson(body);
  const answer = asObject<Record<string, unknown>>(json);
  const stream = answer && dialect.toStream(answer);
  if (stream !== undefined) return providerBytesIn([new TextEncoder().encode(stream)]);
  if (answer !== undefined || Array.isArray(json)) throw providerStreamError(json);
  throw new ChatError("ProviderBizError", "The model provider answered with something that is not a stream.");
}
