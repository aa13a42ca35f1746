/**
 * Turns the bytes of our events into those of a client's own stream. Runs and logs keep our events, so every client reads the
 * same run; only the last step before the socket differs.
 * @module
 */
import { parseChatEvent } from "../protocol/chat_event.ts";
import { SseParser } from "../protocol/sse_parser.ts";
import type { Recode } from "../upstream/chat_event_stream.ts";
import type { StreamFormat } from "./stream_format.ts";

/** The function that turns one response's bytes into the format's; undefined where the client reads our events. */
export function createRecode({ createEncoder }: StreamFormat): Recode | undefined {
  if (createEncoder === undefined) return undefined;
  const events = createEncoder();
  const [decoder, encoder] = [new TextDecoder("utf-8", { ignoreBOM: true }), new TextEncoder()];
  let output = events.begin();
  const parser = new SseParser({
    onMessage(message) {
      const event = parseChatEvent(message);
      if (event !== undefined) output += events.encode(event);
    },
  }, Infinity);
  return (bytes) => {
    // A log's chunks are cut anywhere, the others are whole events.
    parser.feed(decoder.decode(bytes, { stream: true }));
    const text = output;
    output = "";
    return encoder.encode(text);
  };
}
