/**
 * Recognises the most common chunk: one that equals an earlier chunk byte for byte, except for its text or reasoning.
 * Decoding and parsing such chunks is most of the cost of an event; comparing bytes is cheap.
 *
 * A template is a chunk with a hole for its text, and a second hole for OpenAI's random padding. It is learnt from a
 * chunk that the mapper has read and that holds nothing but text, so that a match holds nothing but text either. Tests
 * compare the short cut with full parsing on every fixture and on fuzzed streams.
 * @module
 */
import type { TextEventType } from "../chat_events/text_event.ts";
import { endOfJsonString, endOfPlainString } from "./json_string.ts";
import { type OpenAIChoice, type OpenAIChunk, type OpenAIDelta } from "./openai_chunk.ts";
import { asList, asObject } from "../chat_events/untrusted_json.ts";

/** Stop learning after this many templates without a match: in some streams all chunks differ (Groq: by their ids). */
const MAX_MISSES = 4;

/** Why OpenAI pads: https://platform.openai.com/docs/api-reference/chat-streaming/streaming#obfuscation */
const PADDING = '"obfuscation":"';

/** The fields of a delta that hold text, and the event that each becomes. */
const TEXT_FIELDS: ReadonlyMap<string, TextEventType> = new Map<keyof OpenAIDelta, TextEventType>([
  ["content", "text"],
  ["reasoning_content", "reasoning"],
  ["reasoning", "reasoning"],
  ["reasoning_text", "reasoning"],
]);

const encoder = new TextEncoder();
const SPACE = 32;
const LF = 10;
const CR = 13;

/** The parts of a template around its holes. */
interface Surroundings {
  readonly head: Pattern;
  /** The part between the two holes; with one hole, the part after it. */
  readonly middle: Pattern;
  /** The part after the padding; undefined where there is no padding. */
  readonly tail: Pattern | undefined;
}

/** The template of one stream. */
export class ChunkTemplate {
  #surroundings: Surroundings | undefined;
  /** The text before the first hole, and after the last one. */
  #start = "";
  #end = "";
  #misses = 0;
  /** The state of the template since it was learnt. */
  #state: "none" | "untried" | "missed" | "matched" = "none";
  #eventType: TextEventType = "text";
  #textStart = 0;
  #textEnd = 0;

  /** True while there is a template. */
  get isReady(): boolean {
    return this.#surroundings !== undefined;
  }

  /** The event type of chunks that match. */
  get eventType(): TextEventType {
    return this.#eventType;
  }

  /** Where the text of the last match begins. It is the inside of a JSON string, as `JSON.stringify` writes it. */
  get textStart(): number {
    return this.#textStart;
  }

  /** Where the text of the last match ends: the position of its closing quote. */
  get textEnd(): number {
    return this.#textEnd;
  }

  /**
   * Matches the whole message that begins at `start`: a data line and its blank line.
   * @param view a view of the same bytes
   * @returns where the message ends; -1 where it must be decoded and parsed
   */
  match(bytes: Uint8Array, view: DataView, start: number): number {
    const end = this.#match(bytes, view, start);
    if (end !== -1) {
      this.#state = "matched";
      this.#misses = 0;
    } else if (this.#state === "untried") {
      this.#state = "missed";
    }
    return end;
  }

  /**
   * Learns a new template from a chunk that did not match, if the chunk holds nothing but text.
   * @param data the message's data
   * @param chunk `data`, parsed
   */
  learn(data: string, chunk: unknown): void {
    // Keep a template that has not been compared with any chunk yet.
    if (this.#misses === MAX_MISSES || this.#state === "untried") return;
    // The template still fits: the chunk was cut in two by the reads, or its text has unusual escapes.
    if (this.#state === "matched" && data.startsWith(this.#start) && data.endsWith(this.#end)) return;
    const found = onlyText(chunk);
    // Text with escapes cannot be found in the data as it is. The present template may match again.
    if (found === undefined || JSON.stringify(found.text) !== `"${found.text}"`) return;
    // Data of several lines differs from its bytes: each line has its own `data:`.
    if (data.includes("\n")) return;
    if (this.#state === "missed" && ++this.#misses === MAX_MISSES) {
      this.#surroundings = undefined;
      return;
    }
    for (const key of [`"${found.field}":"`, `"${found.field}": "`]) {
      const at = data.indexOf(`${key}${found.text}"`);
      if (at !== -1 && this.#set(data, at + key.length, found)) return;
    }
  }

  #match(bytes: Uint8Array, view: DataView, start: number): number {
    const surroundings = this.#surroundings;
    if (surroundings === undefined) return -1;
    const dataStart = startOfData(bytes, start);
    if (dataStart === -1) return -1;
    const textStart = surroundings.head.end(view, dataStart);
    if (textStart === -1) return -1;
    const textEnd = endOfJsonString(bytes, textStart);
    // Leave empty text to the mapper: it makes no event.
    if (textEnd <= textStart) return -1;
    this.#textStart = textStart;
    this.#textEnd = textEnd;
    return endAfterText(surroundings, bytes, view, textEnd);
  }

  #set(data: string, start: number, { eventType, text }: OnlyText): boolean {
    const rest = data.slice(start + text.length);
    // The text may occur twice in the data. Change this occurrence and parse again, to check that it is the content.
    const probe = `${text}?`;
    if (onlyText(JSON.parse(`${data.slice(0, start)}${probe}${rest}`))?.text !== probe) return false;
    this.#eventType = eventType;
    const padding = rest.lastIndexOf(PADDING);
    const paddingStart = padding + PADDING.length;
    const paddingEnd = padding === -1 ? -1 : rest.indexOf('"', paddingStart);
    this.#state = "untried";
    this.#start = data.slice(0, start);
    this.#end = paddingEnd === -1 ? rest : rest.slice(paddingEnd);
    this.#surroundings = {
      head: new Pattern(this.#start),
      middle: new Pattern(paddingEnd === -1 ? rest : rest.slice(0, paddingStart)),
      tail: paddingEnd === -1 ? undefined : new Pattern(this.#end),
    };
    return true;
  }
}

/** Where the message with text up to `textEnd` ends; -1 where something else follows the text. */
function endAfterText({ middle, tail }: Surroundings, bytes: Uint8Array, view: DataView, textEnd: number): number {
  let end = middle.end(view, textEnd);
  if (end !== -1 && tail !== undefined) {
    const paddingEnd = endOfPlainString(bytes, end);
    end = paddingEnd === -1 ? -1 : tail.end(view, paddingEnd);
  }
  return end === -1 ? -1 : endOfBlankLine(bytes, end);
}

/**
 * UTF-8 that is compared eight bytes at a time, as doubles: six times as fast as byte by byte. A `bigint` would be
 * allocated for each comparison. Doubles are equal if their bits are, except for NaN and zero, and eight bytes of JSON
 * are never either of them.
 */
class Pattern {
  readonly #bytes: Uint8Array;
  /** A view of the same memory, in the byte order of the machine. Deno runs on little-endian machines only. */
  readonly #doubles: Float64Array;

  constructor(text: string) {
    const bytes = encoder.encode(text);
    this.#bytes = bytes;
    this.#doubles = new Float64Array(bytes.buffer, 0, bytes.length >> 3);
  }

  /** Where the pattern that begins at `start` ends; -1 where the bytes differ. */
  end(view: DataView, start: number): number {
    const bytes = this.#bytes;
    const end = start + bytes.length;
    if (end > view.byteLength) return -1;
    const doubles = this.#doubles;
    let at = start;
    for (let index = 0; index < doubles.length; index++, at += 8) {
      if (view.getFloat64(at, true) !== doubles[index]) return -1;
    }
    for (let index = at - start; index < bytes.length; index++) {
      if (view.getUint8(start + index) !== bytes[index]) return -1;
    }
    return end;
  }
}

/** The code units of `data:`. */
const [D, A, T, COLON] = [100, 97, 116, 58];

/** Where the data of the line at `start` begins; -1 for a line of another field. */
function startOfData(bytes: Uint8Array, start: number): number {
  const isData = bytes[start] === D && bytes[start + 1] === A && bytes[start + 2] === T && bytes[start + 3] === A &&
    bytes[start + 4] === COLON;
  if (!isData) return -1;
  return bytes[start + 5] === SPACE ? start + 6 : start + 5;
}

/** Where the blank line after a line that ends at `end` ends, with LF or CRLF; -1 where there is none. */
function endOfBlankLine(bytes: Uint8Array, end: number): number {
  if (bytes[end] === LF && bytes[end + 1] === LF) return end + 2;
  const isCrlf = bytes[end] === CR && bytes[end + 1] === LF && bytes[end + 2] === CR && bytes[end + 3] === LF;
  return isCrlf ? end + 4 : -1;
}

/**
 * The other fields that the mapper reads. A chunk with a value in one of them is not learnt. `satisfies` makes a
 * missing field a compile error.
 */
const OTHER_CHUNK_FIELDS = Object.keys(
  {
    usage: true,
    x_groq: true,
    error: true,
    citations: true,
    search_results: true,
    search_info: true,
    web_search: true,
    base_resp: true,
  } satisfies Record<Exclude<keyof OpenAIChunk, "choices">, true>,
) as Exclude<keyof OpenAIChunk, "choices">[];

/** Without `text`: Together sends it beside a delta with the same text, and the mapper ignores it there. */
type OtherChoiceField = Exclude<keyof OpenAIChoice, "index" | "delta" | "text">;
const OTHER_CHOICE_FIELDS = Object.keys(
  { finish_reason: true, usage: true, message: true } satisfies Record<OtherChoiceField, true>,
) as OtherChoiceField[];

/** The content of a chunk that holds nothing but text. */
interface OnlyText {
  readonly field: string;
  readonly eventType: TextEventType;
  /** Not empty. */
  readonly text: string;
}

/** The text of a chunk in which the mapper reads nothing else; undefined for any other chunk. */
function onlyText(value: unknown): OnlyText | undefined {
  const chunk = asObject<OpenAIChunk & { object: unknown }>(value);
  if (chunk === undefined || chunk.object === "error" || OTHER_CHUNK_FIELDS.some((name) => hasValue(chunk[name]))) {
    return undefined;
  }
  const choices = asList(chunk.choices);
  const choice = choices.length === 1 ? asObject<OpenAIChoice>(choices[0]) : undefined;
  if (choice === undefined || OTHER_CHOICE_FIELDS.some((name) => hasValue(choice[name]))) return undefined;
  const present = Object.entries(asObject(choice.delta) ?? {})
    .filter(([name, value]) => name !== "role" && hasValue(value));
  const [field = "", text] = present.length === 1 ? present[0]! : [];
  const eventType = TEXT_FIELDS.get(field);
  return eventType === undefined || typeof text !== "string" ? undefined : { field, eventType, text };
}

/** False for a missing field, null, an empty string and an empty list. */
function hasValue(field: unknown): boolean {
  return field !== undefined && field !== null && field !== "" && !(Array.isArray(field) && field.length === 0);
}
