/**
 * POST /api/chat: checks the request, starts a run for it, and responds with the run's events, or with the whole answer as
 * JSON where `stream` is false. A resumable run outlives the response.
 * @module
 */
import { hash } from "node:crypto";
import { EMPTY_ANSWER, reduceChatAnswer } from "../protocol/chat_answer.ts";
import { ChatError } from "../protocol/chat_error.ts";
import { CHAT_STREAM_HEADERS } from "../protocol/chat_event.ts";
import { readChatEvents } from "../protocol/chat_event_reader.ts";
import type { ChatRequest } from "../protocol/chat_request.ts";
import type { Run } from "../runs/run.ts";
import { noFreePlace, runNotFound } from "../runs/run_error.ts";
import type { RunRegistry } from "../runs/run_registry.ts";
import type { ProviderRequest } from "../upstream/chat_events/dialect.ts";
import type { Model, Models } from "../upstream/models.ts";
import type { Access, Caller } from "./access.ts";
import type { BodyLease } from "./body_pool.ts";
import { assertWithinLimits } from "./conversation_limits.ts";
import type { Limits } from "./limits.ts";
import { parseChatRequest } from "./parse_chat_request.ts";
import { readJson } from "./read_json.ts";
import type { RequestContext } from "./request_context.ts";
import { ownerOf, readIdempotencyKey, readLastEventId } from "./resumption.ts";
import { noContent, respondWith, RUN_PATH } from "./runs.ts";
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
    const after = readLastEventId(request);
    const caller = await access.identify(request, context.connection);
    const key = readIdempotencyKey(request, caller);
    // A client that reconnects by posting again, and means no new answer. Without a key its run cannot be found.
    if (after !== undefined && key === undefined) return noContent();
    return key !== undefined && await runs.resumable.hasKey(key)
      ? await followKnown(request, context, caller, key, after)
      : await start(request, context, caller, key, after);
  };

  /** Starts a run and responds with its events. */
  async function start(
    request: Request,
    context: RequestContext,
    caller: Caller,
    key: string | undefined,
    after: number | undefined,
  ): Promise<Response> {
    using run = runs.start(request.signal);
    context.onEnd(await limits.rates.admit(caller));
    using lease = limits.body.pool.lease();
    const chatRequest = await readChatRequest(request, lease);
    const { resumable, stream } = chatRequest;
    if (after !== undefined && !resumable) return noContent();
    const claim = key === undefined || !resumable
      ? undefined
      : await runs.resumable.claim(key, digestOf(chatRequest), ownerOf(caller), () => run.stop());
    // With a key the client can come back before it has seen the head.
    if (claim !== undefined) run.detach();
    if (claim?.type === "known") return await respondWith(await claim.run, after ?? 0, context);
    try {
      const { answer, reservation } = await open(chatRequest, run, context, caller);
      if (!resumable || !runs.resumable.hasRoom()) {
        const events = run.produce(answer, reservation);
        context.follow(run.ended);
        claim?.reject(noFreePlace());
        return stream ? new Response(events, { headers: CHAT_STREAM_HEADERS }) : await answerWhole(events);
      }
      const recorded = runs.resumable.record(run, answer, {
        owner: ownerOf(caller),
        key: claim && key,
        allowance: reservation,
      });
      context.follow(run.ended);
      claim?.resolve(recorded);
      return new Response(recorded.readers.startFirst(), {
        headers: { ...CHAT_STREAM_HEADERS, "content-location": RUN_PATH + recorded.id },
      });
    } catch (error) {
      claim?.reject(error);
      throw error;
    }
  }

  /** Follows the run that an earlier request with the same key began, or is beginning. */
  async function followKnown(
    request: Request,
    context: RequestContext,
    caller: Caller,
    key: string,
    after = 0,
  ): Promise<Response> {
    await limits.rates.admitRead(caller);
    using lease = limits.body.pool.lease();
    const digest = digestOf(await readChatRequest(request, lease));
    const claim = await runs.resumable.claim(key, digest, ownerOf(caller), () => {});
    if (claim.type === "known") return await respondWith(await claim.run, after, context);
    // The run expired while the body arrived.
    claim.reject(runNotFound());
    throw runNotFound();
  }

  async function readChatRequest(request: Request, lease: BodyLease): Promise<ChatRequest> {
    const chatRequest = parseChatRequest(await readJson(request, limits.body, lease));
    assertWithinLimits(chatRequest, limits.conversation);
    return chatRequest;
  }

  /** Sends the request to the provider of its model. */
  async function open(chatRequest: ChatRequest, run: Run, context: RequestContext, caller: Caller) {
    const model = models.resolve(chatRequest.model, caller.token?.models);
    const providerRequest: ProviderRequest = {
      ...withoutOurFields(chatRequest),
      ...clampOutput(chatRequest, outputLimit(limits, model, caller)),
      messages: withSystemPrompt(chatRequest, systemPrompt),
      model: model.name,
    };
    const reservation = await reserveTokens(providerRequest, caller, context, limits.rates);
    const limited = { ...providerRequest, ...reservation?.outputLimit };
    const answer = await model.openChat(limited, run.signal, context.tries);
    return { answer, reservation };
  }
}

/** Two requests with the same digest ask the same. */
function digestOf(request: ChatRequest): string {
  return hash("sha256", JSON.stringify(request));
}

/** The fields that are meant for a provider. */
function withoutOurFields({ stream: _, resumable: __, ...rest }: ChatRequest): Omit<ChatRequest, "stream"> {
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
