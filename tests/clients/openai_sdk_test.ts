/**
 * OpenAI's SDK, unchanged, as a client of proxy mode.
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import OpenAI from "openai";
import { answerOf, contentChunk, sse } from "../fake_openai.ts";
import { PROXY_KEY, ProxyServer } from "../proxy_server.ts";
import { jsonAnswer } from "./json_answer.ts";

function clientOf(server: ProxyServer, apiKey = PROXY_KEY): OpenAI {
  return new OpenAI({ baseURL: server.baseURL, apiKey, maxRetries: 0 });
}

const messages = [{ role: "user", content: "Hi" }] as const;

Deno.test("npm:openai streams a chat completion through the proxy", async () => {
  await using server = new ProxyServer(() => ({ body: answerOf("Hel", "lo") }));
  let text = "";
  for await (
    const chunk of await clientOf(server).chat.completions.create({ model: "m", messages: [...messages], stream: true })
  ) {
    text += chunk.choices[0]?.delta.content ?? "";
  }
  assertEquals(text, "Hello");
  assertEquals(server.provider.requests[0]?.body, { model: "m", messages, stream: true });
});

Deno.test("npm:openai gets a whole chat completion through the proxy", async () => {
  const completion = { id: "c", object: "chat.completion", choices: [{ index: 0, message: { content: "Hello" } }] };
  await using server = new ProxyServer(() => jsonAnswer(completion));
  const answer = await clientOf(server).chat.completions.create({ model: "m", messages: [...messages] });
  assertEquals(answer.choices[0]?.message.content, "Hello");
});

Deno.test("npm:openai streams a response of the Responses API through the proxy", async () => {
  const events = [
    { type: "response.created", response: { id: "resp_1" } },
    { type: "response.output_text.delta", delta: "Hel" },
    { type: "response.output_text.delta", delta: "lo" },
    { type: "response.completed", response: { id: "resp_1" } },
  ];
  const body = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  await using server = new ProxyServer(() => ({ body }));
  let text = "";
  for await (const event of await clientOf(server).responses.create({ model: "m", input: "Hi", stream: true })) {
    if (event.type === "response.output_text.delta") text += event.delta;
  }
  assertEquals(text, "Hello");
  assertEquals(server.provider.requests[0]?.path, "/v1/responses");
});

Deno.test("npm:openai stores no response at the provider, whatever it asks for", async () => {
  await using server = new ProxyServer(() => jsonAnswer({ id: "resp_1", object: "response", output: [] }));
  const { responses } = clientOf(server);
  await responses.create({ model: "m", input: "Hi" });
  await responses.create({ model: "m", input: "Hi", store: true, previous_response_id: null, background: false });
  assertEquals(server.provider.requests.map(({ body }) => body), [
    { model: "m", input: "Hi", store: false },
    { model: "m", input: "Hi", previous_response_id: null, background: false, store: false },
  ]);
});

for (const field of ["previous_response_id", "conversation", "background"] as const) {
  Deno.test(`npm:openai gets a BadRequestError for ${field}, which needs a stored response`, async () => {
    await using server = new ProxyServer(() => jsonAnswer({}));
    const call = () => clientOf(server).responses.create({ model: "m", input: "Hi", [field]: "resp_1" });
    const error = await assertRejects(call, OpenAI.BadRequestError, "PROXY_STORE");
    assertEquals([error.code, error.param], ["invalid_request_format", field]);
    assertEquals(server.provider.requests, []);
    assertEquals((await server.nextLogEntry()).setting, "PROXY_STORE");
  });
}

Deno.test("npm:openai continues a stored response where the server allows storing", async () => {
  await using server = new ProxyServer(() => jsonAnswer({ id: "resp_2", output: [] }), { store: true });
  await clientOf(server).responses.create({ model: "m", input: "Hi", previous_response_id: "resp_1" });
  assertEquals(server.provider.requests[0]?.body, { model: "m", input: "Hi", previous_response_id: "resp_1" });
});

Deno.test("npm:openai stores no chat completion at the provider", async () => {
  await using server = new ProxyServer(() => jsonAnswer({ id: "c", object: "chat.completion", choices: [] }));
  await clientOf(server).chat.completions.create({ model: "m", messages: [...messages], store: true });
  assertEquals(server.provider.requests[0]?.body, { model: "m", messages, store: false });
});

Deno.test("npm:openai gets embeddings through the proxy", async () => {
  const embedding = [0.25, -1];
  await using server = new ProxyServer(() => jsonAnswer({ object: "list", data: [{ index: 0, embedding }] }));
  const answer = await clientOf(server).embeddings.create({ model: "e", input: "Hi", encoding_format: "float" });
  assertEquals(answer.data[0]?.embedding, embedding);
});

Deno.test("npm:openai lists models and retrieves one through the proxy", async () => {
  await using server = new ProxyServer(({ path }) =>
    jsonAnswer(path.endsWith("/models") ? { object: "list", data: [{ id: "org/a" }] } : { id: "org/a" })
  );
  const client = clientOf(server);
  assertEquals((await client.models.list()).data.map(({ id }) => id), ["org/a"]);
  assertEquals((await client.models.retrieve("org/a")).id, "org/a");
  assertEquals(server.provider.requests.map(({ path }) => path), ["/v1/models", "/v1/models/org%2Fa"]);
});

Deno.test("npm:openai gets the exact bytes of speech through the proxy", async () => {
  const bytes = new Uint8Array([0, 255, 13, 10, 195]);
  await using server = new ProxyServer(() => ({ headers: { "content-type": "audio/mpeg" }, body: [bytes] }));
  const answer = await clientOf(server).audio.speech.create({ model: "tts", voice: "alloy", input: "Hi" });
  assertEquals(new Uint8Array(await answer.arrayBuffer()), bytes);
});

Deno.test("npm:openai throws an AuthenticationError when the proxy refuses its key", async () => {
  await using server = new ProxyServer(() => jsonAnswer({}));
  const error = await assertRejects(() => clientOf(server, "wrong").models.list(), OpenAI.AuthenticationError);
  assertEquals([error.status, error.code], [401, "unauthorized"]);
});

Deno.test("npm:openai throws a RateLimitError with code and Retry-After when the provider limits the rate", async () => {
  const answer = jsonAnswer({ error: { message: "Slow down", code: "rate_limit_exceeded" } });
  const headers = { ...answer.headers, "retry-after": "7" };
  await using server = new ProxyServer(() => ({ ...answer, headers, status: 429 }));
  const error = await assertRejects(() => clientOf(server).models.list(), OpenAI.RateLimitError);
  assertEquals([error.code, error.headers?.get("retry-after")], ["rate_limit_exceeded", "7"]);
});

Deno.test("npm:openai cancels the provider's response when it stops reading a stream", async () => {
  await using server = new ProxyServer(() => ({ body: sse(contentChunk("Hel")), end: "stall" }));
  const stream = await clientOf(server).chat.completions.create({ model: "m", messages: [...messages], stream: true });
  for await (const _ of stream) break;
  await server.provider.until(({ aborts }) => aborts === 1);
});
