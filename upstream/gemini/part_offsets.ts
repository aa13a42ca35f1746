/**
 * Where the parts of a Gemini answer begin in its text. Gemini counts a cited position in bytes from the beginning of the part
 * that it names. The stream cuts a part of text into several, which are one part here.
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/GroundingMetadata#Segment
 * @module
 */
import { TextOffsets } from "../chat_events/text_offsets.ts";
import type { Untrusted } from "../chat_events/untrusted_json.ts";
import type { GeminiPart } from "./gemini_chunk.ts";

/** The most parts of one answer whose beginnings are kept. */
const MAX_PARTS = 1024;

type Kind = "text" | "thought" | "other";

/** The parts of one answer. */
export class PartOffsets {
  readonly #offsets = new TextOffsets("bytes");
  /** By the index of the part, in bytes; undefined for one that is not text of the answer. */
  readonly #starts: (number | undefined)[] = [];
  #lastKind: Kind | undefined;
  #hasOther = false;

  /** Adds the next part. @param isFirst it is the first of its chunk, and so may continue the last part of the chunk before */
  add(part: Untrusted<GeminiPart>, isFirst: boolean): void {
    const kind = kindOf(part);
    const isContinued = isFirst && kind !== "other" && kind === this.#lastKind;
    if (!isContinued && this.#starts.length < MAX_PARTS) {
      this.#starts.push(kind === "text" ? this.#offsets.providerLength : undefined);
    }
    if (kind === "text") this.#offsets.add(part.text as string);
    if (kind === "other") this.#hasOther = true;
    this.#lastKind = kind;
  }

  /**
   * The position in the answer's text in UTF-16 code units.
   * @param part the index of the part; not trusted. Without one, or 0, the offset counts from the beginning of the text
   * @param offset in bytes; not trusted
   * @returns undefined where it is not known
   */
  toUtf16(part: unknown, offset: unknown): number | undefined {
    const start = this.#startOf(part);
    return start === undefined || typeof offset !== "number" ? undefined : this.#offsets.toUtf16(start + offset);
  }

  #startOf(part: unknown): number | undefined {
    if (typeof part !== "number" || part === 0) return 0;
    // A part of text that the stream does not show apart from the one before.
    return this.#starts[part] ?? (this.#hasOther ? undefined : 0);
  }
}

function kindOf({ text, thought }: Untrusted<GeminiPart>): Kind {
  if (typeof text !== "string") return "other";
  return thought === true ? "thought" : "text";
}
