/**
 * POST /api/ag-ui: takes what AG-UI's `HttpAgent` sends, so that CopilotKit and other AG-UI clients can use this server.
 * @see https://docs.ag-ui.com
 * @module
 */
import * as v from "valibot";
import { CHAT_STREAM_HEADERS } from "../../protocol/chat_event.ts";
import { type ChatRequest, MAX_TOOLS } from "../../protocol/chat_request.ts";
import type { Question } from "../answers.ts";
import type { AnswerRouteParts } from "../chat.ts";
import { isJsonObject, NAME } from "../json_values.ts";
import { parseChatRequest } from "../parse_chat_request.ts";
import type { RequestContext } from "../request_context.ts";
import { fields, listOf, object, OPAQUE_OBJECT, parseBody, STRING } from "../request_schema.ts";
import { AG_UI_MESSAGES, toChatMessages } from "./ag_ui_messages.ts";
import { AgUiEncoder } from "./ag_ui_encoder.ts";

/** The most entries of a request's context. */
const MAX_CONTEXT = 200;

const TOOL = object({ name: NAME, description: v.nullish(STRING), parameters: v.nullish(OPAQUE_OBJECT) });
const RUN_AGENT_INPUT = v.pipe(
  v.custom(isJsonObject, "a JSON object"),
  fields({
    threadId: NAME,
    runId: NAME,
    messages: AG_UI_MESSAGES,
    tools: v.nullish(listOf(TOOL, 0, MAX_TOOLS), []),
    context: v.nullish(listOf(object({ description: STRING, value: STRING }), 0, MAX_CONTEXT), []),
    forwardedProps: v.nullish(v.unknown()),
  }),
);
type RunAgentInput = v.InferOutput<typeof RUN_AGENT_INPUT>;

/** The handler of POST /api/ag-ui. */
export function agUi({ answers, access }: AnswerRouteParts) {
  return async function handle(request: Request, context: RequestContext): Promise<Response> {
    const caller = await access.identify(request, context.connection);
    return await answers.respond({ request, context, caller }, readQuestion);
  };
}

/** The question in a body. An answer outlives its connection where a key can find it again. */
function readQuestion(json: unknown, key: string | undefined): Question {
  const input = parseBody(RUN_AGENT_INPUT, json);
  const { threadId, runId } = input;
  return {
    request: toChatRequest(input, key !== undefined),
    key,
    format: { headers: CHAT_STREAM_HEADERS, createEncoder: () => new AgUiEncoder(threadId, runId) },
  };
}

/** Fields of our own requests, such as `model`, may be among the forwarded properties. */
function toChatRequest(input: RunAgentInput, resumable: boolean): ChatRequest {
  const { messages, tools, context, forwardedProps } = input;
  return parseChatRequest({
    ...(isJsonObject(forwardedProps) && forwardedProps),
    messages: [...contextMessage(context), ...toChatMessages(messages)],
    tools: tools.map((tool) => ({ type: "function", function: tool })),
    stream: true,
    resumable,
  });
}

/** What the page tells about itself. It is the visitor's: a server with instructions of its own takes no others. */
function contextMessage(context: RunAgentInput["context"]) {
  if (context.length === 0) return [];
  const lines = context.map(({ description, value }) => `${description}:\n${value}`);
  return [{ role: "user", content: `Context of this conversation:\n\n${lines.join("\n\n")}` }];
}
