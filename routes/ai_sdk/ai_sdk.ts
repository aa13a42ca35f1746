/**
 * The routes of Vercel's AI SDK: `POST /api/ai-sdk` takes what `DefaultChatTransport` sends, and GET and DELETE of
 * `/api/ai-sdk/<chat id>/stream` follow and stop the answer that is running in a chat.
 *
 * `useChat` stops an answer by closing its connection, and takes one up again after a reload: the server cannot tell these
 * apart. So an answer goes on without its connection, and a page that wants it to stop sends the DELETE.
 * @module
 */
import { hash } from "node:crypto";
import * as v from "valibot";
import { CHAT_STREAM_HEADERS } from "../../protocol/chat_event.ts";
import type { Caller } from "../access.ts";
import { noContent, type Question, respondWith } from "../answers.ts";
import type { AnswerRouteParts } from "../chat.ts";
import type { StreamFormat } from "../stream_format.ts";
import { isJsonObject, type JsonObject, NAME } from "../json_values.ts";
import { parseChatRequest } from "../parse_chat_request.ts";
import type { RequestContext } from "../request_context.ts";
import { fields, parseBody } from "../request_schema.ts";
import { ownerOf } from "../resumption.ts";
import { followRoute, type RunParts, runRoute } from "../runs.ts";
import { replayedStartOf, startOf } from "./message_start.ts";
import { UIMessageEncoder } from "./ui_message_encoder.ts";
import { toChatMessages, UI_MESSAGES } from "./ui_messages.ts";

/** A shorter id of a chat can be guessed. Where no token says whose a chat is, its answers cannot be followed by it. */
export const MIN_CHAT_ID_CHARS = 16;

const BODY = v.pipe(
  v.custom(isJsonObject, "a JSON object"),
  fields({ id: v.nullish(NAME), messages: UI_MESSAGES }),
);

/** The body, before the fields are dropped that say nothing to a model. */
interface Body {
  readonly messages: readonly JsonObject[];
}
type LastMessage = Pick<v.InferOutput<typeof UI_MESSAGES>[number], "role" | "id">;

/** The handler of POST /api/ai-sdk. */
export function aiSdkChat({ answers, access }: AnswerRouteParts) {
  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    const caller = await access.identify(request, context.connection);
    return await answers.respond({ request, context, caller }, readQuestion);
  };
}

/** The handler of GET /api/ai-sdk/<chat id>/stream: the running answer from its beginning, or 204. */
export function followAiSdkChat(parts: RunParts) {
  return followRoute(parts, async ({ request, context, caller }) => {
    const chat = chatOf(decodeId(context.id), caller);
    const latest = chat === undefined
      ? undefined
      : await parts.runs.resumable.findLatest(chat, ownerOf(caller), request.signal);
    return latest === undefined
      ? noContent()
      : await respondWith(latest.run, context, { format: formatOf(latest.note) });
  });
}

/** The handler of DELETE /api/ai-sdk/<chat id>/stream: idempotent. */
export function stopAiSdkChat(parts: RunParts) {
  return runRoute(parts, async ({ context, caller }) => {
    const chat = chatOf(decodeId(context.id), caller);
    if (chat !== undefined) await parts.runs.resumable.stopLatest(chat);
    return noContent();
  });
}

/** The question in a body. Fields of our own requests, such as `model` and `tools`, may stand beside the AI SDK's. */
function readQuestion(json: unknown, clientKey: string | undefined, caller: Caller): Question {
  const { id, messages } = parseBody(BODY, json);
  const chat = chatOf(id, caller);
  const request = parseChatRequest({
    ...(json as object),
    messages: toChatMessages(messages),
    stream: true,
    resumable: chat !== undefined,
  });
  const key = clientKey ?? randomKey();
  const { start, replayedStart } = startsOf(messages.at(-1)!, (json as Body).messages.at(-1)!, messageIdOf(key));
  return {
    request,
    format: formatOf(start),
    key,
    series: chat === undefined ? undefined : { name: chat, note: replayedStart },
  };
}

/**
 * The beginnings of an answer: of its first response, and for clients that take it up. Both name the message, so that a client
 * that has a part of the answer already replaces that.
 * @param raw the same message with the fields that say nothing to a model
 * @param newId the id of an answer that begins a message
 */
function startsOf({ role, id }: LastMessage, raw: JsonObject, newId: string) {
  const newStart = startOf(newId);
  if (role !== "assistant" || id === undefined) return { start: newStart, replayedStart: newStart };
  return { start: startOf(id), replayedStart: replayedStartOf(id, raw) ?? newStart };
}

/** The UI message stream, version 1. @param start the beginning of the message */
function formatOf(start: string): StreamFormat {
  return {
    headers: { ...CHAT_STREAM_HEADERS, "x-vercel-ai-ui-message-stream": "v1" },
    createEncoder: () => new UIMessageEncoder(start),
  };
}

/** A key that no client can name: the answer is found by its chat. */
function randomKey(): string {
  return JSON.stringify(["ai-sdk", crypto.randomUUID()]);
}

/** The id of an answer, the same for every request with its key. It tells nothing of the key. */
function messageIdOf(key: string): string {
  return hash("sha256", key).slice(0, 32);
}

/**
 * The chat that a caller may follow by its id, as the name of a series of answers.
 * @returns undefined where others could guess the id
 */
function chatOf(id: string | undefined, caller: Caller): string | undefined {
  if (id === undefined || (caller.token === undefined && id.length < MIN_CHAT_ID_CHARS)) return undefined;
  return JSON.stringify(["ai-sdk", ownerOf(caller), id]);
}

/** The id in an address; undefined where it is not encoded properly. */
function decodeId(id: string): string | undefined {
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}
