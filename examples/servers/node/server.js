/** A chat server with Express: the page, `GET /api/models`, and `POST /api/chat` to an OpenAI-compatible provider. */
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import express from "express";
import OpenAI from "openai";
import { EMPTY_ANSWER, readChatEvents, reduceChatAnswer } from "@chat-stream/protocol";
import { parseChatRequest } from "@chat-stream/protocol/request";
import {
  CHAT_STREAM_HEADERS,
  ChatError,
  OpenAIToChatEventStream,
  providerHttpError,
} from "@chat-stream/protocol/transform";

const { PORT = "3001", HOST = "127.0.0.1", CHAT_MODEL = "gpt-4o-mini", CHAT_MODELS = "" } = process.env;
/** The models that a client may name, the default first. */
const MODELS = [...new Set([CHAT_MODEL, ...CHAT_MODELS.split(",").map((name) => name.trim()).filter(Boolean)])];
/** Enough for a PDF, which a browser sends as base64. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/**
 * The client reads OPENAI_API_KEY and OPENAI_BASE_URL itself. It does not retry: a visitor would wait for as long as the
 * provider's Retry-After says. The page gets that header instead.
 */
const openai = new OpenAI({ timeout: 60_000, maxRetries: 0 });
/** The folder of the page and of the component's script. */
const PAGE = dirname(fileURLToPath(import.meta.resolve("@chat-stream/element/static/index.html")));

const app = express();
app.disable("x-powered-by");
app.use(express.static(PAGE));
app.get("/api/models", listModels);
app.post("/api/chat", express.json({ limit: MAX_BODY_BYTES }), chat);
app.use(sendError);
const server = app.listen(Number(PORT), HOST, () => {
  console.log(`Listening on http://${HOST}:${server.address().port}`);
});

/** What the component's list of models and its check of files want to know. */
function listModels(_request, response) {
  const models = MODELS.map((id) => ({ id }));
  response.json({ defaultModel: CHAT_MODEL, models, maxBodyBytes: MAX_BODY_BYTES });
}

async function chat(request, response) {
  const leaving = new AbortController();
  response.on("close", () => leaving.abort());
  const { stream, resumable: _, model = CHAT_MODEL, ...settings } = parseChatRequest(request.body);
  if (!MODELS.includes(model)) throw new ChatError("ModelNotFound", `This server does not offer the model ${model}`);
  const provider = await openai.chat.completions.create(
    { ...settings, model, stream: true, stream_options: { include_usage: true } },
    { signal: leaving.signal },
  ).asResponse();
  const events = provider.body.pipeThrough(new OpenAIToChatEventStream());
  if (!stream) return response.json(await readAnswer(events));
  response.set(CHAT_STREAM_HEADERS);
  response.flushHeaders();
  // A client that leaves destroys the response. The pipeline then cancels the events and the provider's request.
  await pipeline(Readable.fromWeb(events), response).catch(() => {});
}

/** The whole answer for a client that wants no stream. */
async function readAnswer(events) {
  let answer = EMPTY_ANSWER;
  await readChatEvents(events, (event) => answer = reduceChatAnswer(answer, event));
  const { error, ...rest } = answer;
  if (error) throw new ChatError(error.type, error.message, { body: { ...error.body, answer: rest } });
  return rest;
}

/** Every failure before the first byte is a status and a typed error. */
function sendError(error, _request, response, _next) {
  if (response.destroyed || response.headersSent) return response.destroy();
  const { type, message, body, status, retryAfterSeconds } = toChatError(error);
  if (retryAfterSeconds !== undefined) response.set("retry-after", String(retryAfterSeconds));
  response.status(status).json({ errorType: type, body: { message, ...body } });
}

function toChatError(error) {
  if (error instanceof ChatError) return error;
  if (error instanceof OpenAI.APIConnectionTimeoutError) {
    return new ChatError("ProviderTimeout", "The model provider did not answer in time.");
  }
  if (error instanceof OpenAI.APIConnectionError) {
    return new ChatError("ProviderNetworkError", "The model provider could not be reached.");
  }
  if (error instanceof OpenAI.APIError && error.status) {
    return providerHttpError(error.status, error.error && { error: error.error }, error.headers ?? new Headers());
  }
  if (error.type === "entity.too.large") return new ChatError("PayloadTooLarge", "The request is too large.");
  if (error.status >= 400 && error.status < 500) {
    return new ChatError("InvalidRequestFormat", "The body must be valid JSON in UTF-8.");
  }
  console.error(error);
  return new ChatError("InternalServerError", "Something went wrong on this server.");
}
