/**
 * The short cut for the commonest chunk there is: one more piece of the answer, or of the reasoning before it, in a chunk
 * that is otherwise, to the byte, like the one before. Decoding and parsing the same JSON again and again is most of
 * what an event costs; comparing it is not.
 *
 * A template is a chunk with a hole where its text was, and a second one for OpenAI's random padding. It is learnt from a
 * chunk that was mapped in full and said nothing but its text, so that what matches says its text and nothing else.
 * Tests hold both ways against each other on every fixture and on fuzzed streams.
 * @module
 */
import type { TextEventType } from "../chat_events/chat_event_writer.ts";
import { endOfJsonString, endOfPlainString } from "./json_string.ts";
import { type OpenAIChoice, type OpenAIChunk, type OpenAIDelta } from "./openai_chunk.ts";
import { asList, asObject } from "../chat_events/untrusted_json.ts";

/** After so many templates that never matched, a stream is taken for one whose chunks differ (Groq: an id for each). */
const MAX_MISSES = 4;

/** Why OpenAI pads: https://platform.openai.com/docs/api-reference/chat-streaming/streaming#obfuscation */
const PADDING = '"obfuscation":"';

/** The fields of a delta that are nothing but a piece of text, and the event that each becomes. */
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

/** What stands around the holes. */
interface Surroundings {
  readonly head: Pattern;
  /** Between the two holes, or all that follows the only one. */
  readonly middle: Pattern;
  /** What follows the padding; undefined where there is none. */
  readonly tail: Pattern | undefined;
}

/** Learns and matches. One for each stream. */
export class ChunkTemplate {
  #surroundings: Surroundings | undefined;
  /** How its data begins and ends, as text. */
  #start = "";
  #end = "";
  #misses = 0;
  /** What became of the template since it was learnt, once there is one. */
  #state: "none" | "untried" | "missed" | "matched" = "none";
  #eventType: TextEventType = "text";
  #textStart = 0;
  #textEnd = 0;

  /** True while there is something to match with. */
  get isReady(): boolean {
    return this.#surroundings !== undefined;
  }

  /** What a chunk that matches becomes. */
  get eventType(): TextEventType {
    return this.#eventType;
  }

  /** Where the text of the last match lies: the inside of a JSON string, just as `JSON.stringify` would write it. */
  get textStart(): number {
    return this.#textStart;
  }

  /** Where it ends: the place of its closing quote. */
  get textEnd(): number {
    return this.#textEnd;
  }

  /**
   * Matches one whole message of the event stream that begins at `start`: a data line and its blank line.
   * @param view of the same bytes
   * @returns where the message ends, or -1 for one that must be decoded and parsed
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
   * Takes a chunk that did not match as the new template, if it can be one.
   * @param data the message's data
   * @param chunk `data`, parsed
   */
  learn(data: string, chunk: unknown): void {
    // What could not be held against the template says nothing against it.
    if (this.#misses === MAX_MISSES || this.#state === "untried") return;
    // One that was cut in two by the reads, or whose text is spelt otherwise.
    if (this.#state === "matched" && data.startsWith(this.#start) && data.endsWith(this.#end)) return;
    const said = onlyText(chunk);
    // Text with an escape is spelt otherwise than it reads, and the template that is there may well match again.
    if (said === undefined || JSON.stringify(said.text) !== `"${said.text}"`) return;
    // Data of several lines is spelt otherwise too: each had its own `data:`.
    if (data.includes("\n")) return;
    if (this.#state === "missed" && ++this.#misses === MAX_MISSES) {
      this.#surroundings = undefined;
      return;
    }
    for (const key of [`"${said.field}":"`, `"${said.field}": "`]) {
      const at = data.indexOf(`${key}${said.text}"`);
      if (at !== -1 && this.#set(data, at + key.length, said)) return;
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
    // Empty text is no event: how a chunk without one is taken is for the mapper to say.
    if (textEnd <= textStart) return -1;
    this.#textStart = textStart;
    this.#textEnd = textEnd;
    return endAfterText(surroundings, bytes, view, textEnd);
  }

  #set(data: string, start: number, { eventType, text }: OnlyText): boolean {
    const rest = data.slice(start + text.length);
    // The text may stand in more than one place, and only one of them is what is said: ask the parser which.
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

/** Where the message ends whose text ends at `textEnd`, or -1 where something else follows on the text. */
function endAfterText({ middle, tail }: Surroundings, bytes: Uint8Array, view: DataView, textEnd: number): number {
  let end = middle.end(view, textEnd);
  if (end !== -1 && tail !== undefined) {
    const paddingEnd = endOfPlainString(bytes, end);
    end = paddingEnd === -1 ? -1 : tail.end(view, paddingEnd);
  }
  return end === -1 ? -1 : endOfBlankLine(bytes, end);
}

/**
 * UTF-8 to compare with, eight bytes at a time and as floating-point numbers, which is six times as fast as one by one:
 * among the whole numbers only a `bigint` has as many bits, and each of those would be allocated. Two such numbers are
 * equal where their bits are, but for NaN and for zero, and neither of these can be eight bytes of JSON.
 */
class Pattern {
  readonly #bytes: Uint8Array;
  /** The same memory. Its byte order is the machine's, and those that Deno runs on are all little-endian. */
  readonly #words: Float64Array;

  constructor(text: string) {
    const bytes = encoder.encode(text);
    this.#bytes = bytes;
    this.#words = new Float64Array(bytes.buffer, 0, bytes.length >> 3);
  }

  /** Where the pattern ends that begins at `start`, or -1 where it is not there. */
  end(view: DataView, start: number): number {
    const bytes = this.#bytes;
    const end = start + bytes.length;
    if (end > view.byteLength) return -1;
    const words = this.#words;
    let at = start;
    for (let index = 0; index < words.length; index++, at += 8) {
      if (view.getFloat64(at, true) !== words[index]) return -1;
    }
    for (let index = at - start; index < bytes.length; index++) {
      if (view.getUint8(start + index) !== bytes[index]) return -1;
    }
    return end;
  }
}

/** How the line of every chunk begins: `data:`. */
const [D, A, T, COLON] = [100, 97, 116, 58];

/** Where the data begins on a line that begins at `start`, or -1 where that is another line. */
function startOfData(bytes: Uint8Array, start: number): number {
  const isData = bytes[start] === D && bytes[start + 1] === A && bytes[start + 2] === T && bytes[start + 3] === A &&
    bytes[start + 4] === COLON;
  if (!isData) return -1;
  return bytes[start + 5] === SPACE ? start + 6 : start + 5;
}

/** Where the empty line ends that follows on a line that ends at `end`, with LF or with CRLF; -1 where there is none. */
function endOfBlankLine(bytes: Uint8Array, end: number): number {
  if (bytes[end] === LF && bytes[end + 1] === LF) return end + 2;
  const isCrlf = bytes[end] === CR && bytes[end + 1] === LF && bytes[end + 2] === CR && bytes[end + 3] === LF;
  return isCrlf ? end + 4 : -1;
}

/**
 * The fields that the mapper reads besides the text. A chunk with something in one of them is not learnt. The types make the
 * compiler ask about each field that is added to what the mapper reads.
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

/** The older `text` is not among them: Together sends it beside a delta with the same text, and the mapper ignores it there. */
type OtherChoiceField = Exclude<keyof OpenAIChoice, "index" | "delta" | "text">;
const OTHER_CHOICE_FIELDS = Object.keys(
  { finish_reason: true, usage: true, message: true } satisfies Record<OtherChoiceField, true>,
) as OtherChoiceField[];

/** What a chunk says, where that is one piece of text. */
interface OnlyText {
  readonly field: string;
  readonly eventType: TextEventType;
  /** Not empty. */
  readonly text: string;
}

/** The text of a chunk that holds one and nothing else that the mapper reads; undefined for any other. */
function onlyText(value: unknown): OnlyText | undefined {
  const chunk = asObject<OpenAIChunk & { object: unknown }>(value);
  if (chunk === undefined || chunk.object === "error" || OTHER_CHUNK_FIELDS.some((name) => says(chunk[name]))) {
    return undefined;
  }
  const choices = asList(chunk.choices);
  const choice = choices.length === 1 ? asObject<OpenAIChoice>(choices[0]) : undefined;
  if (choice === undefined || OTHER_CHOICE_FIELDS.some((name) => says(choice[name]))) return undefined;
  const said = Object.entries(asObject(choice.delta) ?? {}).filter(([name, value]) => name !== "role" && says(value));
  const [field = "", text] = said.length === 1 ? said[0]! : [];
  const eventType = TEXT_FIELDS.get(field);
  return eventType === undefined || typeof text !== "string" ? undefined : { field, eventType, text };
}

/** False for what stands for nothing: null, an empty string, an empty list. */
function says(field: unknown): boolean {
  return field !== undefined && field !== null && field !== "" && !(Array.isArray(field) && field.length === 0);
}
