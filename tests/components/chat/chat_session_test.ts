import { assertEquals } from "@std/assert";
import { ChatSession, type ChatSessionConfig, type ChatSessionHost } from "../../../components/chat/chat_session.ts";
import {
  chatStatus,
  CONTINUE_MESSAGE,
  EMPTY_CHAT,
  reduceChat,
  shownEntries,
} from "../../../components/chat/chat_state.ts";
import type { ToolRunner } from "../../../components/chat/tool_runner.ts";
import { FakeChatServer } from "../../browser/fake_chat_server.ts";

/** A host that records the status of each change. */
class FakeHost implements ChatSessionHost {
  readonly statuses: string[] = [];
  readonly #config: ChatSessionConfig;
  #waiting: { status: string; resolve: () => void } | undefined;

  constructor(server: FakeChatServer, config: Partial<ChatSessionConfig> = {}) {
    this.#config = { endpoint: `${server.origin}/api/chat`, ...config };
  }

  readConfig(): ChatSessionConfig {
    return this.#config;
  }

  loadToolRunner(): Promise<ToolRunner> {
    return import("../../../components/chat/tool_runner.ts");
  }

  allowToolCall(): Promise<boolean> {
    return Promise.resolve(true);
  }

  onChange(...[, after]: Parameters<ChatSessionHost["onChange"]>): void {
    const status = chatStatus(after);
    this.statuses.push(status);
    if (this.#waiting?.status === status) this.#waiting.resolve();
  }

  onRun(): void {}

  onReconnecting(isReconnecting: boolean): void {
    this.statuses.push(isReconnecting ? "lost" : "back");
  }

  /** Resolves at the next change to `status`. */
  reaches(status: string): Promise<void> {
    return new Promise((resolve) => this.#waiting = { status, resolve });
  }
}

const textOf = (session: ChatSession) => {
  const last = shownEntries(session.state).at(-1);
  return last?.type === "answer" ? last.answer.text : undefined;
};

Deno.test("ChatSession goes from waiting to streaming to done", async () => {
  await using server = new FakeChatServer();
  const host = new FakeHost(server);
  const session = new ChatSession(host);
  const sent = session.send("Hi");
  (await server.nextAnswer()).finish("Hello");
  await sent;
  assertEquals(host.statuses, ["waiting", "streaming", "streaming", "done"]);
  assertEquals([textOf(session), session.isRunning], ["Hello", false]);
});

Deno.test("ChatSession sends one request at a time", async () => {
  await using server = new FakeChatServer();
  const session = new ChatSession(new FakeHost(server));
  const sent = session.send("One");
  await session.send("Two");
  (await server.nextAnswer()).finish("1");
  await sent;
  assertEquals(server.answers.length, 1);
});

Deno.test("ChatSession aborts the running request and ignores its events when another answer is requested", async () => {
  await using server = new FakeChatServer();
  const host = new FakeHost(server);
  const session = new ChatSession(host);
  const sent = session.send("Hi");
  const first = await server.nextAnswer();
  const streaming = host.reaches("streaming");
  first.text("old");
  await streaming;
  const again = session.regenerate();
  await Promise.all([first.left, sent]);
  (await server.nextAnswer()).finish("new");
  await again;
  assertEquals(textOf(session), "new");
  assertEquals(session.state.entries.map((entry) => entry.type === "answer" && entry.status), [
    false,
    "stopped",
    "done",
  ]);
});

Deno.test("ChatSession ignores the events of a request when its conversation was cleared", async () => {
  await using server = new FakeChatServer();
  const session = new ChatSession(new FakeHost(server));
  const sent = session.send("Hi");
  const answer = await server.nextAnswer();
  session.load(EMPTY_CHAT);
  await Promise.all([answer.left, sent]);
  assertEquals(session.state.entries, []);
});

Deno.test("ChatSession runs a tool and continues from its result", async () => {
  await using server = new FakeChatServer();
  const double = { name: "double", run: ({ n }: Readonly<Record<string, unknown>>) => Number(n) * 2 };
  const session = new ChatSession(new FakeHost(server, { tools: [double], maxToolRounds: 1 }));
  const sent = session.send("Double 21");
  const call = await server.nextAnswer();
  assertEquals(call.request.tools?.map((tool) => tool.function.name), ["double"]);
  call.emit(
    {
      type: "tool_calls",
      data: [{ index: 0, id: "c1", type: "function", function: { name: "double", arguments: '{"n":21}' } }],
    },
    { type: "stop", data: "tool_calls" },
  );
  call.end();
  const answer = await server.nextAnswer();
  assertEquals(answer.request.messages.at(-1), { role: "tool", tool_call_id: "c1", content: "42" });
  answer.finish("It is 42.");
  await sent;
  assertEquals(textOf(session), "It is 42.");
});

Deno.test("ChatSession stops an answer before its first event", async () => {
  await using server = new FakeChatServer();
  const session = new ChatSession(new FakeHost(server));
  const sent = session.send("Hi");
  const answer = await server.nextAnswer();
  session.stop();
  await Promise.all([answer.left, sent]);
  const last = session.state.entries.at(-1);
  assertEquals(last?.type === "answer" && last.status, "stopped");
});

const RESUMABLE = { resumable: true, tools: [] } as const;

Deno.test("ChatSession goes on with a resumable answer whose connection is lost", async () => {
  await using server = new FakeChatServer();
  const host = new FakeHost(server, RESUMABLE);
  const session = new ChatSession(host);
  const sent = session.send("Hi");
  const answer = await server.nextAnswer();
  const streaming = host.reaches("streaming");
  answer.text("Hel");
  await streaming;
  answer.drop();
  await answer.resumed();
  answer.finish("lo");
  await sent;
  assertEquals([textOf(session), host.statuses.filter((status) => status === "lost").length], ["Hello", 1]);
  assertEquals([answer.resumedAfter, server.answers.length], [[1], 1]);
});

Deno.test("ChatSession stops the run of a resumable answer", async () => {
  await using server = new FakeChatServer();
  const host = new FakeHost(server, RESUMABLE);
  const session = new ChatSession(host);
  const sent = session.send("Hi");
  const answer = await server.nextAnswer();
  const streaming = host.reaches("streaming");
  answer.text("Hel");
  await streaming;
  session.stop();
  await Promise.all([sent, answer.stopped]);
  assertEquals(textOf(session), "Hel");
});

Deno.test("ChatSession stops the run by its key when the server has not responded yet", async () => {
  await using server = new FakeChatServer();
  const session = new ChatSession(new FakeHost(server, RESUMABLE));
  const sent = session.send("Hi");
  const answer = await server.nextAnswer();
  session.stop();
  await Promise.all([sent, answer.stopped]);
});

Deno.test("ChatSession takes an answer up from where another session has left it", async () => {
  await using server = new FakeChatServer();
  const host = new FakeHost(server, RESUMABLE);
  const first = new ChatSession(host);
  const sent = first.send("Hi");
  const answer = await server.nextAnswer();
  const streaming = host.reaches("streaming");
  answer.text("Hel");
  await streaming;
  const { state, run } = JSON.parse(JSON.stringify(first.kept)) as typeof first.kept;
  assertEquals([run?.url, run?.after], [`${server.origin}${answer.path}`, 1]);
  first.leave();
  await sent;
  const second = new ChatSession(new FakeHost(server, RESUMABLE));
  second.load(state, run);
  assertEquals(second.isRunning, true);
  const resumed = second.resume();
  await answer.resumed();
  answer.finish("lo");
  await resumed;
  assertEquals([textOf(second), second.isRunning, second.kept.run], ["Hello", false, undefined]);
});

Deno.test("ChatSession repeats a request without a response under the same key", async () => {
  await using server = new FakeChatServer();
  const first = new ChatSession(new FakeHost(server, RESUMABLE));
  const sent = first.send("Hi");
  const answer = await server.nextAnswer();
  const { state, run } = first.kept;
  first.leave();
  await sent;
  const second = new ChatSession(new FakeHost(server, RESUMABLE));
  second.load(state, run);
  const resumed = second.resume();
  answer.finish("Hello");
  await resumed;
  assertEquals([textOf(second), server.answers.length], ["Hello", 1]);
});

Deno.test("ChatSession fails an answer that was running tools instead of running them again", async () => {
  await using server = new FakeChatServer();
  const session = new ChatSession(new FakeHost(server, RESUMABLE));
  const asked = reduceChat(EMPTY_CHAT, { type: "question", content: "Hi", parent: undefined });
  const event = { type: "stop", data: "tool_calls" } as const;
  const calling = reduceChat(asked, { type: "event", id: 2, event, calls: true });
  session.load(calling, { key: "k", url: `${server.origin}/api/chat/9`, after: 3, startedAt: Date.now() });
  await session.resume();
  assertEquals([chatStatus(session.state), server.answers.length], ["failed", 0]);
});

Deno.test("ChatSession asks the model to go on with an answer that was cut, and joins the two", async () => {
  await using server = new FakeChatServer();
  const session = new ChatSession(new FakeHost(server, RESUMABLE));
  const sent = session.send("Hi");
  const cut = await server.nextAnswer();
  cut.text("Hel");
  cut.cut();
  await sent;
  assertEquals(chatStatus(session.state), "failed");
  const continued = session.continue();
  const rest = await server.nextAnswer();
  assertEquals(rest.request.messages, [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hel" },
    CONTINUE_MESSAGE,
  ]);
  rest.finish("lo");
  await continued;
  assertEquals([textOf(session), chatStatus(session.state), session.state.entries.length], ["Hello", "done", 2]);
});

Deno.test("ChatSession follows another session event by event, and notices a missed one", async () => {
  await using server = new FakeChatServer();
  const host = new FakeHost(server, RESUMABLE);
  const leader = new ChatSession(host);
  const sent = leader.send("Hi");
  const answer = await server.nextAnswer();
  const streaming = host.reaches("streaming");
  answer.text("Hel");
  await streaming;
  const follower = new ChatSession(new FakeHost(server, RESUMABLE));
  follower.follow(leader.kept);
  const text = (data: string) => ({ type: "text", data }) as const;
  assertEquals(follower.followEvent(2, text("l"), 1, 2), true);
  assertEquals(follower.followEvent(2, text("!"), 3, 4), false);
  assertEquals([textOf(follower), follower.isRunning, follower.isLeading], ["Hell", true, false]);
  // The answer can be stopped from any of them.
  follower.stop();
  await answer.stopped;
  await sent;
});
