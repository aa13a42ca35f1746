/**
 * POST /api/chat: checks the request, starts a run for it, and responds with the run's events, or with the whole answer as
 * JSON where `stream` is false.
 * @module
 */
import { EMPTY_ANSWER, reduceChatAnswer } from "../protocol/chat_answer.ts";
import { ChatError } from "../protocol/chat_error.ts";
import { CHAT_STREAM_HEADERS } from "../protocol/chat_event.ts";
import { readChatEvents } from "../protocol/chat_event_reader.ts";
import { type ChatRequest, parseChatRequest } from "../protocol/chat_request.ts";
import type { RunRegistry } from "../runs/run_registry.ts";
import type { ProviderRequest } from "../upstream/chat_completions/open_chat.ts";
import type { Model, Models } from "../upstream/models.ts";
import type { Access, Caller } from "./access.ts";
import { assertWithinLimits } from "./conversation_limits.ts";
import type { Limits } from "./limits.ts";
import { readJson } from "./read_json.ts";
import type { RequestContext } from "./request_context.ts";
import { reserveTokens } from "./token_budget.ts";

/** What the route works with. */
export interface ChatParts {
  readonly models: Models;
  readonly runs: RunRegistry;
  readonly limits: Limits;
  readonly access: Access;
  /** Put before every conversation. Clients may then send no instructions of their own. */
  readonly systemPrompt: string | undefined;
}

/** The handler of POST /api/chat. It throws a {@linkcode ChatError} for everything that fails before the first byte. */
export function chat({ models, runs, limits, access, systemPrompt }: ChatParts) {
  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    access.assertOrigin(request);
    using run = runs.start(request.signal);
    context.run = run;
    const caller = await access.identify(request, context.connection);
    context.onEnd(await limits.rates.admit(caller));
    const chatRequest = parseChatRequest(await readJson(request, limits.body));
    assertWithinLimits(chatRequest, limits.conversation);
    const model = models.resolve(chatRequest.model, caller.token?.models);
    const providerRequest: ProviderRequest = {
      ...withoutStream(chatRequest),
      ...clampOutput(chatRequest, outputLimit(limits, model, caller)),
      messages: withSystemPrompt(chatRequest, systemPrompt),
      model: model.name,
    };
    await reserveTokens(providerRequest, caller, context, limits.rates);
    const events = run.produce(await model.openChat(providerRequest, run.signal, context.tries));
    return chatRequest.stream ? new Response(events, { headers: CHAT_STREAM_HEADERS }) : await answerWhole(events);
  };
}

function withoutStream({ stream: _, ...rest }: ChatRequest): Omit<ChatRequest, "stream"> {
  return rest;
}

/** The conversation with the server's instructions. @throws {ChatError} where the client sends instructions and may not */
function withSystemPrompt({ messages }: ChatRequest, systemPrompt: string | undefined): ChatRequest["messages"] {
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

/** The most output tokens of an answer; `Infinity` for no limit. */
function outputLimit(limits: Limits, model: Model, { token }: Caller): number {
  return Math.min(limits.maxOutputTokens, model.maxOutputTokens ?? Infinity, token?.maxOutputTokens ?? Infinity);
}

/** Clamps the limits that the client sent; sets the server's where it sent none. */
function clampOutput({ max_tokens, max_completion_tokens }: ChatRequest, limit: number): Partial<ChatRequest> {
  if (limit === Infinity) return {};
  if (max_tokens === undefined) return { max_completion_tokens: Math.min(max_completion_tokens ?? Infinity, limit) };
  return {
    max_tokens: Math.min(max_tokens, limit),
    ...(max_completion_tokens !== undefined && { max_completion_tokens: Math.min(max_completion_tokens, limit) }),
  };
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
