import { assert, assertEquals } from "@std/assert";
import { type ChatState, EMPTY_CHAT, reduceChat, shownEntries } from "../../../components/chat/chat_state.ts";
import { MAX_STORED_CHARS, parseChat, serializeChat } from "../../../components/chat/chat_storage.ts";

function conversation(questions: readonly string[]): ChatState {
  return questions.reduce((state, content) => {
    const asked = reduceChat(state, { type: "question", content, parent: state.leaf });
    const id = asked.leaf as number;
    const events = [{ type: "text", data: "Yes" }, { type: "stop", data: "stop" }] as const;
    return events.reduce((before, event) => reduceChat(before, { type: "event", id, event }), asked);
  }, EMPTY_CHAT);
}

Deno.test("parseChat returns what serializeChat wrote, with all versions", () => {
  const state = reduceChat(conversation(["One", "Two"]), { type: "show", id: 1 });
  assertEquals(JSON.stringify(parseChat(serializeChat(state))), JSON.stringify(state));
});

Deno.test("serializeChat drops the oldest messages of a conversation over the limit", () => {
  const state = conversation(["x".repeat(MAX_STORED_CHARS), "y".repeat(1000), "Last"]);
  const text = serializeChat(state);
  assert(text.length <= MAX_STORED_CHARS);
  assertEquals(shownEntries(parseChat(text) as ChatState).length, 4);
});

Deno.test("serializeChat keeps nothing when one message is over the limit", () => {
  assertEquals(parseChat(serializeChat(conversation(["x".repeat(MAX_STORED_CHARS)])))?.entries, []);
});

Deno.test("parseChat turns a running answer into a failed one", () => {
  const asked = reduceChat(EMPTY_CHAT, { type: "question", content: "Hi", parent: undefined });
  const last = parseChat(serializeChat(asked))?.entries.at(-1);
  assertEquals(last?.type === "answer" && [last.status, last.answer.error?.type], ["failed", "StreamChunkError"]);
});

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
