import { assertEquals } from "@std/assert";
import { type ChatState, EMPTY_CHAT, reduceChat } from "../../../components/chat/chat_state.ts";
import { FollowUps, SUGGESTIONS_DEADLINE_MS } from "../../../components/chat/follow_ups.ts";
import { FakeTimers } from "./fake_timers.ts";
import { ReportedErrors } from "./reported_errors.ts";

const ASKED = reduceChat(EMPTY_CHAT, { type: "question", content: "Hi", parent: undefined });
const end = (state: ChatState) =>
  reduceChat(state, { type: "event", id: state.leaf as number, event: { type: "stop", data: "stop" } });
const DONE = end(ASKED);
const NEXT = reduceChat(DONE, { type: "question", content: "More", parent: DONE.leaf });

Deno.test("FollowUps shows an array only after a complete answer", () => {
  const followUps = new FollowUps(() => {});
  assertEquals(followUps.read(["Why?"], EMPTY_CHAT), []);
  assertEquals(followUps.read(["Why?"], ASKED), []);
  assertEquals(followUps.read(["Why?"], DONE), ["Why?"]);
  assertEquals(followUps.read(undefined, DONE), []);
  assertEquals(followUps.read(["Why?"], reduceChat(ASKED, { type: "stop", id: 2 })), []);
});

Deno.test("FollowUps asks a function once for each answer and reports its result", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const followUps = new FollowUps(resolve);
  const asked: ChatState[] = [];
  const source = (state: ChatState) => {
    asked.push(state);
    return ["Why?", " "];
  };
  assertEquals(followUps.read(source, DONE), []);
  assertEquals(followUps.read(source, DONE), []);
  await promise;
  // A rating changes the state, but not the answer.
  const rated = reduceChat(DONE, { type: "feedback", id: 2, feedback: { rating: "up" } });
  assertEquals(followUps.read(source, rated), ["Why?"]);
  assertEquals(asked, [DONE]);
});

Deno.test("FollowUps drops the result for an earlier answer", async () => {
  let changes = 0;
  const followUps = new FollowUps(() => changes++);
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const source = () => promise;
  followUps.read(source, DONE);
  followUps.read(source, NEXT);
  resolve(["Too late"]);
  await promise;
  await Promise.resolve();
  assertEquals([followUps.read(source, NEXT), changes], [[], 0]);
});

Deno.test("FollowUps shows nothing when the function fails or misses the deadline", async () => {
  using errors = new ReportedErrors();
  using timers = new FakeTimers();
  const { promise, resolve } = Promise.withResolvers<void>();
  const followUps = new FollowUps(resolve);
  const pending = () => new Promise<string[]>(() => {});
  followUps.read(pending, DONE);
  assertEquals(await timers.pass(), SUGGESTIONS_DEADLINE_MS);
  await promise;
  assertEquals(followUps.read(pending, DONE), []);
  const reported = new Promise((resolve) => addEventListener("error", resolve, { once: true }));
  followUps.read(() => Promise.reject(new Error("no ideas")), DONE);
  await reported;
  assertEquals(errors.messages, ["no ideas"]);
});
