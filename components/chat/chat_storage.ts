/**
 * Stores a conversation in the browser. Stored text is checked when it is read: another version of the component,
 * another script of the site or a full disk must not break the chat.
 * @module
 */
import type { KeptChat, RunPosition } from "./chat_session.ts";
import type { ContentPart } from "../../protocol/chat_request.ts";
import { type ChatEntry, type ChatState, EMPTY_CHAT, shownEntries } from "./chat_state.ts";

/** Increased when the stored shape changes. Text of another version is not read. */
const VERSION = 1;
/** The maximum length of the stored text, in UTF-16 code units. Browsers allow about five million per origin. */
export const MAX_STORED_CHARS = 1_000_000;
/** The lengths to try in turn when the storage is full. */
const SIZES = [MAX_STORED_CHARS, MAX_STORED_CHARS / 4, MAX_STORED_CHARS / 16];
/** A run exists for at most 15 minutes, and is kept for 10 more, unless the server is configured otherwise. */
const MAX_RUN_AGE_MS = 30 * 60_000;
/** Without a reader, a run is abandoned after a minute. Later, the same request would start a second one. */
const MAX_REQUEST_AGE_MS = 60_000;

/**
 * Serializes the conversation. If it would be too long, the oldest attachments lose their data and keep their names; if
 * that is not enough, the oldest messages are left out.
 */
export function serializeChat({ state, run }: KeptChat, maxChars: number = MAX_STORED_CHARS): string {
  const text = toText(state, run);
  if (text.length <= maxChars) return text;
  const lighter = { ...state, entries: withoutOldData(state.entries, text.length - maxChars) };
  const light = toText(lighter, run);
  if (light.length <= maxChars) return light;
  const path = shownEntries(lighter);
  for (const [from, first] of path.entries()) {
    if (first.type !== "question") continue;
    const shorter = toText({ ...state, entries: [{ ...first, parent: undefined }, ...path.slice(from + 1)] }, run);
    if (shorter.length <= maxChars) return shorter;
  }
  return toText(EMPTY_CHAT);
}

/** Removes the data of the oldest attachments, `excess` characters at least. */
function withoutOldData(entries: readonly ChatEntry[], excess: number): readonly ChatEntry[] {
  let left = excess;
  const lighten = (part: ContentPart): ContentPart => {
    const url = part.type === "image_url" ? part.image_url.url : part.type === "file" ? part.file.file_data : "";
    if (left <= 0 || !url.startsWith("data:")) return part;
    left -= url.length;
    return part.type === "file"
      ? { ...part, file: { ...part.file, file_data: "" } }
      : { type: "image_url", image_url: { url: "" } };
  };
  return entries.map((entry) =>
    entry.type === "question" && typeof entry.content !== "string"
      ? { ...entry, content: entry.content.map(lighten) }
      : entry
  );
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

  /** Stores a conversation, or removes the stored one if it is empty. What has no room is left out. */
  write(chat: KeptChat): void {
    if (chat.state.entries.length === 0) return void this.#storage?.removeItem(this.#key);
    // Other scripts of the site use the same storage: there may be less room than is allowed.
    SIZES.some((maxChars) => {
      try {
        this.#storage?.setItem(this.#key, serializeChat(chat, maxChars));
        return true;
      } catch {
        return false;
      }
    });
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
