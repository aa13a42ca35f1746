/**
 * What stores a conversation, as one module: loaded on pages with `persist`.
 * @module
 */
// A hint for the bundler, which every lazily loaded module has: the whole component becomes the one chunk that they share.
// Without it, each set of shared files would be a chunk of its own.
import "./chat_stream.ts";

export { ChatKeeper } from "./chat/chat_keeper.ts";
