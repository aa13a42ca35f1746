/**
 * Splits content into reasoning and text where it begins with `<think>…</think>`. DeepSeek-R1 and QwQ write these tags
 * behind Groq, Azure AI, vLLM without a reasoning parser, and others. Only the two tags are removed.
 * @module
 */

const OPEN = "<think>";
const CLOSE = "</think>";

/** Receives the parts in order. They are never empty. */
export interface ThinkTagSink {
  reasoning(text: string): void;
  text(text: string): void;
}

/**
 * Splits content that arrives in chunks, which may end inside a tag. It holds back only text that may be part of a tag:
 * at most 7 characters.
 */
export class ThinkTags {
  #state: "start" | "reasoning" | "answer" = "start";
  #held = "";

  /** True once no tag can follow. Callers may then skip this class. */
  get done(): boolean {
    return this.#state === "answer";
  }

  /** True while text is held back because it may be part of a tag. */
  get isHolding(): boolean {
    return this.#held !== "";
  }

  /** Splits the next chunk of content. */
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

  /** Emits the held text: another event follows or the stream has ended, so it is no tag. */
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

/** The number of characters at the end of `text` that may begin the closing tag. */
function lengthOfPartialTag(text: string): number {
  for (let length = Math.min(CLOSE.length - 1, text.length); length > 0; length--) {
    if (CLOSE.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}
