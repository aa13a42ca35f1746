/**
 * The entry `request` of the npm package `@chat-stream/protocol`: checks the body of `POST /api/chat`, for servers.
 * @module
 */
export type { ChatRequest } from "../../protocol/chat_request.ts";
export { parseChatRequest } from "../../routes/parse_chat_request.ts";
