/** The component's session in a tool loop of three rounds at each provider, through a real server. */
import { assert, assertEquals } from "@std/assert";
import { ChatSession, type ChatSessionHost } from "../../../components/chat/chat_session.ts";
import { chatStatus } from "../../../components/chat/chat_state.ts";
import { parseChat, serializeChat } from "../../../components/chat/chat_storage.ts";
import { LOOP_PROVIDERS, type LoopProvider } from "../../routes/tool_loop_providers.ts";
import { sse } from "../../fake_openai.ts";
import { TestServer } from "../../test_server.ts";

const ROUNDS = 3;

/** The last answer, which calls no tool, in the API of each provider. */
const LAST_ANSWER: Readonly<Record<string, string[]>> = {
  "chat-completions": sse({ choices: [{ index: 0, delta: { content: "Done." }, finish_reason: "stop" }] }, "[DONE]"),
  "anthropic": sse(
    { type: "message_start", message: {} },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "Done." } },
    { type: "message_delta", delta: { stop_reason: "end_turn" } },
    { type: "message_stop" },
  ),
  "gemini": sse({ candidates: [{ content: { parts: [{ text: "Done." }] }, finishReason: "STOP" }] }),
  "responses": sse(
    { type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "Done." },
    { type: "response.completed", response: { status: "completed", output: [] } },
  ),
};

function sessionOf({ origin }: TestServer): ChatSession {
  const host: ChatSessionHost = {
    readConfig: () => ({
      endpoint: `${origin}/api/chat`,
      tools: [{ name: "f", run: () => "7" }],
      maxToolRounds: 5,
    }),
    loadToolRunner: () => import("../../../components/chat/tool_runner.ts"),
    allowToolCall: () => Promise.resolve(true),
    onChange: () => {},
    onRun: () => {},
    onReconnecting: () => {},
  };
  return new ChatSession(host);
}

/** Asserts that a request has the states of these rounds. */
function assertStates(body: unknown, { states }: LoopProvider, rounds: number): void {
  const sent = JSON.stringify(body);
  for (let round = 0; round < rounds; round++) {
    for (const state of states(round)) assert(sent.includes(state), `${state} is missing in ${sent}`);
  }
}

for (const [name, provider] of Object.entries(LOOP_PROVIDERS)) {
  Deno.test(`ChatSession returns the state of ${name} in each of ${ROUNDS} rounds, and after a reload`, async () => {
    const last = LAST_ANSWER[provider.quirks.api ?? "chat-completions"]!;
    await using server = new TestServer({
      quirks: provider.quirks,
      script: (_request, count) => ({ body: count < ROUNDS ? provider.answer(count) : last }),
    });
    const session = sessionOf(server);
    await session.send("Go.");
    assertEquals([chatStatus(session.state), server.provider.requests.length], ["done", ROUNDS + 1]);
    server.provider.requests.forEach(({ body }, round) => assertStates(body, provider, round));
    const reloaded = sessionOf(server);
    reloaded.load(parseChat(serializeChat(session.kept))!.state);
    await reloaded.send("And now?");
    assertEquals(chatStatus(reloaded.state), "done");
    assertStates(server.provider.requests.at(-1)?.body, provider, ROUNDS);
  });
}
