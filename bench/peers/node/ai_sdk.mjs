/**
 * A peer of the benchmark: the Vercel AI SDK as its guide shows it for a plain Node server, with `streamText` and a UI
 * message stream. Started with `PORT`, `OPENAI_BASE_URL` and `OPENAI_API_KEY`.
 * @module
 */
import { createServer } from "node:http";
import process from "node:process";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { pipeUIMessageStreamToResponse, streamText, toUIMessageStream } from "ai";

const { PORT, OPENAI_BASE_URL, OPENAI_API_KEY } = process.env;
const provider = createOpenAICompatible({ name: "provider", baseURL: OPENAI_BASE_URL, apiKey: OPENAI_API_KEY });

createServer(async (request, response) => {
  const left = new AbortController();
  response.on("close", () => left.abort());
  const body = [];
  for await (const part of request) body.push(part);
  const { model, messages } = JSON.parse(Buffer.concat(body).toString());
  const result = streamText({ model: provider(model), messages, abortSignal: left.signal });
  pipeUIMessageStreamToResponse({ response, stream: toUIMessageStream({ stream: result.stream }) });
}).listen(Number(PORT), "127.0.0.1");
