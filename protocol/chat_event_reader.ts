/**
 * Reads the bytes of a chat stream as events. The component, the framework-free client and the server's `stream: false`
 * use it. A stream that was cut ends with an `error` event.
 * @module
 */
import { type ChatEvent, isTerminal, parseChatEvent } from "./chat_event.ts";
import { SseParser } from "./sse_parser.ts";

/**
 * Reads `body` to its end and calls `onEvent` with each event as soon as its bytes have arrived.
 *
 * A body without a terminal event was cut. `onEvent` then gets an `error` event (`StreamChunkError`, `unexpected_end`),
 * so that a caller sees exactly one terminal event, last.
 *
 * @param body the response's body; it is cancelled after the terminal event and when `signal` aborts
 * @param onEvent called synchronously, in order
 * @returns a promise that resolves after the terminal event
 * @throws {DOMException} `AbortError` when `signal` aborts first
 * @throws what `onEvent` throws
 */
export async function readChatEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onEvent: (event: ChatEvent) => void,
  signal?: AbortSignal,
): Promise<void> {
  let ended = false;
  let thrown: unknown;
  const emit = (event: ChatEvent) => {
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
      if (event !== undefined) emit(event);
    },
  });
  const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
    write(bytes, controller) {
      parser.feed(decoder.decode(bytes, { stream: true }));
      // Cancel the body: some proxies keep a connection open long after its last event.
      if (ended) controller.error();
    },
  });
  try {
    // Not `for await`: Safari cannot iterate streams.
    await body.pipeTo(sink, signal === undefined ? {} : { signal });
  } catch (error) {
    // A lost connection and invalid bytes both end in the error event below.
    if ((signal?.aborted && !ended) || thrown !== undefined) throw error;
  }
  emit({
    type: "error",
    data: {
      type: "StreamChunkError",
      message: "The connection was lost before the answer was complete.",
      body: { reason: "unexpected_end" },
    },
  });
}
