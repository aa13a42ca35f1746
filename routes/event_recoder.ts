/**
 * Turns the bytes of our events into those of a client's own stream. Runs and logs keep our events, so every client reads the
 * same run; only the last step before the socket differs.
 * @module
 */
import { parseChatEvent } from "../protocol/chat_event.ts";
import { SseParser } from "../protocol/sse_parser.ts";
import type { Recode } from "../upstream/chat_event_stream.ts";
import { OutputBuffer } from "../upstream/chat_events/output_buffer.ts";
import type { StreamFormat, TextFrame } from "./stream_format.ts";

const encoder = new TextEncoder();
/** What our writer puts before the number and before the text of an event. */
const BEFORE_ID = encoder.encode("id: ");
const BEFORE_TEXT: Readonly<Record<TextFrame["type"], Uint8Array>> = {
  text: encoder.encode('\nevent: text\ndata: "'),
  reasoning: encoder.encode('\nevent: reasoning\ndata: "'),
};
const LF = 10;
const [DIGIT_ZERO, DIGIT_NINE] = [48, 57];

/** The function that turns one response's bytes into the format's; undefined where the client reads our events. */
export function createRecode({ createEncoder }: StreamFormat): Recode | undefined {
  if (createEncoder === undefined) return undefined;
  const events = createEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const output = new OutputBuffer();
  output.addText(events.begin());
  const parser = new SseParser({
    onMessage(message) {
      const event = parseChatEvent(message);
      if (event !== undefined) output.addText(events.encode(event));
    },
  }, Infinity);
  return (bytes) => {
    const frame = parser.isBetweenMessages ? events.textFrame : undefined;
    const parsedFrom = frame === undefined ? 0 : copyTexts(bytes, frame, output);
    // A log's chunks are cut anywhere, the others are whole events.
    if (parsedFrom < bytes.length) parser.feed(decoder.decode(bytes.subarray(parsedFrom), { stream: true }));
    return output.take();
  };
}

/**
 * The short cut for the text events at the start of a chunk: their JSON is copied as it is, with the same result.
 * @returns where the other events begin
 */
function copyTexts(bytes: Uint8Array, { type, before, after }: TextFrame, output: OutputBuffer): number {
  for (let at = 0;;) {
    const textStart = startOfText(bytes, at, BEFORE_TEXT[type]);
    if (textStart === -1) return at;
    const lineEnd = bytes.indexOf(LF, textStart);
    if (lineEnd === -1 || bytes[lineEnd + 1] !== LF) return at;
    const textEnd = lineEnd - 1;
    // Empty text may have no message.
    if (textStart === textEnd) return at;
    output.reserve(before.length + textEnd - textStart + after.length);
    output.copy(before, 0, before.length);
    output.copy(bytes, textStart, textEnd);
    output.copy(after, 0, after.length);
    at = lineEnd + 2;
  }
}

/** Where the text of the event at `start` begins; -1 where it is not an event with text. */
function startOfText(bytes: Uint8Array, start: number, beforeText: Uint8Array): number {
  if (!hasBytes(bytes, start, BEFORE_ID)) return -1;
  let at = start + BEFORE_ID.length;
  while (bytes[at]! >= DIGIT_ZERO && bytes[at]! <= DIGIT_NINE) at++;
  return hasBytes(bytes, at, beforeText) ? at + beforeText.length : -1;
}

function hasBytes(bytes: Uint8Array, start: number, expected: Uint8Array): boolean {
  for (let at = 0; at < expected.length; at++) if (bytes[start + at] !== expected[at]) return false;
  return true;
}
