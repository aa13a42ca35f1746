/**
 * Stores a conversation in the browser. Stored text is checked when it is read: another version of the component,
 * another script of the site or a full disk must not break the chat.
 * @module
 */
import { type ChatEntry, type ChatState, EMPTY_CHAT, isRunning, shownEntries } from "./chat_state.ts";

/** Increased when the stored shape changes. Text of another version is not read. */
const VERSION = 1;
/** The maximum length of the stored text, in UTF-16 code units. Browsers allow about five million per origin. */
export const MAX_STORED_CHARS = 1_000_000;

/** Serializes the conversation, without its oldest messages if it would be too long. */
export function serializeChat(state: ChatState): string {
  const text = toText(state);
  if (text.length <= MAX_STORED_CHARS) return text;
  const path = shownEntries(state);
  for (let from = 0; from < path.length; from++) {
    if (path[from]?.type !== "question") continue;
    const [first, ...rest] = path.slice(from) as [ChatEntry, ...ChatEntry[]];
    const shorter = toText({ ...state, entries: [{ ...first, parent: undefined }, ...rest] });
    if (shorter.length <= MAX_STORED_CHARS) return shorter;
  }
  return toText(EMPTY_CHAT);
}

/** Parses a stored conversation; undefined if there is none. An answer that was running becomes a failed one. */
export function parseChat(text: string | null): ChatState | undefined {
  try {
    const { version, ...state } = JSON.parse(text ?? "null") as ChatState & { version: unknown };
    if (version !== VERSION || !state.entries.every(isEntry)) return undefined;
    const ids = state.entries.map((entry) => entry.id);
    const leaf = ids.includes(state.leaf as number) ? state.leaf : ids.at(-1);
    return { entries: state.entries.map(endRunning), leaf, nextId: Math.max(0, ...ids) + 1 };
  } catch {
    // Not a conversation of ours.
    return undefined;
  }
}

/** Stores one conversation under one key. */
export class ChatStorage {
  readonly #storage: Storage | undefined;
  readonly #key: string;
  readonly #state: () => ChatState;
  readonly #onPageHide = (): void => this.save();

  /** @param kind which storage to use @param key the storage key @param state returns the current conversation */
  constructor(kind: "session" | "local", key: string, state: () => ChatState) {
    this.#key = key;
    this.#state = state;
    try {
      this.#storage = kind === "local" ? localStorage : sessionStorage;
    } catch {
      // Blocked by the visitor or a sandboxed frame: nothing is stored.
    }
    // Keeps a running answer up to the point where the visitor leaves the page.
    addEventListener("pagehide", this.#onPageHide);
  }

  /** Returns the stored conversation, if there is one. */
  restore(): ChatState | undefined {
    return parseChat(this.#storage?.getItem(this.#key) ?? null);
  }

  /** Stores the current conversation, or removes it if it is empty. */
  save(): void {
    const state = this.#state();
    try {
      if (state.entries.length === 0) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, serializeChat(state));
    } catch {
      // The storage is full: the conversation continues, but a reload loses it.
    }
  }

  /** Stops listening. */
  close(): void {
    removeEventListener("pagehide", this.#onPageHide);
  }
}

function toText(state: ChatState): string {
  return JSON.stringify({ version: VERSION, ...state });
}

function isEntry(value: unknown): value is ChatEntry {
  const entry = value as ChatEntry;
  if (!Number.isSafeInteger(entry.id)) return false;
  if (entry.type === "answer") return typeof entry.answer.text === "string" && typeof entry.status === "string";
  return entry.type === "question" && (typeof entry.content === "string" || Array.isArray(entry.content));
}

function endRunning(entry: ChatEntry): ChatEntry {
  if (entry.type !== "answer" || !isRunning(entry.status)) return entry;
  const error = {
    type: "StreamChunkError",
    message: "The page was left before the answer was complete.",
    body: { reason: "unexpected_end" },
  } as const;
  return { ...entry, status: "failed", answer: { ...entry.answer, error } };
}
