/**
 * AG-UI's `HttpAgent`, unchanged, as a client of `POST /api/ag-ui`.
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { type AgentSubscriber, HttpAgent } from "@ag-ui/client";
import { answerOf, contentChunk, finishChunk, sse } from "../fake_openai.ts";
import { TestServer } from "../test_server.ts";

const TOOL = { name: "city", description: "The user's city", parameters: { type: "object" } };
const CALL = { index: 0, id: "call-1", type: "function", function: { name: "city", arguments: '{"user":"ann"}' } };

function agentOf(server: TestServer): HttpAgent {
  const agent = new HttpAgent({ url: `${server.origin}/api/ag-ui` });
  agent.addMessage({ id: "1", role: "user", content: "Hi" });
  return agent;
}

Deno.test("HttpAgent runs a tool loop of two rounds, with reasoning and a provider's state", async () => {
  await using server = new TestServer({
    quirks: { reasoningField: "reasoning_content" },
    script: (_, count) => ({
      body: count === 0
        ? sse(
          { choices: [{ index: 0, delta: { reasoning_content: "Hm" } }] },
          contentChunk("Wait"),
          { choices: [{ index: 0, delta: { tool_calls: [CALL] } }] },
          finishChunk("tool_calls"),
          "[DONE]",
        )
        : sse(contentChunk("Köln"), finishChunk(), "[DONE]"),
    }),
  });
  const agent = agentOf(server);
  const { newMessages } = await agent.runAgent({ tools: [TOOL] });
  assertEquals(newMessages.map(({ role }) => role), ["reasoning", "assistant"]);
  const [toolCall] = newMessages.flatMap((message) => message.role === "assistant" ? message.toolCalls ?? [] : []);
  assertEquals(toolCall, { id: "call-1", type: "function", function: { name: "city", arguments: '{"user":"ann"}' } });
  agent.addMessage({ id: "2", role: "tool", toolCallId: "call-1", content: "Köln" });
  const result = await agent.runAgent({ tools: [TOOL] });
  assertEquals(result.newMessages.map(({ content }) => content), ["Köln"]);
  assertEquals(server.provider.requests[1]!.body.messages.slice(1), [
    {
      role: "assistant",
      content: "Wait",
      reasoning_content: "Hm",
      tool_calls: [{ id: "call-1", type: "function", function: { name: "city", arguments: '{"user":"ann"}' } }],
    },
    { role: "tool", tool_call_id: "call-1", content: "Köln" },
  ]);
});

Deno.test("HttpAgent reports the error of an answer that breaks, and of one that is refused", async () => {
  await using server = new TestServer({
    script: (_, count) => count === 0 ? { body: sse(contentChunk("Hel")), end: "cut" } : { status: 401 },
  });
  const errors: unknown[] = [];
  const subscriber: AgentSubscriber = { onRunErrorEvent: ({ event }) => void errors.push(event.code) };
  await agentOf(server).runAgent({}, subscriber).catch(() => {});
  assertEquals(errors, ["StreamChunkError"]);
  await assertRejects(() => agentOf(server).runAgent(), Error, "HTTP 502");
});

Deno.test("HttpAgent stops the answer at the provider with abortRun", async () => {
  await using server = new TestServer({ script: () => ({ body: sse(contentChunk("Hel")), end: "stall" }) });
  const agent = agentOf(server);
  await agent.runAgent({}, { onTextMessageContentEvent: () => agent.abortRun() }).catch(() => {});
  await server.provider.until(({ aborts }) => aborts === 1);
});

Deno.test("HttpAgent that accepts protobuf gets an event stream, and reads it", async () => {
  class ProtobufAgent extends HttpAgent {
    protected override requestInit(...input: Parameters<HttpAgent["requestInit"]>): RequestInit {
      const init = super.requestInit(...input);
      return { ...init, headers: { ...init.headers, Accept: "application/vnd.ag-ui.event+proto" } };
    }
  }
  await using server = new TestServer({ script: () => ({ body: answerOf("Hi") }) });
  const agent = new ProtobufAgent({ url: `${server.origin}/api/ag-ui` });
  agent.addMessage({ id: "1", role: "user", content: "Hi" });
  const { newMessages } = await agent.runAgent();
  assertEquals(newMessages.map(({ content }) => content), ["Hi"]);
});
