/**
 * Events in a client's format, for the tests of encoders.
 * @module
 */
import { assertEquals } from "@std/assert";
import { type ChatEvent, formatChatEvent } from "../../protocol/chat_event.ts";
import type { StreamFormat } from "../../routes/stream_format.ts";
import { createRecode } from "../../routes/event_recoder.ts";
import { everyChunking, fewChunkings } from "../chunkings.ts";

/** The bytes of a stream of our events. */
export function bytesOf(events: readonly ChatEvent[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(events.map((event, at) => formatChatEvent(at + 1, event)).join(""));
}

/** The client's stream for these events. Asserts that it is the same for every chunking. */
export function encoded(format: StreamFormat, events: readonly ChatEvent[]): string {
  const bytes = bytesOf(events);
  const whole = recode(format, [bytes]);
  const chunkings = bytes.length < 2000 ? everyChunking(bytes) : fewChunkings(bytes);
  for (const { name, chunks } of chunkings) assertEquals(recode(format, chunks), whole, name);
  return whole;
}

/** The JSON of each message of a stream, without the closing `[DONE]`. */
export function messagesOf(wire: string): Record<string, unknown>[] {
  return wire.split("\n\n").filter((message) => message !== "" && message !== "data: [DONE]").map((message) => {
    assertEquals(message.slice(0, 6), "data: ");
    return JSON.parse(message.slice(6));
  });
}

function recode(format: StreamFormat, chunks: readonly Uint8Array<ArrayBuffer>[]): string {
  const recodeChunk = createRecode(format)!;
  const decoder = new TextDecoder();
  return chunks.map((chunk) => decoder.decode(recodeChunk(chunk), { stream: true })).join("");
}
