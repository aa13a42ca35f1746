/**
 * Decodes a provider's chat completion stream: bytes to text, text to messages, messages to events. Messages that differ
 * from the one before in their text only take the short cut.
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { type SseHandler, type SseMessage, SseParser } from "../../protocol/sse_parser.ts";
import type { DecoderContext, ProviderDecoder } from "../chat_events/chat_event_transformer.ts";
import { afterBlankLine } from "../http/blank_line.ts";
import { ChatEventMapper } from "./chat_event_mapper.ts";
import { TextShortCut } from "./text_short_cut.ts";

const LF = 10;
const CR = 13;

/** The longest incomplete line that is held back until its end arrives. A chunk has about 300 bytes. */
const MAX_HELD_BYTES = 1024;
/** After so many parsed messages in a row, the rest of the bytes is parsed at once: mostly deltas of a tool call. */
const MAX_PARSED_IN_A_ROW = 4;

/** The decoder for one stream. */
export function createChatCompletionsDecoder(context: DecoderContext): ProviderDecoder {
  return new ChatCompletionsDecoder(context);
}

class ChatCompletionsDecoder implements ProviderDecoder, SseHandler {
  readonly #mapper: ChatEventMapper;
  readonly #shortCut: TextShortCut;
  readonly #maxEventChars: number;
  readonly #parser: SseParser;
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  /** Nothing is incomplete: no character, no line, no message. */
  #isBetweenMessages = false;
  /** An incomplete line. Once complete, it may take the short cut. */
  #held: Uint8Array | undefined;

  constructor({ writer, now, startedAt, maxEventChars }: DecoderContext) {
    this.#mapper = new ChatEventMapper({
      emit: (event) => writer.write(event),
      now,
      startedAt,
      generateId: () => `call_${crypto.randomUUID()}`,
    });
    this.#shortCut = new TextShortCut(this.#mapper, writer);
    this.#maxEventChars = maxEventChars;
    this.#parser = new SseParser(this, maxEventChars);
  }

  get usage(): ModelUsage | undefined {
    return this.#mapper.usage;
  }

  decode(bytes: Uint8Array): void {
    const held = this.#held;
    if (held === undefined) return this.#decodeMessages(bytes);
    this.#held = undefined;
    // Only the rest of the held message is copied.
    const end = endOfMessage(bytes, 0);
    this.#decodeMessages(join(held, bytes.subarray(0, end)));
    if (end < bytes.length) this.#decodeMessages(bytes.subarray(end));
  }

  end(): void {
    this.#mapper.endOfStream();
  }

  interrupt(error: ChatErrorData): void {
    this.#mapper.interrupt(error);
  }

  stop(reason: string): void {
    this.#mapper.stop(reason);
  }

  onMessage(message: SseMessage): void {
    const chunk = this.#mapper.onMessage(message);
    if (chunk !== undefined) this.#shortCut.learn(message.data, chunk);
  }

  onUnknownField(name: string, value: string): void {
    this.#mapper.onUnknownField(name, value);
  }

  #decodeMessages(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    // One message after the other: what one of them teaches serves the next.
    for (let parsed = 0; at < bytes.length && parsed < MAX_PARSED_IN_A_ROW && bytes.length <= this.#maxEventChars;) {
      const isOpen = this.#isBetweenMessages && this.#shortCut.isOpen;
      const end = isOpen ? this.#shortCut.handle(bytes, view, at) : -1;
      if (end !== -1) {
        at = end;
        parsed = 0;
      } else if (isOpen && isShortIncompleteLine(bytes, at)) {
        this.#held = bytes.slice(at);
        return;
      } else {
        at = this.#parse(bytes, at, endOfMessage(bytes, at));
        parsed++;
      }
    }
    if (at < bytes.length) this.#parse(bytes, at, bytes.length);
  }

  #parse(bytes: Uint8Array, start: number, end: number): number {
    const part = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    this.#parser.feed(this.#utf8.decode(part, { stream: true }));
    this.#isBetweenMessages = this.#parser.isBetweenMessages && bytes[end - 1] === LF;
    return end;
  }
}

/** Where the message at `start` ends: after the next blank line, or at the end of the bytes. */
function endOfMessage(bytes: Uint8Array, start: number): number {
  const end = afterBlankLine(bytes, start);
  return end === -1 ? bytes.length : end;
}

function isShortIncompleteLine(bytes: Uint8Array, start: number): boolean {
  return bytes.length - start <= MAX_HELD_BYTES && !bytes.includes(LF, start) && !bytes.includes(CR, start);
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
