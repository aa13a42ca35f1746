/**
 * The server's decoder of a chat completion stream. Messages that differ from an earlier one in their text only take the
 * short cut, which costs a fraction; all others are parsed. The output is the same.
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ModelUsage } from "../../protocol/chat_event.ts";
import type { DecoderContext, ProviderDecoder } from "../chat_events/chat_event_transformer.ts";
import { afterBlankLine } from "../http/blank_line.ts";
import { ChatCompletionsDecoder } from "./chat_completions_decoder.ts";
import { TextShortCut } from "./text_short_cut.ts";

const LF = 10;
const CR = 13;

/** The longest incomplete line that is held back until its end arrives. A chunk has about 300 bytes. */
const MAX_HELD_BYTES = 1024;
/** After so many parsed messages in a row, the rest of the bytes is parsed at once: mostly deltas of a tool call. */
const MAX_PARSED_IN_A_ROW = 4;

/** The decoder for one stream. */
export class ShortCutDecoder implements ProviderDecoder {
  readonly #parsing: ChatCompletionsDecoder;
  readonly #shortCut: TextShortCut;
  readonly #maxEventChars: number;
  /** An incomplete line. Once complete, it may take the short cut. */
  #held: Uint8Array | undefined;

  constructor(context: DecoderContext) {
    this.#parsing = new ChatCompletionsDecoder(context, (data, chunk) => this.#shortCut.learn(data, chunk));
    this.#shortCut = new TextShortCut(this.#parsing.mapper, context.writer);
    this.#maxEventChars = context.maxEventChars;
  }

  get usage(): ModelUsage | undefined {
    return this.#parsing.usage;
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
    this.#parsing.end();
  }

  interrupt(error: ChatErrorData): void {
    this.#parsing.interrupt(error);
  }

  stop(reason: string): void {
    this.#parsing.stop(reason);
  }

  #decodeMessages(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    // One message after the other: what one of them teaches serves the next.
    for (let parsed = 0; at < bytes.length && parsed < MAX_PARSED_IN_A_ROW && bytes.length <= this.#maxEventChars;) {
      const isOpen = this.#parsing.isBetweenMessages && this.#shortCut.isOpen;
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
    this.#parsing.decode(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
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
