/**
 * Decodes a stream whose events are JSON: bytes to text, text to messages, messages to JSON values for a dialect's mapper.
 * Dialects differ in the meaning of their values only. Hostile input never throws here, and the answer always ends.
 * @module
 */
import type { ChatErrorData } from "../../protocol/chat_error.ts";
import type { ModelUsage } from "../../protocol/chat_event.ts";
import { SseEventTooLargeError, type SseHandler, type SseMessage, SseParser } from "../../protocol/sse_parser.ts";
import { AnswerEmitter } from "./answer_emitter.ts";
import type { DecoderContext, ProviderDecoder } from "./chat_event_transformer.ts";
import { providerStreamError } from "./provider_error.ts";
import { asObject, type Untrusted } from "./untrusted_json.ts";

/** The finish reason of a stream that ends with `[DONE]` and never sends one. */
const UNKNOWN_FINISH_REASON = "unknown";

/** Maps the JSON values of one stream to the events of its answer. */
export interface JsonEventMapper {
  /** The number of values so far that are not known here: a newer version of the API may send them. */
  readonly unknownEvents: number;
  /** @param event the event's name; `"message"` where there is none */
  take(json: Untrusted<Record<string, unknown>>, event: string): void;
  /** The answer ends now: emits what is held back. */
  flush(): void;
}

/** The most lines of JSON outside of messages. Each takes 32 bytes and more, however short it is. */
const MAX_BARE_LINES = 65_536;

/** The decoder of one stream. */
export class JsonEventDecoder implements ProviderDecoder, SseHandler {
  readonly #answer: AnswerEmitter;
  readonly #mapper: JsonEventMapper;
  readonly #parser: SseParser;
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #maxEventChars: number;
  /** Lines of JSON outside of any message, since the last message. */
  #bareJson = "";
  #bareLines = 0;
  #isAtEnd = false;

  /** @param createMapper makes the mapper of the dialect, which writes to the answer */
  constructor(context: DecoderContext, createMapper: (answer: AnswerEmitter) => JsonEventMapper) {
    this.#maxEventChars = context.maxEventChars;
    this.#answer = new AnswerEmitter(context, () => this.#mapper.flush());
    this.#mapper = createMapper(this.#answer);
    this.#parser = new SseParser(this, context.maxEventChars);
  }

  get usage(): ModelUsage | undefined {
    return this.#answer.usage;
  }

  get unknownEvents(): number {
    return this.#mapper.unknownEvents;
  }

  decode(bytes: Uint8Array): void {
    if (!this.#answer.hasEnded) this.#parser.feed(this.#utf8.decode(bytes, { stream: true }));
  }

  /** A last message without its blank line counts if it is complete JSON: Gemini ends a refused prompt like that. */
  end(): void {
    this.#isAtEnd = true;
    this.#attempt(() => this.#parser.feed(`${this.#utf8.decode()}\n\n`));
    this.#attempt(() => this.#takeBareJson());
    this.#answer.end();
  }

  interrupt(error: ChatErrorData): void {
    this.#attempt(() => this.#takeBareJson());
    this.#answer.interrupt(error);
  }

  stop(reason: string): void {
    this.#answer.stop(reason);
  }

  onMessage({ event, data }: SseMessage): void {
    if (this.#answer.hasEnded) return;
    this.#bareJson = "";
    this.#bareLines = 0;
    // Some proxies send empty data as a heartbeat, and others the ending of chat completions.
    if (data.trim() === "") return;
    if (data === "[DONE]") return this.#answer.stop(UNKNOWN_FINISH_REASON);
    const json = parseJson(data);
    if (json !== undefined) return this.#take(json, event);
    if (event === "error") return this.#answer.fail(providerStreamError(data).toData());
    if (!this.#isAtEnd) this.#answer.break("invalid_json");
  }

  /** Google sends a late failure as JSON without `data:`, llama.cpp's relatives as a field `error`. */
  onUnknownField(name: string, value: string): void {
    if (this.#answer.hasEnded) return;
    if (this.#bareJson === "" && name === "error") {
      return this.#answer.fail(providerStreamError(parseJson(value) ?? value).toData());
    }
    if (this.#bareJson === "" && !/^\s*[{[]/.test(name)) return;
    // The parser has split the line at its first colon, which in JSON stands between a key and its value.
    this.#bareJson += value === "" ? `${name}\n` : `${name}:${value}\n`;
    if (++this.#bareLines > MAX_BARE_LINES || this.#bareJson.length > this.#maxEventChars) {
      throw new SseEventTooLargeError(this.#maxEventChars);
    }
  }

  /** At the end, whatever is too large is incomplete as well. */
  #attempt(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof SseEventTooLargeError)) throw error;
    }
  }

  #takeBareJson(): void {
    if (this.#answer.hasEnded) return;
    const json = parseJson(this.#bareJson);
    this.#bareJson = "";
    if (json !== undefined) this.#take(json, "message");
  }

  /** Without the request for an event stream, Gemini sends the values of a stream as one array. */
  #take(json: unknown, event: string): void {
    for (const value of Array.isArray(json) ? json : [json]) {
      const known = asObject(value);
      if (known === undefined) return this.#answer.break("invalid_json");
      this.#mapper.take(known, event);
      if (this.#answer.hasEnded) return;
    }
  }
}

/** The parsed text; undefined where it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
