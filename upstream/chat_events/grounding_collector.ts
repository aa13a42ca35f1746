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
/** How much the sources of one event are larger than those of the event before, at the least. */
const GROWTH = 1.25;
/** About the length of a citation and of a mark in JSON without their values, and that of an index. */
const [CITATION_CHARS, MARK_CHARS, INDEX_CHARS] = [20, 30, 4];

/** The sources of one answer. */
export class GroundingCollector {
  readonly #citations: Citation[] = [];
  /** The index of each citation, by its URL. */
  readonly #indexes = new Map<string, number>();
  /** The indexes of the citations at each position. */
  readonly #marks = new Map<number, Set<number>>();
  readonly #queries = new Set<string>();
  #hasChanged = false;
  /** About the length of all sources in JSON, now and in the last event. */
  #chars = 0;
  #takenChars = 0;

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
    this.#grow(CITATION_CHARS + text.length + (name?.length ?? 0));
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
      this.#grow(cited.size === 0 ? MARK_CHARS : INDEX_CHARS);
      this.#marks.set(end, cited.add(index));
    }
  }

  /** Adds what the provider has searched for. */
  addQuery(query: unknown): void {
    const text = asText(query);
    if (text === undefined || this.#queries.has(text) || this.#queries.size === MAX_SOURCES) return;
    this.#queries.add(text);
    this.#grow(text.length);
  }

  /**
   * All sources so far, once they are larger by a quarter. Use {@linkcode take} for the rest, at the end. An event for each
   * source would make the answer grow with the square of their number.
   */
  takeGrown(): Grounding | undefined {
    return this.#chars < GROWTH * this.#takenChars ? undefined : this.take();
  }

  /** All sources so far; undefined where none has been added since they were last returned. */
  take(): Grounding | undefined {
    if (!this.#hasChanged) return undefined;
    this.#hasChanged = false;
    this.#takenChars = this.#chars;
    return {
      citations: [...this.#citations],
      ...(this.#marks.size > 0 && { marks: this.#sortedMarks() }),
      ...(this.#queries.size > 0 && { searchQueries: [...this.#queries] }),
    };
  }

  #grow(chars: number): void {
    this.#hasChanged = true;
    this.#chars += chars;
  }

  #sortedMarks(): CitationMark[] {
    return Array.from(this.#marks, ([end, citations]) => ({ end, citations: [...citations] }))
      .sort((a, b) => a.end - b.end);
  }
}
