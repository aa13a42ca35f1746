/**
 * LangChain's `@langchain/openai`, unchanged, as a client of proxy mode.
 * @module
 */
import { assertEquals } from "@std/assert";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { answerOf } from "../fake_openai.ts";
import { PROXY_KEY, ProxyServer } from "../proxy_server.ts";
import { jsonAnswer } from "./json_answer.ts";

function modelOf({ baseURL }: ProxyServer): ChatOpenAI {
  return new ChatOpenAI({ model: "m", apiKey: PROXY_KEY, maxRetries: 0, configuration: { baseURL } });
}

Deno.test("@langchain/openai streams through the proxy", async () => {
  await using server = new ProxyServer(() => ({ body: answerOf("Hel", "lo") }));
  let text = "";
  for await (const chunk of await modelOf(server).stream("Hi")) text += chunk.text;
  assertEquals(text, "Hello");
});

Deno.test("@langchain/openai invokes through the proxy", async () => {
  const choices = [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }];
  await using server = new ProxyServer(() => jsonAnswer({ id: "c", object: "chat.completion", choices }));
  assertEquals((await modelOf(server).invoke("Hi")).text, "Hello");
});

Deno.test("@langchain/openai embeds through the proxy", async () => {
  await using server = new ProxyServer(() => jsonAnswer({ data: [{ index: 0, embedding: [0.5] }] }));
  const configuration = { baseURL: server.baseURL };
  const embeddings = new OpenAIEmbeddings({ model: "e", apiKey: PROXY_KEY, encodingFormat: "float", configuration });
  assertEquals(await embeddings.embedQuery("Hi"), [0.5]);
});
