/**
 * The dialect of OpenAI's Responses API, which xAI, Azure, LM Studio and others serve, too.
 * @see https://platform.openai.com/docs/api-reference/responses
 * @module
 */
import type { Dialect } from "../chat_events/dialect.ts";
import { JsonEventDecoder } from "../chat_events/json_event_decoder.ts";
import { ResponsesMapper } from "./responses_mapper.ts";
import { toResponsesRequest } from "./responses_request.ts";

/** OpenAI's newer API. */
export const responses: Dialect = {
  toRequest: toResponsesRequest,
  createDecoder: (context) => new JsonEventDecoder(context, (answer) => new ResponsesMapper(answer)),
  /** The terminal event of a stream has the whole response. */
  toStream(json) {
    if (!Array.isArray(json.output)) return undefined;
    return `data: ${JSON.stringify({ type: "response.done", response: json })}\n\n`;
  },
};
