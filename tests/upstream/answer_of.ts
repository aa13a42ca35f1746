/**
 * Runs a provider's bytes through the whole transform, for tests. It checks that the output is exactly what the
 * protocol says.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type ChatEvent, type Grounding, isTerminal, parseChatEvent } from "../../protocol/chat_event.ts";
import { SseParser } from "../../protocol/sse_parser.ts";
import { ChatEventMapper } from "../../upstream/chat_completions/chat_event_mapper.ts";
import { StreamClock } from "../../upstream/chat_events/stream_clock.ts";
import { chatCompletions } from "../../upstream/chat_completions/chat_completions.ts";
import {
  ChatEventStream,
  type ChatEventStreamOptions,
  type StreamSummary,
  type StreamTimeouts,
} from "../../upstream/chat_event_stream.ts";
import { type ProviderBytes, providerBytesIn } from "../../upstream/http/provider_bytes.ts";

/** Timeouts so long that none of them fires. */
export const NO_TIMEOUTS: StreamTimeouts = {
  heartbeatMs: 1e9,
  idleTimeoutMs: 1e9,
  maxStreamMs: 1e9,
  writeStallMs: 1e9,
};

/** The end of a provider's stream. */
export const DONE = "data: [DONE]\n\n";

/** A chunk of a provider's stream, as text. */
export function chunk(content: string, finish_reason: string | null = null): string {
  return `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason }] })}\n\n`;
}

/** The output of the transform. */
export interface StreamedAnswer {
  readonly events: readonly ChatEvent[];
  readonly wire: string;
  readonly summary: StreamSummary | undefined;
}

/** The whole output of the server's transform of chat completions for `source`. */
export async function answerOf(
  source: ProviderBytes | Iterable<Uint8Array<ArrayBuffer>>,
  options: Partial<ChatEventStreamOptions> = {},
): Promise<StreamedAnswer> {
  let summary: StreamSummary | undefined;
  const stream = new ChatEventStream(chatCompletions.createDecoder, {
    timeouts: NO_TIMEOUTS,
    clock: new StreamClock(1e9, () => 0),
    startedAt: 0,
    onEnd: (ended) => {
      assertEquals(summary, undefined, "onEnd was called twice");
      summary = ended;
    },
    ...options,
  });
  void stream.feed("read" in source ? source : providerBytesIn(source));
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let wire = "";
  for await (const chunk of stream.readable) wire += decoder.decode(chunk, { stream: true });
  return { events: readWire(wire + decoder.decode()), wire, summary };
}

const FRAME = /^(?:: ping\n)*id: (\d+)\nevent: ([a-z0-9_]+)\ndata: ([^\r\n]*)\n\n/;

/**
 * The events of a finished stream. It checks the format of each frame, the ids, and that one terminal event comes last.
 */
export function readWire(wire: string): ChatEvent[] {
  const events: ChatEvent[] = [];
  let textChars = 0;
  let at = 0;
  while (at < wire.length) {
    const frame = FRAME.exec(wire.slice(at));
    assert(frame !== null, `no frame at ${at}: ${JSON.stringify(wire.slice(at, at + 200))}`);
    const [whole, id, event = "", data = ""] = frame;
    assertEquals(Number(id), events.length + 1);
    const parsed = parseChatEvent({ event, data, id: "" });
    assert(parsed !== undefined, `unknown event ${event}`);
    events.push(parsed);
    if (parsed.type === "text") textChars += parsed.data.length;
    if (parsed.type === "grounding") assertMarks(parsed.data, textChars);
    at += whole.length;
  }
  assertEquals(events.map(isTerminal).indexOf(true), events.length - 1, "exactly one terminal event, last");
  return events;
}

/** Marks ascend, lie in the text so far, and cite what is there. */
function assertMarks({ citations, marks = [] }: Grounding, textChars: number): void {
  const ends = marks.map(({ end }) => end);
  assertEquals(ends, [...new Set(ends)].sort((a, b) => a - b), "marks");
  assert(marks.length <= 256 && ends.every((end) => end > 0 && end <= textChars), `marks at ${ends} of ${textChars}`);
  for (const mark of marks) {
    assert(mark.citations.length > 0 && mark.citations.every((index) => citations[index] !== undefined), "cited");
  }
}

/** The mapper's events for these chunks, without streams and without the short cut. */
export function mapChunks(chunks: Iterable<Uint8Array>): ChatEvent[] {
  const events: ChatEvent[] = [];
  let made = 0;
  const mapper = new ChatEventMapper({
    emit: (event) => events.push(event),
    now: () => 0,
    startedAt: 0,
    generateId: () => `made_${++made}`,
  });
  const parser = new SseParser({
    onMessage: (message) => void mapper.onMessage(message),
    onUnknownField: (name, value) => mapper.onUnknownField(name, value),
  });
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
  mapper.endOfStream();
  return events;
}
