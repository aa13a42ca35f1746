/**
 * Collects the sources of an answer. A `grounding` event holds all of them so far, because it replaces the one before.
 * @module
 */
import type { Citation, CitationMark, Grounding } from "../../protocol/chat_event.ts";
import { asText } from "./untrusted_json.ts";

/** The most citations and the most queries of one answer. Each event repeats them, so that their number must have a limit. */
const MAX_SOURCES = 256;
/** The most marks of one answer, and the most citations of a mark. */
const MAX_MARKS = 256;
const MAX_MARK_CITATIONS = 32;

/** The sources of one answer. */
export class GroundingCollector {
  readonly #citations: Citation[] = [];
  /** The index of each citation, by its URL. */
  readonly #indexes = new Map<string, number>();
  /** The indexes of the citations at each position. */
  readonly #marks = new Map<number, Set<number>>();
  readonly #queries = new Set<string>();
  #hasChanged = false;

  /**
   * Adds a web page. One without a URL is dropped: it has broken clients.
   * @returns its index among the citations; undefined for one that is dropped
   */
  addCitation(url: unknown, title: unknown): number | undefined {
    const text = asText(url);
    if (text === undefined) return undefined;
    const known = this.#indexes.get(text);
    if (known !== undefined || this.#citations.length === MAX_SOURCES) return known;
    const name = asText(title);
    this.#hasChanged = true;
    this.#indexes.set(text, this.#citations.length);
    return this.#citations.push(name === undefined ? { url: text } : { title: name, url: text }) - 1;
  }

  /**
   * Adds a mark, or more citations to the mark that is there.
   * @param end the offset in the answer's text in UTF-16 code units; without one nothing is added
   * @param citations what {@linkcode addCitation} has returned
   */
  addMark(end: number | undefined, citations: Iterable<number | undefined>): void {
    if (end === undefined || end <= 0) return;
    const cited = this.#marks.get(end) ?? new Set();
    if (cited.size === 0 && this.#marks.size === MAX_MARKS) return;
    for (const index of citations) {
      if (index === undefined || cited.has(index) || cited.size === MAX_MARK_CITATIONS) continue;
      this.#marks.set(end, cited.add(index));
      this.#hasChanged = true;
    }
  }

  /** Adds what the provider has searched for. */
  addQuery(query: unknown): void {
    const text = asText(query);
    if (text === undefined || this.#queries.has(text) || this.#queries.size === MAX_SOURCES) return;
    this.#queries.add(text);
    this.#hasChanged = true;
  }

  /** All sources so far; undefined where none has been added since the last call. */
  take(): Grounding | undefined {
    if (!this.#hasChanged) return undefined;
    this.#hasChanged = false;
    return {
      citations: [...this.#citations],
      ...(this.#marks.size > 0 && { marks: this.#sortedMarks() }),
      ...(this.#queries.size > 0 && { searchQueries: [...this.#queries] }),
    };
  }

  #sortedMarks(): CitationMark[] {
    return Array.from(this.#marks, ([end, citations]) => ({ end, citations: [...citations] }))
      .sort((a, b) => a.end - b.end);
  }
}
