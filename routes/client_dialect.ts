/**
 * The language of a client: how it asks, and how it reads an answer. A dialect is pure: it translates untrusted JSON into the
 * fields of our own request, and our events into the text of its stream.
 * @module
 */
import type { ChatEvent } from "../protocol/chat_event.ts";
import type { JsonObject } from "./json_values.ts";

/** How a client reads the stream of an answer. */
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
}

/** A body of a client, in the form of `POST /api/chat`. */
export interface TranslatedBody {
  /** The body for `parseChatRequest`, which has still to be checked. */
  readonly body: JsonObject;
  readonly format: StreamFormat;
}

/** One message of a stream that has only data: most clients know no other. */
export function dataMessage(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}
