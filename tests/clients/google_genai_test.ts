/**
 * Google's SDK as a witness: what it reads from a stream of Gemini, and what it sends, is what this server reads and sends.
 * @module
 */
import { assertEquals } from "@std/assert";
import { GoogleGenAI } from "@google/genai";
import { EMPTY_ANSWER, reduceChatAnswer } from "../../protocol/chat_answer.ts";
import type { ProviderRequest } from "../../upstream/chat_events/dialect.ts";
import { gemini } from "../../upstream/gemini/gemini.ts";
import { FakeOpenAI } from "../fake_openai.ts";
import { decodeAll } from "../upstream/dialect_answer.ts";

function clientOf({ baseURL }: FakeOpenAI): GoogleGenAI {
  const baseUrl = baseURL.slice(0, -"/v1".length);
  return new GoogleGenAI({ apiKey: "key", vertexai: false, httpOptions: { baseUrl, retryOptions: { attempts: 1 } } });
}

/** What both read of a stream. */
interface Reading {
  text: string;
  reasoning: string;
  calls: [name: string, args: unknown][];
  citations: (string | undefined)[];
  outputTokens: number | undefined;
}

async function readBySdk(bytes: Uint8Array<ArrayBuffer>): Promise<Reading> {
  await using provider = new FakeOpenAI(() => ({ body: [bytes] }));
  const stream = await clientOf(provider).models.generateContentStream({ model: "gemini-x", contents: "Hi" });
  const reading: Reading = { text: "", reasoning: "", calls: [], citations: [], outputTokens: undefined };
  for await (const { candidates: [candidate] = [], usageMetadata } of stream) {
    for (const { text = "", thought, functionCall } of candidate?.content?.parts ?? []) {
      if (thought) reading.reasoning += text;
      else reading.text += text;
      if (functionCall !== undefined) reading.calls.push([functionCall.name ?? "", functionCall.args ?? {}]);
    }
    const uris = candidate?.groundingMetadata?.groundingChunks?.map(({ web }) => web?.uri);
    reading.citations = uris?.filter((uri) => uri !== undefined) ?? reading.citations;
    const { candidatesTokenCount, thoughtsTokenCount = 0 } = usageMetadata ?? {};
    if (candidatesTokenCount !== undefined) reading.outputTokens = candidatesTokenCount + thoughtsTokenCount;
  }
  return reading;
}

function readByServer(bytes: Uint8Array<ArrayBuffer>): Reading {
  const answer = decodeAll(gemini, [bytes]).reduce(reduceChatAnswer, EMPTY_ANSWER);
  return {
    text: answer.text,
    reasoning: answer.reasoning ?? "",
    calls: answer.tool_calls?.map(({ function: { name, arguments: args } }) => [name, JSON.parse(args)]) ?? [],
    citations: answer.grounding?.citations.map(({ url }) => url) ?? [],
    outputTokens: answer.usage?.totalOutputTokens,
  };
}

for (
  const name of [
    "call-without-id-or-arguments",
    "grounding-supports",
    "grounding-twice-the-same",
    "parallel-calls-one-signature",
    "text-usage-in-each-chunk",
    "thoughts-then-text",
    "token-limit",
  ]
) {
  Deno.test(`@google/genai reads from ${name} what this server reads`, async () => {
    const bytes = await Deno.readFile(new URL(`../fixtures/gemini/${name}.sse`, import.meta.url));
    assertEquals(readByServer(bytes), await readBySdk(bytes));
  });
}

Deno.test("@google/genai sends what this server sends, to the same path", async () => {
  const request: ProviderRequest = {
    model: "gemini-x",
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: "What is the weather?" },
      {
        role: "assistant",
        content: null,
        tool_calls: [{
          id: "c1",
          type: "function",
          function: { name: "weather", arguments: '{"city":"Bern"}' },
          thoughtSignature: "gemini:QUJD",
        }],
      },
      { role: "tool", tool_call_id: "c1", content: '{"degrees":7}' },
    ],
    tools: [{
      type: "function",
      function: { name: "weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
    }],
    temperature: 0.5,
    max_tokens: 100,
  };
  const ours = gemini.toRequest(request, { provider: { baseURL: "https://example.com" }, model: undefined });
  await using provider = new FakeOpenAI(() => ({ body: [] }));
  const stream = await clientOf(provider).models.generateContentStream({
    model: "gemini-x",
    contents: [
      { role: "user", parts: [{ text: "What is the weather?" }] },
      {
        role: "model",
        parts: [{ functionCall: { id: "c1", name: "weather", args: { city: "Bern" } }, thoughtSignature: "QUJD" }],
      },
      {
        role: "user",
        parts: [{ functionResponse: { id: "c1", name: "weather", response: { output: '{"degrees":7}' } } }],
      },
    ],
    config: {
      systemInstruction: { parts: [{ text: "Be brief." }] },
      temperature: 0.5,
      maxOutputTokens: 100,
      tools: [{
        functionDeclarations: [{
          name: "weather",
          parametersJsonSchema: { type: "object", properties: { city: { type: "string" } } },
        }],
      }],
    },
  });
  for await (const _ of stream);
  const [seen] = provider.requests;
  assertEquals([seen?.path.replace(/^\/v1(?:beta)?\//, ""), seen?.body], [ours.path, ours.body]);
});
