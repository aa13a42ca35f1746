/**
 * POST /api/chat: our own protocol. The response has the answer's events, or the whole answer as JSON where `stream` is false.
 * @module
 */
import { CHAT_STREAM_HEADERS } from "../protocol/chat_event.ts";
import type { Access } from "./access.ts";
import { type Answers, noContent } from "./answers.ts";
import type { StreamFormat } from "./stream_format.ts";
import { parseChatRequest } from "./parse_chat_request.ts";
import type { RequestContext } from "./request_context.ts";
import { readIdempotencyKey, readLastEventId } from "./resumption.ts";

/** What the routes that answer questions work with. */
export interface AnswerRouteParts {
  readonly answers: Answers;
  readonly access: Access;
}

/** Our own events. */
export const CHAT_FORMAT: StreamFormat = { headers: CHAT_STREAM_HEADERS };

/** The handler of POST /api/chat. It throws a `ChatError` for everything that fails before the first byte. */
export function chat({ answers, access }: AnswerRouteParts) {
  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    const caller = await access.identify(request, context.connection);
    const after = readLastEventId(request);
    // A client that reconnects by posting again, and means no new answer. Without a key its run cannot be found.
    if (after !== undefined && readIdempotencyKey(request, caller) === undefined) return noContent();
    return await answers.respond({ request, context, caller }, (json, key) => {
      const chatRequest = parseChatRequest(json);
      if (after !== undefined && !chatRequest.resumable) return undefined;
      return { request: chatRequest, format: CHAT_FORMAT, key, after };
    });
  };
}
