/**
 * Counts the text in a relayed response without parsing its JSON: exact enough for a budget.
 * @module
 */
import { utf8Length } from "./chat_events/utf8_length.ts";

/** The longest line that is kept as a whole, in UTF-16 code units. */
const MAX_LINE_CHARS = 64 * 1024;

/** The fields of OpenAI's and Anthropic's APIs that hold output, up to the end of the string or of the line. */
const TEXT_FIELD =
  /"(?:arguments|content|delta|partial_json|reasoning|reasoning_content|refusal|text|thinking)"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)/g;

/** The events of the Responses API and of transcriptions that repeat the text of their deltas. */
const REPETITION = /"type"\s*:\s*"(?:response|transcript)\.(?:[\w.]+\.)?(?:completed|done|incomplete)"/;

/** Counts the text of a response chunk by chunk. The chunks may be cut anywhere. */
export class RelayedText {
  #bytes = 0;
  #line = "";
  /** How the rest of the current line counts. `short`: the line is kept, and counted at its end. */
  #rest: "short" | "text" | "repetition" = "short";

  /** The UTF-8 bytes of output so far. Escapes count as they are written. An incomplete line is not counted yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the next chunk of the response. */
  push(text: string): void {
    const lines = text.split("\n");
    for (const [index, part] of lines.entries()) {
      this.#pushPart(part);
      if (index < lines.length - 1) this.end();
    }
  }

  /** Ends the current line. */
  end(): void {
    if (this.#rest === "short" && !REPETITION.test(this.#line)) this.#bytes += textBytesIn(this.#line);
    this.#line = "";
    this.#rest = "short";
  }

  #pushPart(part: string): void {
    if (this.#rest === "text") this.#bytes += utf8Length(part);
    if (this.#rest !== "short") return;
    this.#line += part;
    if (this.#line.length <= MAX_LINE_CHARS) return;
    const rest = REPETITION.test(this.#line) ? "repetition" : "text";
    if (rest === "text") this.#bytes += textBytesIn(this.#line);
    this.#line = "";
    this.#rest = rest;
  }
}

function textBytesIn(line: string): number {
  let bytes = 0;
  for (const [, text = ""] of line.matchAll(TEXT_FIELD)) bytes += utf8Length(text);
  return bytes;
}
