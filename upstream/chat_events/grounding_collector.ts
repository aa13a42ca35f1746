/**
 * Collects the sources of an answer. A `grounding` event holds all of them so far, because it replaces the one before.
 * @module
 */
import type { Citation, Grounding } from "../../protocol/chat_event.ts";
import { asText } from "./untrusted_json.ts";

/** The most citations and the most queries of one answer. Each event repeats them, so that their number must have a limit. */
const MAX_SOURCES = 256;

/** The sources of one answer. */
export class GroundingCollector {
  readonly #citations = new Map<string, Citation>();
  readonly #queries = new Set<string>();
  #hasChanged = false;

  /** Adds a web page. One without a URL is dropped: it has broken clients. */
  addCitation(url: unknown, title: unknown): void {
    const known = asText(url);
    if (known === undefined || this.#citations.has(known) || this.#citations.size === MAX_SOURCES) return;
    const text = asText(title);
    this.#citations.set(known, text === undefined ? { url: known } : { title: text, url: known });
    this.#hasChanged = true;
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
    const citations = [...this.#citations.values()];
    return this.#queries.size === 0 ? { citations } : { citations, searchQueries: [...this.#queries] };
  }
}
