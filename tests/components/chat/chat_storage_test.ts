/** Tests what is stored of a conversation, and what is read of stored text. @module */
import { assert, assertEquals } from "@std/assert";
import { type ChatState, EMPTY_CHAT, reduceChat, shownEntries } from "../../../components/chat/chat_state.ts";
import type { RunPosition } from "../../../components/chat/chat_session.ts";
import { ChatStorage, MAX_STORED_CHARS, parseChat, serializeChat } from "../../../components/chat/chat_storage.ts";

function conversation(questions: readonly string[]): ChatState {
  return questions.reduce((state, content) => {
    const asked = reduceChat(state, { type: "question", content, parent: state.leaf });
    const id = asked.leaf as number;
    const events = [{ type: "text", data: "Yes" }, { type: "stop", data: "stop" }] as const;
    return events.reduce((before, event) => reduceChat(before, { type: "event", id, event }), asked);
  }, EMPTY_CHAT);
}

const serialize = (state: ChatState) => serializeChat({ state, run: undefined });

Deno.test("parseChat returns what serializeChat wrote, with all versions", () => {
  const state = reduceChat(conversation(["One", "Two"]), { type: "show", id: 1 });
  assertEquals(JSON.stringify(parseChat(serialize(state))?.state), JSON.stringify(state));
});

Deno.test("parseChat returns the allowed tools, and none that are no names", () => {
  const state = { ...conversation(["One"]), allowedTools: ["a"] };
  assertEquals(parseChat(serialize(state))?.state.allowedTools, ["a"]);
  const broken = { ...state, allowedTools: [1] as unknown as string[] };
  assertEquals(parseChat(serialize(broken))?.state.allowedTools, undefined);
});

Deno.test("serializeChat drops the oldest messages of a conversation over the limit", () => {
  const state = conversation(["x".repeat(MAX_STORED_CHARS), "y".repeat(1000), "Last"]);
  const text = serialize(state);
  assert(text.length <= MAX_STORED_CHARS);
  assertEquals(shownEntries(parseChat(text)?.state as ChatState).length, 4);
});

Deno.test("serializeChat keeps nothing when one message is over the limit", () => {
  assertEquals(parseChat(serialize(conversation(["x".repeat(MAX_STORED_CHARS)])))?.state.entries, []);
});

/** A conversation whose questions each have one PDF of so many characters. */
function withFiles(sizes: readonly number[]): ChatState {
  return sizes.reduce((state, size, index) => {
    const file = { filename: `${index}.pdf`, file_data: `data:application/pdf;base64,${"A".repeat(size)}` };
    return reduceChat(state, { type: "question", content: [{ type: "file", file }], parent: state.leaf });
  }, EMPTY_CHAT);
}

/** The names of the stored files, and whether their data is stored. */
function storedFiles(text: string | null): unknown[] {
  return shownEntries(parseChat(text)?.state as ChatState).flatMap((entry) =>
    entry.type === "question" && typeof entry.content !== "string"
      ? entry.content.flatMap((part) =>
        part.type === "file" ? [[part.file.filename, part.file.file_data.length > 0]] : []
      )
      : []
  );
}

Deno.test("serializeChat keeps the names of old attachments without their data over the limit", () => {
  const text = serialize(withFiles([MAX_STORED_CHARS / 2, MAX_STORED_CHARS / 3, MAX_STORED_CHARS / 3]));
  assert(text.length <= MAX_STORED_CHARS);
  assertEquals(storedFiles(text), [["0.pdf", false], ["1.pdf", true], ["2.pdf", true]]);
  assertEquals(storedFiles(serialize(withFiles([2 * MAX_STORED_CHARS]))), [["0.pdf", false]]);
});

Deno.test("ChatStorage stores less while the browser's storage is almost full", () => {
  const original = Object.getOwnPropertyDescriptor(globalThis, "localStorage") as PropertyDescriptor;
  let stored: string | null = null;
  const almostFull = {
    getItem: () => stored,
    setItem(_key: string, text: string) {
      if (text.length > MAX_STORED_CHARS / 4) throw new DOMException("full", "QuotaExceededError");
      stored = text;
    },
  };
  Object.defineProperty(globalThis, "localStorage", { configurable: true, value: almostFull });
  try {
    new ChatStorage("local", "key").write({ state: withFiles([MAX_STORED_CHARS / 2, 1000]), run: undefined });
  } finally {
    Object.defineProperty(globalThis, "localStorage", original);
  }
  assertEquals(storedFiles(stored), [["0.pdf", false], ["1.pdf", true]]);
});

const ASKED = reduceChat(EMPTY_CHAT, { type: "question", content: "Hi", parent: undefined });
const RUN: RunPosition = { key: "k", url: "https://chat.example/api/chat/1", after: 3, startedAt: 0 };
const MINUTE_MS = 60_000;

const RUNS: readonly [string, RunPosition, number, boolean][] = [
  ["a run", RUN, 20 * MINUTE_MS, true],
  ["a run that has expired on every server", RUN, 31 * MINUTE_MS, false],
  ["a request without a response", { key: "k", after: 0, startedAt: 0 }, MINUTE_MS / 2, true],
  ["an old request without a response", { key: "k", after: 0, startedAt: 0 }, 2 * MINUTE_MS, false],
  ["a run whose URL is none", { ...RUN, url: "//" }, 0, false],
  ["a run without a position", { ...RUN, after: "3" as unknown as number }, 0, false],
];
for (const [name, run, now, isKept] of RUNS) {
  Deno.test(`parseChat ${isKept ? "keeps" : "drops"} ${name}`, () => {
    const parsed = parseChat(serializeChat({ state: ASKED, run }), now);
    assertEquals(parsed?.run, isKept ? run : undefined);
    assertEquals(parsed?.state.entries.length, 2);
  });
}

const INVALID = [
  null,
  "",
  "null",
  "[]",
  "{",
  '{"version":2,"entries":[]}',
  '{"version":1}',
  '{"version":1,"entries":[null]}',
  '{"version":1,"entries":[{"type":"answer","id":1}]}',
  '{"version":1,"entries":[{"type":"question","id":"1","content":"x"}]}',
  '{"version":1,"entries":[{"type":"question","id":1,"content":7}]}',
];
for (const text of INVALID) {
  Deno.test(`parseChat returns undefined for ${text}`, () => assertEquals(parseChat(text), undefined));
}
