/**
 * Obtains suggestions for the next question from the page, once for each complete answer. A late or outdated result is
 * dropped.
 * @module
 */
import type { ChatState } from "./chat_state.ts";

/** The maximum time that the page has to return suggestions, in milliseconds. */
export const SUGGESTIONS_DEADLINE_MS = 15_000;
/** More suggestions are not shown. */
const MAX_SUGGESTIONS = 8;

/** Suggested next questions: fixed ones, or a function that returns them after each complete answer. */
export type Suggestions =
  | readonly string[]
  | ((state: ChatState) => readonly string[] | Promise<readonly string[]>);

/** The suggestions after the last answer of one conversation. */
export class FollowUps {
  readonly #onChange: () => void;
  #texts: readonly string[] = [];
  #source: Suggestions | undefined;
  /** The id of the answer that the suggestions belong to. */
  #answer: number | undefined;

  /** @param onChange called when suggestions have arrived */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Returns what to show. The first call after a complete answer asks the page. */
  read(source: Suggestions | undefined, state: ChatState): readonly string[] {
    const last = state.entries.find(({ id }) => id === state.leaf);
    const answer = last?.type === "answer" && last.status === "done" ? last.id : undefined;
    if (answer === this.#answer && source === this.#source) return this.#texts;
    this.#answer = answer;
    this.#source = source;
    this.#texts = [];
    if (answer === undefined || source === undefined) return [];
    if (typeof source === "function") void this.#request(source, state, answer);
    else this.#texts = source.slice(0, MAX_SUGGESTIONS);
    return this.#texts;
  }

  async #request(source: Exclude<Suggestions, readonly string[]>, state: ChatState, answer: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const expired = new Promise<readonly string[]>((resolve) => {
      timer = setTimeout(() => resolve([]), SUGGESTIONS_DEADLINE_MS);
    });
    try {
      const texts = await Promise.race([source(state), expired]);
      if (this.#answer !== answer || this.#source !== source) return;
      this.#texts = texts.filter((text) => typeof text === "string" && text.trim() !== "").slice(0, MAX_SUGGESTIONS);
      this.#onChange();
    } catch (error) {
      // The conversation works without suggestions; the developer finds the cause in the console.
      reportError(error);
    } finally {
      clearTimeout(timer);
    }
  }
}
