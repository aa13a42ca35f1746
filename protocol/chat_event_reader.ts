/**
 * Reads a chat stream's bytes as events, for every client of it: the component, the framework-free client, and the
 * server's own `stream: false`. It also says whether the stream told the truth about its end.
 * @module
 */
import { type ChatEvent, isTerminal, parseChatEvent } from "./chat_event.ts";
import { SseParser } from "./sse_parser.ts";

/**
 * Reads `body` to its end and hands over each event as soon as its bytes are there.
 *
 * A body that ends without a terminal event was cut: an `error` event (`StreamChunkError`, `unexpected_end`) is then
 * handed over in its place, so that a caller sees exactly one ending. Nothing is handed over after the terminal event.
 *
 * @param body the response's body; it is cancelled after the terminal event and when `signal` aborts
 * @param onEvent called synchronously, in order
 * @returns when the terminal event has been handed over
 * @throws {DOMException} `AbortError` when `signal` aborted first, or what `onEvent` threw
 */
export async function readChatEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onEvent: (event: ChatEvent) => void,
  signal?: AbortSignal,
): Promise<void> {
  let ended = false;
  let thrown: unknown;
  const hand = (event: ChatEvent) => {
    if (ended) return;
    ended = isTerminal(event);
    try {
      onEvent(event);
    } catch (error) {
      thrown = error;
      throw error;
    }
  };
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parser = new SseParser({
    onMessage: (message) => {
      const event = parseChatEvent(message);
      if (event !== undefined) hand(event);
    },
  });
  const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
    write(bytes, controller) {
      parser.feed(decoder.decode(bytes, { stream: true }));
      // Lets the body go: behind some proxies a connection stays open long after its last event.
      if (ended) controller.error();
    },
  });
  try {
    // `pipeTo` and not `for await`: Safari cannot iterate a stream.
    await body.pipeTo(sink, signal === undefined ? {} : { signal });
  } catch (error) {
    // A lost connection and bytes that are no chat stream end the same way: below, if nothing has ended it yet.
    if ((signal?.aborted && !ended) || thrown !== undefined) throw error;
  }
  hand({
    type: "error",
    data: {
      type: "StreamChunkError",
      message: "The connection was lost before the answer was complete.",
      body: { reason: "unexpected_end" },
    },
  });
}
