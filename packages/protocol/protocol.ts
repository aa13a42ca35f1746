/**
 * The entry of the npm package `@chat-stream/protocol`: the contract of `POST /api/chat`, for clients and servers. It runs
 * wherever web streams do.
 * @module
 */
export { type ChatAnswer, EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
export {
  CHAT_ERROR_STATUS,
  type ChatErrorBody,
  type ChatErrorData,
  type ChatErrorReason,
  type ChatErrorType,
} from "../../protocol/chat_error.ts";
export {
  CHAT_STREAM_HEADERS,
  type ChatEvent,
  type Citation,
  type CitationMark,
  formatChatEvent,
  type Grounding,
  HEARTBEAT,
  isTerminal,
  type ModelSpeed,
  type ModelUsage,
  parseChatEvent,
  type ToolCallDelta,
} from "../../protocol/chat_event.ts";
export { readChatEvents } from "../../protocol/chat_event_reader.ts";
export type {
  ChatMessage,
  ChatRequest,
  ChatRole,
  ContentPart,
  ToolCall,
  ToolDefinition,
} from "../../protocol/chat_request.ts";
export { type SseMessage, SseParser } from "../../protocol/sse_parser.ts";
