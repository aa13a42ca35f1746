/**
 * Stores the visitor's unsent text until the tab is closed. A draft belongs to its tab, also where tabs share the
 * conversation.
 * @module
 */

/** Stores one draft under one key. */
export class DraftStorage {
  readonly #key: string;

  /** @param key the storage key of the conversation */
  constructor(key: string) {
    this.#key = `${key}:draft`;
  }

  /** Returns the stored text; empty if there is none. */
  read(): string {
    try {
      return sessionStorage.getItem(this.#key) ?? "";
    } catch {
      // Blocked by the visitor or a sandboxed frame: nothing is stored.
      return "";
    }
  }

  /** Stores `text`, or removes the stored one if it is empty. */
  write(text: string): void {
    try {
      if (text === "") sessionStorage.removeItem(this.#key);
      else sessionStorage.setItem(this.#key, text);
    } catch {
      // Blocked or full: a reload loses the draft.
    }
  }
}
