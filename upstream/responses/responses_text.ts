/**
 * The text, refusals and reasoning of a response, part by part. A part comes in deltas and then once more as a whole; the
 * whole counts only where there were no deltas.
 * @module
 */
import type { AnswerEmitter } from "../chat_events/answer_emitter.ts";

/** The most parts that are followed. Wholes of later parts are not used. */
const MAX_PARTS = 10_000;

/** What a part holds. Reasoning is summarised or told in its own text. */
export type PartKind = "text" | "summary" | "reasoning";

/** The parts of one response. */
export class ResponsesText {
  readonly #answer: AnswerEmitter;
  readonly #seen = new Set<string>();
  #reasoningKind: PartKind | undefined;
  #reasoningPart: string | undefined;

  constructor(answer: AnswerEmitter) {
    this.#answer = answer;
  }

  /** @param part a name of the part, unique in the response */
  append(kind: PartKind, part: string, delta: string): void {
    if (delta === "") return;
    if (this.#seen.size < MAX_PARTS) this.#seen.add(part);
    if (kind === "text") this.#answer.emitText("text", delta);
    else this.#appendReasoning(kind, part, delta);
  }

  /** The whole of a part. */
  complete(kind: PartKind, part: string, whole: string): void {
    if (this.#seen.size < MAX_PARTS && !this.#seen.has(part)) this.append(kind, part, whole);
  }

  /** Some servers send both kinds of reasoning, which say the same: the first one counts. Parts are paragraphs. */
  #appendReasoning(kind: PartKind, part: string, delta: string): void {
    this.#reasoningKind ??= kind;
    if (kind !== this.#reasoningKind) return;
    const isNext = this.#reasoningPart !== undefined && this.#reasoningPart !== part;
    this.#reasoningPart = part;
    this.#answer.emitText("reasoning", isNext ? `\n\n${delta}` : delta);
  }
}
