/**
 * Turns the bytes of our events into those of a client's own stream. Runs and logs keep our events, so every client reads the
 * same run; only the last step before the socket differs.
 * @module
 */
import { parseChatEvent } from "../protocol/chat_event.ts";
import { SseParser } from "../protocol/sse_parser.ts";
import type { Recode } from "../upstream/chat_event_stream.ts";
import { OutputBuffer } from "../upstream/chat_events/output_buffer.ts";
import { BEFORE_ID, BEFORE_TEXT } from "../upstream/chat_events/text_event.ts";
import type { EventEncoder, StreamFormat } from "./stream_format.ts";

const LF = 10;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** The first byte of a character with four bytes, which is a surrogate pair in UTF-16. */
const FOUR_BYTES = 0xf0;
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
    const parsedFrom = parser.isBetweenMessages ? copyTexts(bytes, events, output) : 0;
    // A log's chunks are cut anywhere, the others are whole events.
    if (parsedFrom < bytes.length) parser.feed(decoder.decode(bytes.subarray(parsedFrom), { stream: true }));
    return output.take();
  };
}

/**
 * The short cut for the text events at the start of a chunk: their JSON is copied as it is, with the same result.
 * @returns where the other events begin
 */
function copyTexts(bytes: Uint8Array, events: EventEncoder, output: OutputBuffer): number {
  const frame = events.textFrame;
  if (frame === undefined) return 0;
  const { type, before, after } = frame;
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
    events.noteText?.(unitsOf(bytes, textStart, textEnd));
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

/** The length of text in UTF-16 code units. The bytes are the inside of a JSON string. */
function unitsOf(json: Uint8Array, start: number, end: number): number {
  let units = 0;
  for (let at = start; at < end; at++) {
    const byte = json[at]!;
    const isContinuation = byte >= 0x80 && byte < 0xc0;
    if (!isContinuation) units += byte >= FOUR_BYTES ? 2 : 1;
    // An escape has two bytes, and one with a number six.
    if (byte === BACKSLASH) at += json[at + 1] === LETTER_U ? 5 : 1;
  }
  return units;
}
