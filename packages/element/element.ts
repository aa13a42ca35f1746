/**
 * The entry of the npm package `@chat-stream/element`: registers `<chat-stream>`, which sends its requests to the page's
 * own server unless `endpoint` names another. Importing it on a server does nothing.
 * @module
 */
import { defineChatStream } from "../../components/define.ts";

defineChatStream("/api/chat");
