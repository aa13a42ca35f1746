/**
 * Registers `<chat-stream>`: the one module with a side effect, and the entry of the bundle. It is small; the
 * component itself is loaded from beside it.
 * @module
 */
const { ChatStream } = await import("./chat_stream.ts");
customElements.get("chat-stream") ?? customElements.define("chat-stream", ChatStream);
