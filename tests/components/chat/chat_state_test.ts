import { assertEquals, assertStrictEquals } from "@std/assert";
import type { ChatEvent } from "../../../protocol/chat_event.ts";
import {
  type AnswerEntry,
  canContinue,
  type ChatAction,
  type ChatState,
  chatStatus,
  CONTINUE_MESSAGE,
  EMPTY_CHAT,
  isCutByLength,
  isRunning,
  RECENT_ENTRIES,
  reduceChat,
  requestMessages,
  shownEntries,
  versionsByParent,
} from "../../../components/chat/chat_state.ts";

const text = (data: string): ChatEvent => ({ type: "text", data });
const STOP: ChatEvent = { type: "stop", data: "stop" };
const CLEAR: ChatAction = { type: "load", state: EMPTY_CHAT, isRunning: false };
const CUT: ChatEvent = { type: "error", data: { type: "StreamChunkError", message: "Cut" } };

function play(...actions: readonly ChatAction[]): ChatState {
  return actions.reduce(reduceChat, EMPTY_CHAT);
}

const question = (content: string, parent?: number): ChatAction => ({ type: "question", content, parent });
const event = (id: number, event: ChatEvent): ChatAction => ({ type: "event", id, event });

const STATUSES: readonly [string, readonly ChatAction[], string][] = [
  ["idle before the first question", [], "idle"],
  ["waiting after a question", [question("Hi")], "waiting"],
  ["streaming at the first event", [question("Hi"), event(2, text("a"))], "streaming"],
  ["done at a stop", [question("Hi"), event(2, text("a")), event(2, STOP)], "done"],
  ["failed at an error", [question("Hi"), event(2, text("a")), event(2, CUT)], "failed"],
  ["done when stopped by the visitor", [question("Hi"), { type: "stop", id: 2 }], "done"],
  ["idle when cleared", [question("Hi"), CLEAR], "idle"],
];
for (const [name, actions, status] of STATUSES) {
  Deno.test(`chatStatus is ${name}`, () => assertEquals(chatStatus(play(...actions)), status));
}

Deno.test("isRunning is true only while an answer is running", () => {
  const all = ["idle", "waiting", "streaming", "done", "stopped", "failed"] as const;
  assertEquals(all.filter(isRunning), ["waiting", "streaming"]);
});

Deno.test("isCutByLength is true only for an answer that ended at its token limit", () => {
  const endings = ["length", "stop", "cancelled", undefined];
  assertEquals(endings.map((stop) => isCutByLength({ text: "", ...(stop && { stop }) })), [true, false, false, false]);
});

Deno.test("reduceChat keeps the text of an answer that fails", () => {
  const last = shownEntries(play(question("Hi"), event(2, text("half")), event(2, CUT))).at(-1);
  assertEquals(last?.type === "answer" && [last.status, last.answer.text], ["failed", "half"]);
});

Deno.test("reduceChat ignores events for an answer that has ended or is gone", () => {
  const stopped = play(question("Hi"), event(2, text("a")), { type: "stop", id: 2 });
  assertStrictEquals(reduceChat(stopped, event(2, text("late"))), stopped);
  assertStrictEquals(reduceChat(stopped, { type: "stop", id: 2 }), stopped);
  const cleared = play(question("Hi"), CLEAR, question("Again"));
  assertStrictEquals(reduceChat(cleared, event(2, text("stale"))), cleared);
});

Deno.test("reduceChat keeps unchanged entries identical", () => {
  const before = play(question("One"), event(2, STOP), question("Two", 2));
  const after = reduceChat(before, event(4, text("a")));
  assertStrictEquals(after.entries[1], before.entries[1]);
});

Deno.test("reduceChat keeps an earlier answer as a version and shows the new one", () => {
  const state = play(question("Hi"), event(2, text("first")), event(2, STOP), { type: "answer", parent: 1 });
  assertEquals(shownEntries(state).map(({ id }) => id), [1, 3]);
  assertEquals(versionsByParent(state).get(1), [2, 3]);
});

Deno.test("reduceChat drops a failed answer without text when another answer is requested", () => {
  const state = play(question("Hi"), event(2, CUT), { type: "answer", parent: 1 });
  assertEquals(state.entries.map(({ id }) => id), [1, 3]);
});

Deno.test("reduceChat shows the newest entries below a version", () => {
  const state = play(
    question("Hi"),
    event(2, STOP),
    question("More", 2),
    event(4, STOP),
    question("Hello"),
    event(6, STOP),
  );
  assertEquals(shownEntries(state).map(({ id }) => id), [5, 6]);
  assertEquals(shownEntries(reduceChat(state, { type: "show", id: 1 })).map(({ id }) => id), [1, 2, 3, 4]);
});

Deno.test("requestMessages returns the shown messages without empty answers", () => {
  const state = play(
    question("One"),
    event(2, CUT),
    question("Two", 2),
    event(4, text("2")),
    event(4, STOP),
    question("Three", 4),
  );
  assertEquals(requestMessages(state), [
    { role: "user", content: "One" },
    { role: "user", content: "Two" },
    { role: "assistant", content: "2" },
    { role: "user", content: "Three" },
  ]);
});

Deno.test("requestMessages returns the latest messages of a very long conversation, starting at a question", () => {
  let state = EMPTY_CHAT;
  for (let i = 0; i < 150; i++) {
    state = reduceChat(state, { type: "question", content: `q${i}`, parent: state.leaf });
    for (const data of [text(`a${i}`), STOP]) {
      state = reduceChat(state, { type: "event", id: state.leaf!, event: data });
    }
  }
  state = reduceChat(state, { type: "question", content: "last", parent: state.leaf });
  const messages = requestMessages(state);
  assertEquals([messages.length, messages[0]], [199, { role: "user", content: "q51" }]);
});

Deno.test("reduceChat never reuses an id after loading a conversation", () => {
  const stored = play(question("Hi"), event(2, STOP));
  const state = [
    CLEAR,
    question("Other"),
    { type: "load", state: stored, isRunning: false },
    question("More", 2),
  ] as const;
  assertEquals(state.reduce(reduceChat, stored as ChatState).entries.map(({ id }) => id), [1, 2, 5, 6]);
});

Deno.test("reduceChat fails a running answer when its conversation is loaded, unless it is taken up", () => {
  const running = play(question("Hi"), event(2, text("Hel")));
  const load = (isRunning: boolean) => chatStatus(play({ type: "load", state: running, isRunning }));
  assertEquals([load(true), load(false)], ["streaming", "failed"]);
});

const CONTINUABLE: readonly [string, readonly ChatAction[], boolean][] = [
  ["cut", [event(2, text("a")), event(2, CUT)], true],
  ["stopped", [event(2, text("a")), { type: "stop", id: 2 }], true],
  ["too long", [event(2, text("a")), event(2, { type: "stop", data: "length" })], true],
  ["complete", [event(2, text("a")), event(2, STOP)], false],
  ["running", [event(2, text("a"))], false],
  ["without text", [event(2, CUT)], false],
  ["refused by the provider's policy", [
    event(2, text("a")),
    event(2, { type: "error", data: { type: "ProviderContentPolicyViolation", message: "No." } }),
  ], false],
];
for (const [name, actions, expected] of CONTINUABLE) {
  Deno.test(`canContinue is ${expected} for an answer that is ${name}`, () => {
    const entry = play(question("Hi"), ...actions).entries.at(-1) as AnswerEntry;
    assertEquals(canContinue(entry), expected);
  });
}

Deno.test("reduceChat joins the text of a continued answer, which is one message afterwards", () => {
  const state = play(
    question("Hi"),
    event(2, text("Hel")),
    event(2, { type: "usage", data: { totalTokens: 3 } }),
    event(2, CUT),
    { type: "continue", id: 2 },
    event(2, text("lo")),
    event(2, STOP),
  );
  const entry = state.entries.at(-1);
  assertEquals(entry?.type === "answer" && entry.answer, { text: "Hello", stop: "stop" });
  assertEquals(requestMessages(state), [{ role: "user", content: "Hi" }, { role: "assistant", content: "Hello" }]);
  assertEquals(requestMessages(state, [CONTINUE_MESSAGE]).at(-1), CONTINUE_MESSAGE);
});

Deno.test("reduceChat notes when entries were added and when an answer ended", () => {
  const actions = [question("Hi"), event(2, text("a")), event(2, STOP)];
  const state = play(...actions.map((action, i) => ({ ...action, now: 10 * (i + 1) })));
  assertEquals(state.entries.map(({ createdAt }) => createdAt), [10, 10]);
  assertEquals((state.entries[1] as AnswerEntry).endedAt, 30);
  const continued = reduceChat(state, { type: "continue", id: 2 });
  assertEquals((continued.entries[1] as AnswerEntry).endedAt, undefined);
});

Deno.test("reduceChat sets and removes the rating of an answer", () => {
  const done = play(question("Hi"), event(2, text("a")), event(2, STOP));
  const rated = reduceChat(done, { type: "feedback", id: 2, feedback: { rating: "down", comment: "No" } });
  assertEquals((rated.entries[1] as AnswerEntry).feedback, { rating: "down", comment: "No" });
  const removed = reduceChat(rated, { type: "feedback", id: 2, feedback: undefined });
  assertEquals(JSON.stringify(removed), JSON.stringify(done));
});

Deno.test("reduceChat keeps allowed tools through questions, and forgets them with the conversation", () => {
  const allowed = play({ type: "allow", tool: "a" }, { type: "allow", tool: "b" }, { type: "allow", tool: "a" });
  assertEquals(allowed.allowedTools, ["a", "b"]);
  assertEquals(reduceChat(allowed, question("Hi")).allowedTools, ["a", "b"]);
  assertEquals(reduceChat(EMPTY_CHAT, { type: "load", state: allowed, isRunning: false }).allowedTools, ["a", "b"]);
  assertEquals(reduceChat(allowed, CLEAR).allowedTools, undefined);
});

const reasoned = (...events: readonly ChatEvent[]): ChatState =>
  play(question("Hi"), ...[...events, STOP].map((each) => event(2, each)), question("And?", 2));
const reasoning = (data: string): ChatEvent => ({ type: "reasoning", data });
const signature = (data: string): ChatEvent => ({ type: "reasoning_signature", data });
const reasoningIn = (state: ChatState) => requestMessages(state).map(({ reasoning }) => reasoning);

Deno.test("requestMessages returns the reasoning of an answer with the provider's state", () => {
  const state = reasoned(reasoning("Hm."), signature("QUJD"), text("a"));
  assertEquals(reasoningIn(state), [undefined, { content: "Hm.", signature: "QUJD" }, undefined]);
  assertEquals(reasoningIn(reasoned(text("a"), signature("gemini:QUJD"))).at(1), {
    content: "",
    signature: "gemini:QUJD",
  });
});

Deno.test("requestMessages returns no reasoning that no provider wants back", () => {
  assertEquals(reasoningIn(reasoned(reasoning("Hm."), text("a"))).at(1), undefined);
});

Deno.test("requestMessages returns no reasoning of an answer that was cut or continued", () => {
  const cut = play(
    question("Hi"),
    ...[reasoning("Hm."), signature("QUJD"), text("a"), CUT].map((each) => event(2, each)),
  );
  const continued = [{ type: "continue", id: 2 } as const, event(2, text("b")), event(2, STOP), question("And?", 2)];
  assertEquals(reasoningIn(reduceChat(cut, question("And?", 2))).at(1), undefined);
  const [, answer] = requestMessages(continued.reduce(reduceChat, cut));
  assertEquals([answer?.content, answer?.reasoning], ["ab", undefined]);
});

Deno.test("requestMessages returns the reasoning and the signatures of calls with their results", () => {
  const call = { index: 0, id: "c", type: "function", function: { name: "f", arguments: "{}" }, thoughtSignature: "S" };
  const calls = { type: "tool_calls", data: [call] } as ChatEvent;
  const state = play(
    question("Hi"),
    event(2, reasoning("Hm.")),
    event(2, calls),
    { type: "event", id: 2, event: STOP, calls: true },
    { type: "tool", id: 2, callId: "c", result: { status: "done", content: "7" } },
    { type: "answer", parent: 2 },
  );
  const [, answer] = requestMessages(state);
  assertEquals([answer?.reasoning, answer?.tool_calls?.[0]?.thoughtSignature], [{ content: "Hm." }, "S"]);
  // The answer after the results belongs to the same turn.
  const last = [event(3, reasoning("So.")), event(3, text("b")), event(3, STOP), question("And?", 3)];
  assertEquals(reasoningIn(last.reduce(reduceChat, state)).at(3), { content: "So." });
  const unsettled = play(question("Hi"), ...[text("a"), signature("QUJD"), calls, STOP].map((each) => event(2, each)));
  assertEquals(requestMessages(unsettled).at(1), { role: "assistant", content: "a" });
});

Deno.test("requestMessages leaves out the state of old answers", () => {
  const ids = Array.from({ length: RECENT_ENTRIES }, (_, at) => 2 * at + 2);
  const state = ids.reduce(
    (before, id) =>
      [
        question("Hi", id === 2 ? undefined : id - 2),
        ...[text("a"), signature("QUJD"), STOP].map((each) => event(id, each)),
      ].reduce(reduceChat, before),
    EMPTY_CHAT,
  );
  const kept = requestMessages(state).map(({ role, reasoning }) =>
    role === "user" ? "" : reasoning?.signature ?? "none"
  );
  assertEquals(kept, ids.flatMap((_, at) => ["", at < RECENT_ENTRIES / 2 ? "none" : "QUJD"]));
});
