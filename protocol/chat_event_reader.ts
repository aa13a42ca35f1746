/**
 * Reads a chat stream's bytes as events: for the component, the framework-free client and the server's own
 * `stream: false`. It reports whether a stream really ended or was cut.
 * @module
 */
import type { ChatErrorData } from "./chat_error.ts";
import { type ChatEvent, isTerminal, parseChatEvent } from "./chat_event.ts";
import { SseParser } from "./sse_parser.ts";

/** The error of a stream whose connection ended before its terminal event. */
export const UNEXPECTED_END: ChatErrorData = {
  type: "StreamChunkError",
  message: "The connection was lost before the answer was complete.",
  body: { reason: "unexpected_end" },
};

/** How a connection ended: with a terminal event, before one, or with bytes that are no chat stream. */
export type ConnectionEnd = "complete" | "cut" | "invalid";

/** Receives what {@linkcode readConnection} finds, synchronously and in order. */
export interface ConnectionHandler {
  /** A whole event has arrived. `id` is its number within the run; 0 if the server sent none. */
  onEvent(event: ChatEvent, id: number): void;
  /** Bytes have arrived, those of heartbeats included. */
  onBytes?(): void;
}

/**
 * Reads `body` and reports each event once all of its bytes have arrived. Reports nothing after the terminal event.
 *
 * @param body the response's body; it is cancelled after the terminal event and when `signal` aborts
 * @returns how the connection ended; a connection that `signal` ends is cut
 * @throws what the handler throws
 */
export async function readConnection(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  handler: ConnectionHandler,
  signal?: AbortSignal,
): Promise<ConnectionEnd> {
  let end: ConnectionEnd = "cut";
  let thrown: { readonly error: unknown } | undefined;
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const parser = new SseParser({
    onMessage: (message) => {
      const event = end === "cut" ? parseChatEvent(message) : undefined;
      if (event === undefined) return;
      if (isTerminal(event)) end = "complete";
      try {
        handler.onEvent(event, Number(message.id));
      } catch (error) {
        thrown = { error };
        throw error;
      }
    },
  });
  const sink = new WritableStream<Uint8Array<ArrayBuffer>>({
    write(bytes, controller) {
      handler.onBytes?.();
      try {
        parser.feed(decoder.decode(bytes, { stream: true }));
      } catch (error) {
        if (end === "cut") end = "invalid";
        throw error;
      }
      // Cancels the body: behind some proxies a connection stays open long after its last event.
      if (end === "complete") controller.error();
    },
  });
  // `pipeTo` and not `for await`: Safari cannot iterate a stream.
  await body.pipeTo(sink, signal === undefined ? {} : { signal }).catch(() => {});
  if (thrown !== undefined) throw (thrown as { readonly error: unknown }).error;
  return end;
}

/**
 * Reads `body` to its end and reports each event once all of its bytes have arrived.
 *
 * A body that ends without a terminal event was cut: an `error` event (`StreamChunkError`, `unexpected_end`) is then
 * reported in its place, so that a caller gets exactly one terminal event. Nothing is reported after it.
 *
 * @param body the response's body; it is cancelled after the terminal event and when `signal` aborts
 * @param onEvent called synchronously, in order
 * @returns after the terminal event
 * @throws {DOMException} `AbortError` if `signal` aborts first, or what `onEvent` throws
 */
export async function readChatEvents(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  onEvent: (event: ChatEvent) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (await readConnection(body, { onEvent }, signal) === "complete") return;
  signal?.throwIfAborted();
  onEvent({ type: "error", data: UNEXPECTED_END });
}
