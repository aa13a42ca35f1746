/**
 * The dialect of Gemini's `streamGenerateContent`, of the Gemini API and of Vertex AI.
 * @see https://ai.google.dev/api/generate-content
 * @module
 */
import type { Dialect } from "../chat_events/dialect.ts";
import { JsonEventDecoder } from "../chat_events/json_event_decoder.ts";
import { asList } from "../chat_events/untrusted_json.ts";
import { GeminiMapper } from "./gemini_mapper.ts";
import { toGeminiRequest } from "./gemini_request.ts";

/** Gemini's own API. */
export const gemini: Dialect = {
  toRequest: toGeminiRequest,
  createDecoder: (context) => new JsonEventDecoder(context, (answer) => new GeminiMapper(answer)),
  /** A whole response has the shape of a chunk. */
  toStream(json) {
    const isAnswer = asList(json.candidates).length > 0 || "promptFeedback" in json;
    return isAnswer ? `data: ${JSON.stringify(json)}\n\n` : undefined;
  },
};
