/**
 * The AI SDK's chat without a framework, unchanged, as a client of `POST /api/ai-sdk`.
 * @module
 */
import { assertEquals, assertObjectMatch, assertRejects } from "@std/assert";
import { Chat } from "@ai-sdk/react";
import {
  APICallError,
  DefaultChatTransport,
  isToolUIPart,
  lastAssistantMessageIsCompleteWithToolCalls,
  readUIMessageStream,
  type UIMessage,
  type UIMessageChunk,
} from "ai";
import { answerOf, contentChunk, finishChunk, sse } from "../fake_openai.ts";
import { StepProvider } from "../step_provider.ts";
import { TestServer } from "../test_server.ts";

const CHAT = "chat-0123456789abcdef";
const QUESTION: UIMessage = { id: "1", role: "user", parts: [{ type: "text", text: "Hi" }] };

function transportOf(server: TestServer): DefaultChatTransport<UIMessage> {
  return new DefaultChatTransport({ api: `${server.origin}/api/ai-sdk` });
}

function send(server: TestServer, messages: UIMessage[] = [QUESTION]): Promise<ReadableStream<UIMessageChunk>> {
  return transportOf(server).sendMessages({
    chatId: CHAT,
    messages,
    abortSignal: undefined,
    trigger: "submit-message",
    messageId: undefined,
  });
}

async function lastOf(stream: ReadableStream<UIMessageChunk>): Promise<UIMessage> {
  let last: UIMessage | undefined;
  for await (const message of readUIMessageStream({ stream })) last = structuredClone(message);
  return last!;
}

Deno.test("DefaultChatTransport reads an answer, and takes a running one up from its beginning", async () => {
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  await using server = new TestServer({
    script: () => ({
      body: (async function* () {
        yield* sse(contentChunk("Hel"));
        await mayEnd;
        yield* sse(contentChunk("lo"), finishChunk(), "[DONE]");
      })(),
    }),
  });
  const stream = await send(server);
  const resumed = await transportOf(server).reconnectToStream({ chatId: CHAT });
  end();
  for (const message of [await lastOf(stream), await lastOf(resumed!)]) {
    const [step, text] = message.parts;
    assertEquals(step, { type: "step-start" });
    assertObjectMatch(text!, { type: "text", text: "Hello", state: "done" });
  }
  assertEquals(await transportOf(server).reconnectToStream({ chatId: CHAT }), null);
});

Deno.test("DefaultChatTransport returns an answer, with a provider's state, in the history of the next question", async () => {
  await using server = new TestServer({
    quirks: { reasoningField: "reasoning_content" },
    script: (_, count) => ({
      body: count === 0
        ? sse(
          { choices: [{ index: 0, delta: { reasoning_content: "Hm" } }] },
          contentChunk("Hello"),
          finishChunk(),
          "[DONE]",
        )
        : answerOf("Fine"),
    }),
  });
  const answer = await lastOf(await send(server));
  await lastOf(await send(server, [QUESTION, answer, { ...QUESTION, id: "3" }]));
  assertEquals(server.provider.requests[1]!.body.messages, [
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello", reasoning_content: "Hm" },
    { role: "user", content: "Hi" },
  ]);
});

/** The answer of a provider that counts the calls of each answer from 0. */
function callOf(round: number): string[] {
  const call = {
    index: 0,
    id: "call_0",
    type: "function",
    function: { name: "city", arguments: `{"round":${round}}` },
  };
  return sse({ choices: [{ index: 0, delta: { tool_calls: [call] } }] }, finishChunk("tool_calls"), "[DONE]");
}

Deno.test("Chat keeps the results of all rounds apart where a provider repeats the ids of its calls", async () => {
  await using server = new TestServer({
    script: (_, count) => ({ body: count < 2 ? callOf(count) : answerOf("Done") }),
  });
  const chat: Chat<UIMessage> = new Chat<UIMessage>({
    id: CHAT,
    transport: transportOf(server),
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
    onToolCall({ toolCall: { toolName: tool, toolCallId, input } }) {
      void chat.addToolOutput({ tool, toolCallId, output: (input as { round: number }).round });
    },
  });
  await chat.sendMessage({ text: "Hi" });
  assertEquals(chat.lastMessage?.parts.filter(isToolUIPart).map(({ output }) => output), [0, 1]);
  const { messages } = server.provider.requests[2]!.body;
  assertEquals(messages.filter(({ role }: { role: string }) => role === "tool").map(contentOf), ["0", "1"]);
});

function contentOf({ content }: { readonly content: string }): string {
  return content;
}

Deno.test("Chat goes on with the message that it has when it takes up the answer after a tool call", async () => {
  const provider = new StepProvider("one ", "two");
  await using server = new TestServer({
    script: (_, count) => count === 0 ? { body: callOf(7) } : provider.script(),
  });
  const calls: string[] = [];
  const open = (messages: UIMessage[]): Chat<UIMessage> => {
    const chat: Chat<UIMessage> = new Chat<UIMessage>({
      id: CHAT,
      messages: structuredClone(messages),
      transport: transportOf(server),
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
      onToolCall({ toolCall: { toolName: tool, toolCallId } }) {
        calls.push(toolCallId);
        void chat.addToolOutput({ tool, toolCallId, output: { city: "Köln" } });
      },
    });
    return chat;
  };
  const first = open([]);
  const sent = first.sendMessage({ text: "Hi" });
  provider.send(1);
  await until(first, (text) => text === "one ");
  const [question, partial] = structuredClone(first.messages) as [UIMessage, UIMessage];
  const withoutText = { ...partial, parts: partial.parts.filter(({ type }) => type !== "text") };
  const pages = [[question, partial], [question, withoutText], [question]].map(open);
  const resumed = pages.map((page) => page.resumeStream());
  for (const page of pages) await until(page, (text) => text === "one ");
  provider.send(provider.all);
  await Promise.all([sent, ...resumed]);
  const { parts } = first.lastMessage!;
  assertEquals(parts.map(({ type }) => type), ["step-start", "tool-city", "step-start", "text"]);
  for (const { messages } of pages) {
    assertEquals(messages.map(({ id, role }) => [id, role]), [[question.id, "user"], [partial.id, "assistant"]]);
    for (const [index, part] of messages[1]!.parts.entries()) assertObjectMatch(part, { ...parts[index]! });
  }
  assertEquals([calls, server.provider.requests.length], [["call_0"], 2]);
});

/** Resolves when the text of the last message is as wanted. */
async function until(chat: Chat<UIMessage>, isWanted: (text: string) => boolean): Promise<void> {
  const textOf = () => chat.lastMessage?.parts.map((part) => part.type === "text" ? part.text : "").join("") ?? "";
  const { promise, resolve } = Promise.withResolvers<void>();
  const check = () => isWanted(textOf()) && resolve();
  const unregister = chat["~registerMessagesCallback"](check);
  check();
  await promise;
  unregister();
}

Deno.test("DefaultChatTransport throws the status of a refusal", async () => {
  await using server = new TestServer({ script: () => ({ status: 429 }) });
  const error = await assertRejects(() => send(server), APICallError);
  assertEquals([error.statusCode, JSON.parse(error.responseBody!).errorType], [429, "RateLimitExceeded"]);
});
