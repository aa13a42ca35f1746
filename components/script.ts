/**
 * The entry of `chat-stream.js`, the script for a page's `<script>` tag: registers the element, which then sends its
 * requests to the server that served the script, not to the page's.
 * @module
 */
import { defineChatStream } from "./define.ts";

defineChatStream(new URL("/api/chat", import.meta.url).href, import.meta.url);
