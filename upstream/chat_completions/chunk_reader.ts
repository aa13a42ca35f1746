/**
 * Brings a provider's bytes to the mapper, decoded and parsed; or past it, where a chunk is like the one before but for
 * its text.
 * @module
 */
import { MAX_EVENT_CHARS, SseParser } from "../../protocol/sse_parser.ts";
import { afterBlankLine } from "../http/blank_line.ts";
import type { ChatEventMapper } from "./chat_event_mapper.ts";
import type { ChatEventWriter } from "../chat_events/chat_event_writer.ts";

const LF = 10;
const CR = 13;

/** The longest beginning of a line that is kept until its end is there: room for a chunk, which has about 300 bytes. */
const MAX_HELD_BYTES = 1024;
/** After so many messages in a row that are parsed, the rest of a read is parsed at once: pieces of a tool call, mostly. */
const MAX_OTHERS = 4;

/** Reads one stream. */
export class ChunkReader {
  readonly #mapper: ChatEventMapper;
  readonly #writer: Pick<ChatEventWriter, "writeText">;
  readonly #maxEventChars: number;
  readonly #parser: SseParser;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  /** Nothing of the bytes so far waits for more: neither a character, nor a line, nor a message. */
  #isBetweenMessages = false;
  /** The beginning of a line, not parsed: once it is whole, it may be like the others. */
  #held: Uint8Array | undefined;

  /**
   * @param mapper whose events go to `writer` too
   * @param maxEventChars the longest message taken, in UTF-16 code units
   */
  constructor(
    mapper: ChatEventMapper,
    writer: Pick<ChatEventWriter, "writeText">,
    maxEventChars: number = MAX_EVENT_CHARS,
  ) {
    this.#mapper = mapper;
    this.#writer = writer;
    this.#maxEventChars = maxEventChars;
    this.#parser = new SseParser(mapper, maxEventChars);
  }

  /**
   * Takes the next bytes, cut anywhere. They are not needed afterwards.
   * @throws {SseEventTooLargeError} when a message passes the limit
   */
  read(bytes: Uint8Array): void {
    const held = this.#held;
    if (held === undefined) return this.#readMessages(bytes);
    this.#held = undefined;
    // What follows the message need not be copied.
    const end = endOfMessage(bytes, 0);
    this.#readMessages(join(held, bytes.subarray(0, end)));
    if (end < bytes.length) this.#readMessages(bytes.subarray(end));
  }

  #readMessages(bytes: Uint8Array): void {
    const { template } = this.#mapper;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    // One message after the other, as what one teaches serves the next, until too many have matched nothing.
    for (let others = 0; at < bytes.length && others < MAX_OTHERS && bytes.length <= this.#maxEventChars;) {
      const mayMatch = template.isReady && this.#isBetweenMessages && this.#mapper.takesAsIs(template.eventType);
      const end = mayMatch ? template.match(bytes, view, at) : -1;
      if (end !== -1) {
        this.#mapper.noteContent();
        this.#writer.writeText(template.eventType, bytes, template.textStart, template.textEnd);
        at = end;
        others = 0;
      } else if (mayMatch && isShortStartOfLine(bytes, at)) {
        this.#held = bytes.slice(at);
        return;
      } else {
        at = this.#parse(bytes, at, endOfMessage(bytes, at));
        others++;
      }
    }
    if (at < bytes.length) this.#parse(bytes, at, bytes.length);
  }

  #parse(bytes: Uint8Array, start: number, end: number): number {
    const piece = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    this.#parser.feed(this.#decoder.decode(piece, { stream: true }));
    this.#isBetweenMessages = this.#parser.isBetweenMessages && bytes[end - 1] === LF;
    return end;
  }
}

/** Where the message ends that holds the byte at `start`, as far as it is there: after the next blank line. */
function endOfMessage(bytes: Uint8Array, start: number): number {
  const end = afterBlankLine(bytes, start);
  return end === -1 ? bytes.length : end;
}

/** True for bytes that reach to the end, do not end a line, and are few. */
function isShortStartOfLine(bytes: Uint8Array, start: number): boolean {
  return bytes.length - start <= MAX_HELD_BYTES && !bytes.includes(LF, start) && !bytes.includes(CR, start);
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
