/**
 * Stores a conversation in the browser. Stored text is checked when it is read: another version of the component,
 * another script of the site or a full disk must not break the chat.
 * @module
 */
import type { KeptChat, RunPosition } from "./chat_session.ts";
import { type ChatEntry, type ChatState, EMPTY_CHAT, shownEntries } from "./chat_state.ts";

/** Increased when the stored shape changes. Text of another version is not read. */
const VERSION = 1;
/** The maximum length of the stored text, in UTF-16 code units. Browsers allow about five million per origin. */
export const MAX_STORED_CHARS = 1_000_000;
/** A run exists for at most 15 minutes, and is kept for 10 more, unless the server is configured otherwise. */
const MAX_RUN_AGE_MS = 30 * 60_000;
/** Without a reader, a run is abandoned after a minute. Later, the same request would start a second one. */
const MAX_REQUEST_AGE_MS = 60_000;

/** Serializes the conversation, without its oldest messages if it would be too long. */
export function serializeChat({ state, run }: KeptChat): string {
  const text = toText(state, run);
  if (text.length <= MAX_STORED_CHARS) return text;
  const path = shownEntries(state);
  for (let from = 0; from < path.length; from++) {
    if (path[from]?.type !== "question") continue;
    const [first, ...rest] = path.slice(from) as [ChatEntry, ...ChatEntry[]];
    const shorter = toText({ ...state, entries: [{ ...first, parent: undefined }, ...rest] }, run);
    if (shorter.length <= MAX_STORED_CHARS) return shorter;
  }
  return toText(EMPTY_CHAT);
}

/**
 * Parses a stored conversation; undefined if there is none. It has a run only if an answer was running that can still be
 * taken up.
 * @param now milliseconds since 1970
 */
export function parseChat(text: string | null, now: number = Date.now()): KeptChat | undefined {
  try {
    const { version, run, ...state } = JSON.parse(text ?? "null") as ChatState & { version: unknown; run?: unknown };
    if (version !== VERSION || !state.entries.every(isEntry)) return undefined;
    const ids = state.entries.map((entry) => entry.id);
    const leaf = ids.includes(state.leaf as number) ? state.leaf : ids.at(-1);
    const canResume = leaf === state.leaf && isPosition(run) && isFresh(run, now);
    const { allowedTools } = state;
    const isList = Array.isArray(allowedTools) && allowedTools.every((name) => typeof name === "string");
    return {
      state: { entries: state.entries, leaf, nextId: Math.max(0, ...ids) + 1, ...(isList && { allowedTools }) },
      run: canResume ? run : undefined,
    };
  } catch {
    // Not a conversation of ours.
    return undefined;
  }
}

/** Stores one conversation under one key. */
export class ChatStorage {
  readonly #storage: Storage | undefined;
  readonly #key: string;

  /** @param kind which storage to use @param key the storage key */
  constructor(kind: "session" | "local", key: string) {
    this.#key = key;
    try {
      this.#storage = kind === "local" ? localStorage : sessionStorage;
    } catch {
      // Blocked by the visitor or a sandboxed frame: nothing is stored.
    }
  }

  /** Returns the stored conversation, if there is one. */
  read(): KeptChat | undefined {
    return parseChat(this.#storage?.getItem(this.#key) ?? null);
  }

  /** Stores a conversation, or removes the stored one if it is empty. */
  write(chat: KeptChat): void {
    try {
      if (chat.state.entries.length === 0) this.#storage?.removeItem(this.#key);
      else this.#storage?.setItem(this.#key, serializeChat(chat));
    } catch {
      // The storage is full: the conversation continues, but a reload loses it.
    }
  }
}

function toText(state: ChatState, run?: RunPosition): string {
  return JSON.stringify({ version: VERSION, ...state, run });
}

function isEntry(value: unknown): value is ChatEntry {
  const entry = value as ChatEntry;
  if (!Number.isSafeInteger(entry.id)) return false;
  if (entry.type === "answer") return typeof entry.answer.text === "string" && typeof entry.status === "string";
  return entry.type === "question" && (typeof entry.content === "string" || Array.isArray(entry.content));
}

function isPosition(value: unknown): value is RunPosition {
  const { key, url, after, startedAt } = (value ?? {}) as Partial<RunPosition>;
  return typeof key === "string" && (url === undefined || URL.canParse(url)) && Number.isSafeInteger(after) &&
    Number.isFinite(startedAt);
}

function isFresh({ url, startedAt }: RunPosition, now: number): boolean {
  return now - startedAt < (url === undefined ? MAX_REQUEST_AGE_MS : MAX_RUN_AGE_MS);
}
