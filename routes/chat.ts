/**
 * POST /api/chat: reads and checks the request, asks the provider, and answers with a chat stream, or with the same
 * answer as one JSON object where `stream` is false.
 * @module
 */
import { EMPTY_ANSWER, reduceChatAnswer } from "../protocol/chat_answer.ts";
import { ChatError } from "../protocol/chat_error.ts";
import { CHAT_STREAM_HEADERS } from "../protocol/chat_event.ts";
import { readChatEvents } from "../protocol/chat_event_reader.ts";
import type { ChatRequest } from "../protocol/chat_request.ts";
import { streamChatEvents, type StreamTimeouts } from "../upstream/chat_event_stream.ts";
import type { LiveStreams } from "../upstream/live_streams.ts";
import type { Models } from "../upstream/models.ts";
import type { ProviderRequest } from "../upstream/chat_completions/openai.ts";
import type { Exchange } from "./exchange.ts";
import { parseChatRequest } from "./parse_chat_request.ts";
import type { RateLimits } from "./rate_limits.ts";
import { type BodyLimits, readJson } from "./read_json.ts";
import { assertWithinLimits, type RequestLimits } from "./request_limits.ts";
import { reserveTokens } from "./token_budget.ts";
import { Waiting } from "./waiting.ts";
import type { Visitor } from "./visitor.ts";

/** What the route works with. */
export interface ChatRouteOptions extends BodyLimits {
  readonly models: Models;
  readonly streams: LiveStreams;
  readonly timeouts: StreamTimeouts;
  /** Put before every conversation; clients may then send no instructions of their own. */
  readonly systemPrompt?: string;
  /** The most tokens an answer may have, whatever the client asks for. */
  readonly maxOutputTokens?: number;
  readonly requestLimits?: RequestLimits;
  readonly rateLimits?: RateLimits;
}

/**
 * Answers a chat request.
 * @throws {ChatError} for everything that goes wrong before the first byte
 */
export async function chat(
  request: Request,
  exchange: Exchange,
  visitor: Visitor,
  options: ChatRouteOptions,
): Promise<Response> {
  const { requestLimits, rateLimits } = options;
  using waiting = new Waiting(request.signal, options.streams);
  const chatRequest = parseChatRequest(await readJson(request, options));
  if (requestLimits !== undefined) assertWithinLimits(chatRequest, requestLimits);
  const model = options.models.resolve(chatRequest.model, visitor.token?.models);
  const providerRequest = toProviderRequest(chatRequest, model.name, {
    systemPrompt: options.systemPrompt,
    maxOutputTokens: least(options.maxOutputTokens, model.maxOutputTokens, visitor.token?.maxOutputTokens),
  });
  if (rateLimits !== undefined) await reserveTokens(providerRequest, visitor, exchange, rateLimits);
  const bytes = await model.openChat(providerRequest, waiting.signal);
  const events = streamChatEvents(bytes, { ...options, ...exchange.follow() });
  if (!chatRequest.stream) return await answerWhole(events);
  return new Response(events, {
    headers: { ...CHAT_STREAM_HEADERS, "content-location": `/api/chat/${crypto.randomUUID()}` },
  });
}

/** What the server puts into a request or takes out of it. */
interface Rules {
  readonly systemPrompt: string | undefined;
  readonly maxOutputTokens: number | undefined;
}

/** The client's request within the server's rules. @throws {ChatError} where it brings instructions and may not */
function toProviderRequest(request: ChatRequest, model: string, rules: Rules): ProviderRequest {
  const { stream: _, ...rest } = request;
  return { ...rest, ...clampOutput(request, rules), messages: withSystemPrompt(request, rules), model };
}

function withSystemPrompt({ messages }: ChatRequest, { systemPrompt }: Rules): ChatRequest["messages"] {
  if (systemPrompt === undefined) return messages;
  const index = messages.findIndex(({ role }) => role === "system" || role === "developer");
  if (index !== -1) {
    const path = `messages[${index}].role`;
    throw new ChatError("InvalidRequestFormat", `${path} must not be "system" or "developer" on this server`, {
      body: { path },
    });
  }
  return [{ role: "system", content: systemPrompt }, ...messages];
}

/** Whichever of the two limits the client uses is clamped; where it uses none, the server's own is set. */
function clampOutput(request: ChatRequest, { maxOutputTokens }: Rules): Partial<ChatRequest> {
  if (maxOutputTokens === undefined) return {};
  const { max_tokens, max_completion_tokens } = request;
  if (max_tokens === undefined) {
    return { max_completion_tokens: Math.min(max_completion_tokens ?? Infinity, maxOutputTokens) };
  }
  return {
    max_tokens: Math.min(max_tokens, maxOutputTokens),
    ...(max_completion_tokens !== undefined &&
      { max_completion_tokens: Math.min(max_completion_tokens, maxOutputTokens) }),
  };
}

/** The smallest of the limits that are set. */
function least(...limits: readonly (number | undefined)[]): number | undefined {
  const set = limits.filter((limit) => limit !== undefined);
  return set.length === 0 ? undefined : Math.min(...set);
}

/** The whole answer as JSON. @throws {ChatError} when it broke, with what had come as `body.answer` */
async function answerWhole(events: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<Response> {
  let answer = EMPTY_ANSWER;
  await readChatEvents(events, (event) => answer = reduceChatAnswer(answer, event));
  const { error, ...rest } = answer;
  if (error !== undefined) {
    throw new ChatError(error.type, error.message, { body: { ...error.body, answer: rest } });
  }
  return Response.json(answer, { headers: { "cache-control": "no-store" } });
}
