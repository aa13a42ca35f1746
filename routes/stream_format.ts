/**
 * How a client reads the stream of an answer. Everything here is pure: events in, text out.
 * @module
 */
import type { ChatEvent } from "../protocol/chat_event.ts";
import type { TextEventType } from "../upstream/chat_events/text_event.ts";

/** The format of a response. */
export interface StreamFormat {
  readonly headers: Readonly<Record<string, string>>;
  /** Makes the encoder of one response; undefined where the client reads our own events. */
  readonly createEncoder?: () => EventEncoder;
}

/**
 * Turns the events of one answer into the client's stream. The text depends on the events only, so that a replay has the same
 * bytes.
 */
export interface EventEncoder {
  /** What comes before the first event. */
  begin(): string;
  /** What stands for an event; empty where nothing does. Never throws. */
  encode(event: ChatEvent): string;
  /** How {@linkcode encode} would encode text that continues what is open now; undefined where nothing is. */
  readonly textFrame: TextFrame | undefined;
  /** Called for text that was copied into the frame instead. @param units its length in UTF-16 code units */
  noteText?(units: number): void;
}

/** A message whose only variable part is text, as bytes. */
export interface TextFrame {
  /** The event that has the text. */
  readonly type: TextEventType;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** One message of a stream that has only data: most clients know no other. */
export function dataMessage(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** The frame of a message. @param message its last field is `delta`, which is empty */
export function textFrameOf(
  type: TextEventType,
  message: { readonly [field: string]: string; readonly delta: "" },
): TextFrame {
  const encoded = encoder.encode(dataMessage(message));
  const end = encoded.length - '"}\n\n'.length;
  return { type, before: encoded.subarray(0, end), after: encoded.subarray(end) };
}

const encoder = new TextEncoder();
