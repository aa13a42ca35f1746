/**
 * Starts the run of a question and responds with its answer, in the format of the client that sent it. All clients share this,
 * so all have the same limits, the same runs and the same owners.
 * @module
 */
import { hash } from "node:crypto";
import { EMPTY_ANSWER, reduceChatAnswer } from "../protocol/chat_answer.ts";
import { ChatError } from "../protocol/chat_error.ts";
import { readChatEvents } from "../protocol/chat_event_reader.ts";
import type { ChatRequest } from "../protocol/chat_request.ts";
import type { KnownClaim, NewClaim, Series } from "../runs/idempotency_keys.ts";
import type { ReadableRun } from "../runs/readable_run.ts";
import type { Run } from "../runs/run.ts";
import { noFreePlace, runError, runNotFound } from "../runs/run_error.ts";
import type { RunRegistry } from "../runs/run_registry.ts";
import type { OutputAllowance } from "../upstream/chat_event_stream.ts";
import { countSize } from "../upstream/http/size_counter.ts";
import type { Models } from "../upstream/models.ts";
import type { ProviderStream } from "../upstream/open_chat.ts";
import type { Caller } from "./access.ts";
import type { StreamFormat } from "./stream_format.ts";
import type { BodyLease } from "./body_pool.ts";
import { assertWithinLimits } from "./conversation_limits.ts";
import { createRecode } from "./event_recoder.ts";
import type { Limits } from "./limits.ts";
import { toProviderRequest } from "./provider_request.ts";
import { readJson } from "./read_json.ts";
import type { RequestContext } from "./request_context.ts";
import { ownerOf, readIdempotencyKey } from "./resumption.ts";
import { reserveTokens } from "./token_budget.ts";

/** The prefix of the addresses of runs. */
const RUN_PATH = "/api/chat/";

/** What answers are made with. */
export interface AnswerParts {
  readonly models: Models;
  readonly runs: RunRegistry;
  readonly limits: Limits;
  /** Put before every conversation. Clients may then send no instructions of their own. */
  readonly systemPrompt: string | undefined;
}

/** A question, read from a body. */
export interface Question {
  readonly request: ChatRequest;
  readonly format: StreamFormat;
  /** The idempotency key with its scope. A request that is not resumable begins no run with it. */
  readonly key: string | undefined;
  /** The series of which this is the latest answer. It needs a key. */
  readonly series?: Series | undefined;
  /** The number of the last event that the client has. */
  readonly after?: number | undefined;
}

/**
 * Reads a body.
 * @param key the idempotency key of the head, with its scope
 * @returns undefined where the client wants no new answer
 * @throws {ChatError} `InvalidRequestFormat`
 */
export type ReadQuestion = (json: unknown, key: string | undefined, caller: Caller) => Question | undefined;

type ReadBody = (json: unknown) => Question | undefined;

/** An answer that a provider has begun. */
interface OpenedAnswer {
  readonly answer: ProviderStream;
  readonly allowance: OutputAllowance | undefined;
}

/** The head of a request that is to be answered. */
export interface RequestHead {
  readonly request: Request;
  readonly context: RequestContext;
  readonly caller: Caller;
}

/** The answers of the application. */
export class Answers {
  readonly #models: Models;
  readonly #runs: RunRegistry;
  readonly #limits: Limits;
  readonly #systemPrompt: string | undefined;

  constructor({ models, runs, limits, systemPrompt }: AnswerParts) {
    this.#models = models;
    this.#runs = runs;
    this.#limits = limits;
    this.#systemPrompt = systemPrompt;
  }

  /**
   * Responds with the answer to the question in the body: of a new run, or of the one that has the head's key already.
   * @throws {ChatError} for everything that fails before the first byte
   */
  async respond(head: RequestHead, readQuestion: ReadQuestion): Promise<Response> {
    const key = readIdempotencyKey(head.request, head.caller);
    const read = (json: unknown) => readQuestion(json, key, head.caller);
    return key !== undefined && await this.#runs.resumable.hasKey(key)
      ? await this.#followKnown(head, read)
      : await this.#start(head, read);
  }

  /** Starts a run. Nothing is read or opened for a request that finds no place. */
  async #start(head: RequestHead, read: ReadBody): Promise<Response> {
    const { request, context, caller } = head;
    using run = this.#runs.start(request.signal);
    context.onEnd(await this.#limits.rates.admit(caller));
    using lease = this.#limits.body.pool.lease(senderOf(caller));
    const question = await this.#readQuestion(request, read, lease);
    if (question === undefined) return noContent();
    const claim = question.request.resumable ? await this.#claim(question, caller, () => run.stop()) : undefined;
    // With a key the client can come back before it has seen the head.
    if (claim !== undefined) run.detach();
    if (claim?.type === "known") return await respondWith(await claim.run, context, question);
    try {
      const opened = await this.#open(question.request, run, head);
      return question.request.resumable && this.#runs.resumable.hasRoom()
        ? this.#record(opened, run, head, question, claim)
        : await this.#produce(opened, run, head, question, claim);
    } catch (error) {
      claim?.reject(error);
      throw error;
    }
  }

  /** Follows the run that an earlier request with the same key began, or is beginning. */
  async #followKnown({ request, context, caller }: RequestHead, read: ReadBody): Promise<Response> {
    await this.#limits.rates.admitRead(caller);
    using lease = this.#limits.body.pool.lease(senderOf(caller));
    const question = await this.#readQuestion(request, read, lease);
    if (question === undefined) return noContent();
    const claim = await this.#claim(question, caller, () => {});
    if (claim?.type === "known") return await respondWith(await claim.run, context, question);
    // The run expired while the body arrived.
    claim?.reject(runNotFound());
    throw runNotFound();
  }

  async #readQuestion(request: Request, read: ReadBody, lease: BodyLease): Promise<Question | undefined> {
    const question = read(await readJson(request, this.#limits.body, lease));
    if (question !== undefined) assertWithinLimits(question.request, this.#limits.conversation);
    return question;
  }

  async #claim(
    { request, key, series }: Question,
    caller: Caller,
    stop: () => void,
  ): Promise<NewClaim | KnownClaim | undefined> {
    if (key === undefined) return undefined;
    return await this.#runs.resumable.claim({ key, digest: digestOf(request), stop, series }, ownerOf(caller));
  }

  /** Sends the request to the provider of its model. */
  async #open(request: ChatRequest, run: Run, { context, caller }: RequestHead): Promise<OpenedAnswer> {
    const model = this.#models.resolve(request.model, caller.token?.models);
    const { maxOutputTokens, rates } = this.#limits;
    const settings = { systemPrompt: this.#systemPrompt, maxOutputTokens };
    const providerRequest = toProviderRequest(request, model, caller, settings);
    const allowance = await reserveTokens(providerRequest, caller, context, rates);
    const limited = { ...providerRequest, ...allowance?.outputLimit };
    return { answer: await model.openChat(limited, run.signal, context.tries), allowance };
  }

  /** Responds with an answer that outlives the response. */
  #record(
    { answer, allowance }: OpenedAnswer,
    run: Run,
    { context, caller }: RequestHead,
    { key, format }: Question,
    claim: NewClaim | undefined,
  ): Response {
    const recorded = this.#runs.resumable.record(run, answer, { owner: ownerOf(caller), key, allowance });
    context.follow(run.ended);
    claim?.resolve(recorded);
    const body = recorded.readers.startFirst(createRecode(format));
    return new Response(body, { headers: headersOf(format, recorded) });
  }

  /** Responds with an answer that ends with its connection. */
  async #produce(
    { answer, allowance }: OpenedAnswer,
    run: Run,
    { context }: RequestHead,
    { request, format }: Question,
    claim: NewClaim | undefined,
  ): Promise<Response> {
    const events = run.produce(answer, { allowance, recode: createRecode(format) });
    context.follow(run.ended);
    claim?.reject(noFreePlace());
    if (request.stream) return new Response(events, { headers: format.headers });
    const { maxAnswerBytes } = this.#runs.resumable;
    const limited = countSize((bytes) => bytes > maxAnswerBytes && run.interrupt(runError("answer_too_large")));
    return await answerWhole(events.pipeThrough(limited));
  }
}

/**
 * The response that follows a run from the event after `after`; 204 where the client has the terminal event, at which an
 * `EventSource` stops.
 * @throws {ChatError} `EventNotReached`, `EventsGone`, `RateLimitExceeded` or `ServerBusy`
 */
export async function respondWith(
  run: ReadableRun,
  context: RequestContext,
  { after = 0, format }: Pick<Question, "after" | "format">,
): Promise<Response> {
  await run.reach(after);
  if (run.isReadUpTo(after)) return noContent();
  const { body, ended } = run.read(after, createRecode(format));
  context.follow(ended);
  return new Response(body, { headers: headersOf(format, run) });
}

/** A response without a body. */
export function noContent(): Response {
  return new Response(null, { status: 204, headers: { "cache-control": "no-store" } });
}

/** The address of a run is of use only to clients that read our events there. */
function headersOf({ headers, createEncoder }: StreamFormat, { id }: ReadableRun): Readonly<Record<string, string>> {
  return createEncoder === undefined ? { ...headers, "content-location": RUN_PATH + id } : headers;
}

/** Who sends a large body: a token's visitor, or the largest network that the address is counted by; nobody on this machine. */
function senderOf(caller: Caller): string | undefined {
  const { token, address } = caller;
  if (token !== undefined) return ownerOf(caller);
  return address.isLocal ? undefined : address.networks.at(-1)?.name;
}

/** Two requests with the same digest ask the same. */
function digestOf(request: ChatRequest): string {
  return hash("sha256", JSON.stringify(request));
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
