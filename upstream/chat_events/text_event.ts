/**
 * Text events as bytes: their text is JSON already, and is copied as it is.
 * @module
 */
import type { ChatEventWriter } from "./chat_event_writer.ts";

/** The events whose data is a string of text. */
export type TextEventType = "text" | "reasoning";

const encoder = new TextEncoder();
/** The bytes before the number of an event. */
export const BEFORE_ID: Uint8Array = encoder.encode("id: ");
/** The bytes between the number of a text event and its text, which is the inside of a JSON string. */
export const BEFORE_TEXT: Readonly<Record<TextEventType, Uint8Array>> = {
  text: encoder.encode('\nevent: text\ndata: "'),
  reasoning: encoder.encode('\nevent: reasoning\ndata: "'),
};
const AFTER_TEXT = encoder.encode('"\n\n');
/** The most bytes of a text event without its text. A number has up to 16 digits. */
const TEXT_EVENT_BYTES = BEFORE_ID.length + 16 + BEFORE_TEXT.reasoning.length + AFTER_TEXT.length;

/**
 * Writes an event.
 * @param source has the text from `start` to `end`: the inside of a JSON string, as `JSON.stringify` writes it
 */
export function writeTextEvent(
  writer: ChatEventWriter,
  type: TextEventType,
  source: Uint8Array,
  start: number,
  end: number,
): void {
  const { output } = writer;
  const before = BEFORE_TEXT[type];
  output.reserve(TEXT_EVENT_BYTES + end - start);
  output.copy(BEFORE_ID, 0, BEFORE_ID.length);
  output.addNumber(writer.countText(end - start));
  output.copy(before, 0, before.length);
  output.copy(source, start, end);
  output.copy(AFTER_TEXT, 0, AFTER_TEXT.length);
}
