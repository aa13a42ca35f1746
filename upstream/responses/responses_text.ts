/**
 * The text, refusals and reasoning of a response, part by part. A part comes in deltas and then once more as a whole; the
 * whole counts only where there were no deltas.
 * @module
 */
import type { AnswerEmitter } from "../chat_events/answer_emitter.ts";
import { TextOffsets } from "../chat_events/text_offsets.ts";

/** The most parts that are followed. Wholes of later parts are not used. */
const MAX_PARTS = 10_000;

/** What a part holds. Reasoning is summarised or told in its own text. */
export type PartKind = "text" | "summary" | "reasoning";

/** A part: its kind, the item that it belongs to, and its position there. */
export interface PartName {
  readonly kind: PartKind;
  readonly item: string;
  readonly index: number;
}

/** The parts of one response. */
export class ResponsesText {
  readonly #answer: AnswerEmitter;
  /** The parts that have come, by kind and item: their positions, and where they begin in the text in code points. */
  readonly #seen = new Map<string, Map<number, number>>();
  readonly #offsets = new TextOffsets("code points");
  #parts = 0;
  #reasoningKind: PartKind | undefined;
  #reasoningPart = "";

  constructor(answer: AnswerEmitter) {
    this.#answer = answer;
  }

  /** More of a part. */
  append(name: PartName, delta: string): void {
    if (delta === "") return;
    const { kind, item, index } = name;
    const parts = this.#partsOf(name);
    if (!parts.has(index) && ++this.#parts <= MAX_PARTS) {
      this.#seen.set(`${kind} ${item}`, parts.set(index, this.#offsets.providerLength));
    }
    if (kind !== "text") return this.#appendReasoning(kind, `${item} ${index}`, delta);
    this.#offsets.add(delta);
    this.#answer.emitText("text", delta);
  }

  /** The whole of a part. */
  complete(name: PartName, whole: string): void {
    if (this.#parts < MAX_PARTS && !this.#partsOf(name).has(name.index)) this.append(name, whole);
  }

  /** All parts of an item. Bedrock counts them differently in deltas: where all have come, none is taken again. */
  completeAll(kind: PartKind, item: string, wholes: readonly string[]): void {
    if (this.#partsOf({ kind, item, index: 0 }).size >= wholes.length) return;
    wholes.forEach((whole, index) => this.complete({ kind, item, index }, whole));
  }

  /**
   * Where a position within a part of the text is in the answer's text, in UTF-16 code units.
   * @param offset in code points; not trusted
   */
  positionOf(name: PartName, offset: unknown): number | undefined {
    const start = this.#partsOf(name).get(name.index);
    if (start === undefined || typeof offset !== "number" || offset <= 0) return undefined;
    return this.#offsets.toUtf16(start + offset);
  }

  #partsOf({ kind, item }: PartName): Map<number, number> {
    return this.#seen.get(`${kind} ${item}`) ?? new Map();
  }

  /** Some servers send both kinds of reasoning, which say the same: the first one counts. Parts are paragraphs. */
  #appendReasoning(kind: PartKind, part: string, delta: string): void {
    this.#reasoningKind ??= kind;
    if (kind !== this.#reasoningKind) return;
    const isNext = this.#reasoningPart !== "" && this.#reasoningPart !== part;
    this.#reasoningPart = part;
    this.#answer.emitText("reasoning", isNext ? `\n\n${delta}` : delta);
  }
}
