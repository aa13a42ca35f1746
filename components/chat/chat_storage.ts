/**
 * Keeps a conversation in the browser's own storage. What comes back from there is checked: another version, another
 * site's script or a full disk must not break the chat.
 * @module
 */
import { type ChatEntry, type ChatState, EMPTY_CHAT, isRunning, shownEntries } from "./chat_state.ts";

/** Grows when the stored shape changes; what another version has stored is left alone and not read. */
const VERSION = 1;
/** The most that is stored, in UTF-16 code units: browsers give a whole site five million. */
export const MAX_STORED_CHARS = 1_000_000;

/** The conversation as text, without the oldest messages where it would be too long. */
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

/** The conversation in a text, or undefined where it holds none. An answer that was on its way is a cut one now. */
export function parseChat(text: string | null): ChatState | undefined {
  try {
    const { version, ...state } = JSON.parse(text ?? "null") as ChatState & { version: unknown };
    if (version !== VERSION || !state.entries.every(isEntry)) return undefined;
    const ids = state.entries.map((entry) => entry.id);
    const leaf = ids.includes(state.leaf as number) ? state.leaf : ids.at(-1);
    return { entries: state.entries.map(endRunning), leaf, nextId: Math.max(0, ...ids) + 1 };
  } catch {
    // Whatever it is, it is no conversation of ours.
    return undefined;
  }
}

/** Keeps one conversation under one name. */
export class ChatKeeper {
  readonly #storage: Storage | undefined;
  readonly #key: string;
  readonly #state: () => ChatState;
  readonly #onPageHide = (): void => this.save();

  /** @param kind where to keep it @param key the name @param state gives the conversation as it stands */
  constructor(kind: "session" | "local", key: string, state: () => ChatState) {
    this.#key = key;
    this.#state = state;
    try {
      this.#storage = kind === "local" ? localStorage : sessionStorage;
    } catch {
      // The visitor, or a sandboxed frame, forbids it: then nothing is kept.
    }
    // An answer that is still on its way when the page goes is kept as far as it has come.
    addEventListener("pagehide", this.#onPageHide);
  }

  /** What was kept, if anything was. */
  restore(): ChatState | undefined {
    return parseChat(this.#storage?.getItem(this.#key) ?? null);
  }

  /** Keeps the conversation as it stands, or forgets it when it is empty. */
  save(): void {
    const state = this.#state();
    try {
      if (state.entries.length === 0) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, serializeChat(state));
    } catch {
      // Full: the conversation goes on, and is gone after a reload.
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
