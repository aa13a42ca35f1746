/**
 * Runs a provider's bytes through the decoder of a dialect, for tests. It checks that the output is exactly what the
 * protocol says.
 * @module
 */
import type { ChatEvent } from "../../protocol/chat_event.ts";
import { MAX_EVENT_CHARS, SseEventTooLargeError } from "../../protocol/sse_parser.ts";
import { ChatEventTransformer } from "../../upstream/chat_events/chat_event_transformer.ts";
import { ChatEventWriter } from "../../upstream/chat_events/chat_event_writer.ts";
import type { Dialect } from "../../upstream/chat_events/dialect.ts";
import { StreamClock } from "../../upstream/chat_events/stream_clock.ts";
import { NO_TIMEOUTS, readWire } from "./answer_of.ts";

const encoder = new TextEncoder();

/** The events of a whole stream, without streams in between. */
export function decodeAll(
  dialect: Dialect,
  chunks: Iterable<Uint8Array<ArrayBuffer>>,
  maxEventChars: number = MAX_EVENT_CHARS,
): ChatEvent[] {
  const writer = new ChatEventWriter();
  const decoder = dialect.createDecoder({ writer, now: () => 0, startedAt: 0, maxEventChars });
  let wire = "";
  const take = () => wire += new TextDecoder("utf-8", { ignoreBOM: true }).decode(writer.take());
  try {
    for (const chunk of chunks) {
      decoder.decode(chunk);
      take();
    }
    decoder.end();
  } catch (error) {
    if (!(error instanceof SseEventTooLargeError)) throw error;
    decoder.interrupt({ type: "StreamChunkError", message: "Too large.", body: { reason: "event_too_large" } });
  }
  take();
  return readWire(wire);
}

/** The events of a stream with these data, each in a message of its own. */
export function decodeData(dialect: Dialect, ...data: readonly unknown[]): ChatEvent[] {
  return decodeText(dialect, data.map((each) => `data: ${JSON.stringify(each)}\n\n`).join(""));
}

/** The events of a stream as text. */
export function decodeText(dialect: Dialect, text: string): ChatEvent[] {
  return decodeAll(dialect, [encoder.encode(text)]);
}

/** The events of a stream through the whole transform. */
export async function transformAll(
  dialect: Dialect,
  chunks: readonly Uint8Array<ArrayBuffer>[],
): Promise<readonly ChatEvent[]> {
  const transformer = new ChatEventTransformer((context) => dialect.createDecoder(context), {
    timeouts: NO_TIMEOUTS,
    clock: new StreamClock(1e9, () => 0),
    startedAt: 0,
  });
  const stream = new TransformStream(transformer);
  const writing = (async () => {
    const writer = stream.writable.getWriter();
    try {
      for (const chunk of chunks) await writer.write(chunk);
      await writer.close();
    } catch {
      // The answer ended before its bytes did.
    }
  })();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let wire = "";
  for await (const chunk of stream.readable) wire += decoder.decode(chunk, { stream: true });
  await writing;
  return readWire(wire + decoder.decode());
}
