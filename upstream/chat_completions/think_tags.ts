/**
 * Tells reasoning from answer where a model writes `<think>…</think>` at the very start of its content, as DeepSeek-R1
 * and QwQ do behind Groq, Azure AI, vLLM without a reasoning parser, and others. Nothing but the two tags is lost.
 * @module
 */

const OPEN = "<think>";
const CLOSE = "</think>";

/** Receives the pieces, in order; never an empty one. */
export interface ThinkTagSink {
  reasoning(text: string): void;
  text(text: string): void;
}

/**
 * Takes content as it comes, in pieces cut anywhere, also inside of a tag. Holds back at most the characters that may
 * still turn out to be a tag (8).
 */
export class ThinkTags {
  #state: "start" | "reasoning" | "answer" = "start";
  #held = "";

  /** True once no tag can come any more: callers may then skip this class altogether. */
  get done(): boolean {
    return this.#state === "answer";
  }

  /** True while something said is held back, as it may be a part of a tag. */
  get isHolding(): boolean {
    return this.#held !== "";
  }

  /** Takes the next piece of content. */
  push(content: string, sink: ThinkTagSink): void {
    const text = this.#held + content;
    this.#held = "";
    switch (this.#state) {
      case "start":
        if (text.startsWith(OPEN)) {
          this.#state = "reasoning";
          this.push(text.slice(OPEN.length), sink);
        } else if (OPEN.startsWith(text)) {
          this.#held = text;
        } else {
          this.#state = "answer";
          emit(text, sink.text);
        }
        return;
      case "reasoning": {
        const close = text.indexOf(CLOSE);
        if (close !== -1) {
          this.#state = "answer";
          emit(text.slice(0, close), sink.reasoning);
          emit(text.slice(close + CLOSE.length), sink.text);
        } else {
          const kept = lengthOfPartialTag(text);
          this.#held = text.slice(text.length - kept);
          emit(text.slice(0, text.length - kept), sink.reasoning);
        }
        return;
      }
      case "answer":
        emit(text, sink.text);
        return;
      default:
        this.#state satisfies never;
    }
  }

  /** Gives out what was held back: something else came or the stream has ended, so it was no tag. */
  flush(sink: ThinkTagSink): void {
    if (this.#held === "") return;
    if (this.#state === "start") this.#state = "answer";
    emit(this.#held, this.#state === "reasoning" ? sink.reasoning : sink.text);
    this.#held = "";
  }
}

function emit(text: string, to: (text: string) => void): void {
  if (text !== "") to(text);
}

/** How many characters at the end of `text` may be the beginning of the closing tag. */
function lengthOfPartialTag(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) {
    if (CLOSE.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}
