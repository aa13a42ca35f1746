import { assertEquals } from "@std/assert";
import { ChatSession, type ChatSessionConfig, type ChatSessionHost } from "../../../components/chat/chat_session.ts";
import { chatStatus, EMPTY_CHAT, shownEntries } from "../../../components/chat/chat_state.ts";
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
