import { assertEquals } from "@std/assert";
import { ChatSession, type ChatSessionConfig, type ChatSessionHost } from "../../../components/chat/chat_session.ts";
import { chatStatus, EMPTY_CHAT, shownEntries } from "../../../components/chat/chat_state.ts";
import { FakeChatServer } from "../../browser/fake_chat_server.ts";

/** An element as far as a session can tell. */
class FakeHost implements ChatSessionHost {
  isConnected = true;
  readonly updateComplete = Promise.resolve(true);
  readonly statuses: string[] = [];
  readonly sessionConfig: ChatSessionConfig;
  #waiting: { status: string; resolve: () => void } | undefined;

  constructor(server: FakeChatServer) {
    this.sessionConfig = { endpoint: `${server.origin}/api/chat` };
  }

  addController(): void {}
  removeController(): void {}
  requestUpdate(): void {}
  allowToolCall(): Promise<boolean> {
    return Promise.resolve(true);
  }

  chatChanged(...[, after]: Parameters<ChatSessionHost["chatChanged"]>): void {
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

Deno.test("ChatSession goes from waiting over streaming to done", async () => {
  await using server = new FakeChatServer();
  const host = new FakeHost(server);
  const session = new ChatSession(host);
  const sent = session.send("Hi");
  (await server.nextAnswer()).finish("Hello");
  await sent;
  assertEquals(host.statuses, ["waiting", "streaming", "streaming", "done"]);
  assertEquals([textOf(session), session.isRunning], ["Hello", false]);
});

Deno.test("ChatSession has one request at a time", async () => {
  await using server = new FakeChatServer();
  const session = new ChatSession(new FakeHost(server));
  const sent = session.send("One");
  await session.send("Two");
  (await server.nextAnswer()).finish("1");
  await sent;
  assertEquals(server.answers.length, 1);
});

Deno.test("ChatSession ends the running request for another answer, and hears no more of the first", async () => {
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

Deno.test("ChatSession leaves a cleared conversation alone, whatever still comes", async () => {
  await using server = new FakeChatServer();
  const session = new ChatSession(new FakeHost(server));
  const sent = session.send("Hi");
  const answer = await server.nextAnswer();
  session.load(EMPTY_CHAT);
  await Promise.all([answer.left, sent]);
  assertEquals(session.state.entries, []);
});

Deno.test("ChatSession ends its request when the element is gone, but not when it is moved", async () => {
  await using server = new FakeChatServer();
  const host = new FakeHost(server);
  const session = new ChatSession(host);
  const sent = session.send("Hi");
  const answer = await server.nextAnswer();
  // Moving takes an element out and puts it in again before anything else runs.
  session.hostDisconnected();
  await Promise.resolve();
  assertEquals(session.isRunning, true);
  host.isConnected = false;
  session.hostDisconnected();
  await Promise.all([answer.left, sent]);
  assertEquals(session.isRunning, false);
});

Deno.test("ChatSession stops before the first event, too", async () => {
  await using server = new FakeChatServer();
  const session = new ChatSession(new FakeHost(server));
  const sent = session.send("Hi");
  const answer = await server.nextAnswer();
  session.stop();
  await Promise.all([answer.left, sent]);
  const last = session.state.entries.at(-1);
  assertEquals(last?.type === "answer" && last.status, "stopped");
});
