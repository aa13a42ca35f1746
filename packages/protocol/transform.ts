/**
 * The entry `transform` of the npm package `@chat-stream/protocol`: what a server needs between an OpenAI-compatible
 * provider and a response of `POST /api/chat`. It runs in Deno, Node, Bun and workers.
 * @module
 */
export { ChatError } from "../../protocol/chat_error.ts";
export { CHAT_STREAM_HEADERS } from "../../protocol/chat_event.ts";
export { providerHttpError } from "../../upstream/chat_events/provider_error.ts";
export {
  type ChatEventStreamOptions,
  OpenAIToChatEventStream,
  type StreamSummary,
  type StreamTimeouts,
} from "../../upstream/openai_to_chat_events.ts";
