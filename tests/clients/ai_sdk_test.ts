/**
 * Vercel's AI SDK with `@ai-sdk/openai-compatible`, unchanged, as a client of proxy mode.
 * @module
 */
import { assertEquals } from "@std/assert";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, streamText } from "ai";
import { answerOf } from "../fake_openai.ts";
import { PROXY_KEY, ProxyServer } from "../proxy_server.ts";
import { jsonAnswer } from "./json_answer.ts";

function modelOf({ baseURL }: ProxyServer) {
  return createOpenAICompatible({ name: "chat-stream", baseURL, apiKey: PROXY_KEY })("m");
}

Deno.test("npm:ai streams text through the proxy", async () => {
  await using server = new ProxyServer(() => ({ body: answerOf("Hel", "lo") }));
  const { textStream, finishReason } = streamText({ model: modelOf(server), prompt: "Hi" });
  let text = "";
  for await (const chunk of textStream) text += chunk;
  assertEquals([text, await finishReason], ["Hello", "stop"]);
});

Deno.test("npm:ai generates text through the proxy", async () => {
  const choices = [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }];
  const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
  await using server = new ProxyServer(() => jsonAnswer({ id: "c", created: 1, model: "m", choices, usage }));
  const answer = await generateText({ model: modelOf(server), prompt: "Hi" });
  assertEquals([answer.text, answer.usage.outputTokens], ["Hello", 1]);
});
