/**
 * The OpenAI-to-SSE transform: a provider's chat completion stream in, our event stream out.
 * @module
 */
import { ChatEventStream, type ChatEventStreamOptions } from "./chat_event_stream.ts";
import { ChatCompletionsDecoder } from "./chat_completions/chat_completions_decoder.ts";

export { DEFAULT_TIMEOUTS } from "./chat_events/chat_event_transformer.ts";
export type { ChatEventStreamOptions, OutputAllowance, StreamSummary, StreamTimeouts } from "./chat_event_stream.ts";

/**
 * A provider's server-sent events in, ours out, as bytes: a {@linkcode ChatEventStream} for chat completions, for programs
 * that have no use for the rest of the server. The server's own stream decodes with `ShortCutDecoder`, which costs less
 * time an event and more code.
 *
 * @example
 * ```ts
 * import { OpenAIToChatEventStream } from "./openai_to_chat_events.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const response = new Response('data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
 * const events = response.body!.pipeThrough(new OpenAIToChatEventStream());
 * const text = await new Response(events).text();
 * assertEquals(text.split("\n").filter((line) => line.startsWith("event: ")), [
 *   "event: text",
 *   "event: speed",
 *   "event: stop",
 * ]);
 * ```
 */
export class OpenAIToChatEventStream extends ChatEventStream {
  constructor(options: ChatEventStreamOptions = {}) {
    super((context) => new ChatCompletionsDecoder(context), options);
  }
}
