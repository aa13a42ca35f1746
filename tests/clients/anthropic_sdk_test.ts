/**
 * Anthropic's SDK, unchanged, as a client of proxy mode in front of Anthropic.
 * @module
 */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import Anthropic from "@anthropic-ai/sdk";
import type { Script } from "../fake_openai.ts";
import { PROVIDER_KEY, PROXY_KEY, ProxyServer } from "../proxy_server.ts";
import { jsonAnswer } from "./json_answer.ts";

const request = { model: "claude", max_tokens: 100, messages: [{ role: "user", content: "Hi" }] } as const;

function serverOf(script: Script): ProxyServer {
  return new ProxyServer(script, { api: "anthropic" });
}

/** The SDK adds `/v1` itself. */
function clientOf({ baseURL }: ProxyServer, key: { readonly apiKey?: string; readonly authToken?: string } = {}) {
  const { apiKey = null, authToken = null } = key;
  const auth = apiKey === null && authToken === null ? { apiKey: PROXY_KEY } : { apiKey, authToken };
  return new Anthropic({ baseURL: baseURL.slice(0, -"/v1".length), maxRetries: 0, ...auth });
}

/** A stream of messages as Anthropic sends it. */
function fixture(name: string): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield await Deno.readFile(new URL(`../fixtures/anthropic/${name}.sse`, import.meta.url));
    },
  };
}

Deno.test("@anthropic-ai/sdk streams a message through the proxy, at the provider's address with its key", async () => {
  await using server = serverOf(() => ({ body: fixture("text") }));
  const message = await clientOf(server).messages.stream({ ...request, messages: [...request.messages] })
    .finalMessage();
  assertEquals(message.content.map((block) => block.type === "text" && block.text), ["Grüße 👋"]);
  const [seen] = server.provider.requests;
  assertEquals([seen?.path, seen?.headers.get("x-api-key")], ["/v1/messages", PROVIDER_KEY]);
  assertMatch(seen?.headers.get("anthropic-version") ?? "", /^\d{4}-\d\d-\d\d$/);
  assertEquals([seen?.headers.get("authorization"), seen?.body], [null, { ...request, stream: true }]);
});

Deno.test("@anthropic-ai/sdk gets signed thinking and tool calls through the proxy as they are", async () => {
  await using server = serverOf(() => ({ body: fixture("thinking-twice") }));
  const message = await clientOf(server).messages.stream({ ...request, messages: [...request.messages] })
    .finalMessage();
  assertEquals(message.content.map(({ type }) => type), ["thinking", "text", "thinking", "tool_use"]);
  assertEquals(message.content.flatMap((block) => block.type === "thinking" ? [block.signature] : []), [
    "QQ==",
    "Qg==",
  ]);
});

Deno.test("@anthropic-ai/sdk gets a whole message through the proxy, with a bearer token and beta features", async () => {
  const answer = {
    type: "message",
    role: "assistant",
    content: [{ type: "text", text: "Hello" }],
    stop_reason: "end_turn",
    usage: { input_tokens: 1, output_tokens: 2 },
  };
  const headers = { ...jsonAnswer({}).headers, "request-id": "req_1" };
  await using server = serverOf(() => ({ ...jsonAnswer(answer), headers }));
  const message = await clientOf(server, { authToken: PROXY_KEY }).beta.messages.create({
    ...request,
    messages: [...request.messages],
    betas: ["feature-2026-01-01"],
  });
  assertEquals([message.content, message._request_id], [answer.content, "req_1"]);
  const [seen] = server.provider.requests;
  assertEquals([seen?.path, seen?.headers.get("anthropic-beta")], ["/v1/messages", "feature-2026-01-01"]);
});

Deno.test("@anthropic-ai/sdk counts tokens through the proxy", async () => {
  await using server = serverOf(() => jsonAnswer({ input_tokens: 7 }));
  const { model, messages } = request;
  const count = await clientOf(server).messages.countTokens({ model, messages: [...messages] });
  assertEquals([count.input_tokens, server.provider.requests[0]?.path], [7, "/v1/messages/count_tokens"]);
});

Deno.test("@anthropic-ai/sdk lists models through the proxy in Anthropic's format", async () => {
  await using server = serverOf(() => jsonAnswer({ data: [{ id: "claude", type: "model" }], has_more: false }));
  const ids: string[] = [];
  for await (const { id } of clientOf(server).models.list()) ids.push(id);
  assertEquals(ids, ["claude"]);
  const [seen] = server.provider.requests;
  assertEquals([seen?.path, seen?.headers.get("x-api-key")], ["/v1/models", PROVIDER_KEY]);
});

Deno.test("@anthropic-ai/sdk throws an AuthenticationError when the proxy refuses its key", async () => {
  await using server = serverOf(() => jsonAnswer({}));
  const create = () =>
    clientOf(server, { apiKey: "wrong" }).messages.create({ ...request, messages: [...request.messages] });
  const error = await assertRejects(create, Anthropic.AuthenticationError);
  assertEquals([error.status, error.type], [401, "authentication_error"]);
  assertEquals(server.provider.requests.length, 0);
});

Deno.test("@anthropic-ai/sdk gets the provider's errors through the proxy", async () => {
  const body = { type: "error", error: { type: "overloaded_error", message: "Overloaded" }, request_id: "req_1" };
  await using server = serverOf(() => ({ ...jsonAnswer(body), status: 529 }));
  const create = () => clientOf(server).messages.create({ ...request, messages: [...request.messages] });
  const error = await assertRejects(create, Anthropic.InternalServerError);
  assertEquals([error.status, error.type], [529, "overloaded_error"]);
});

Deno.test("@anthropic-ai/sdk throws a NotFoundError where the provider has no Messages API", async () => {
  await using server = new ProxyServer(() => jsonAnswer({}));
  const create = () => clientOf(server).messages.create({ ...request, messages: [...request.messages] });
  const error = await assertRejects(create, Anthropic.NotFoundError);
  assertEquals([error.status, error.type, server.provider.requests.length], [404, "not_found_error", 0]);
});

Deno.test("@anthropic-ai/sdk cannot reach what stores or lists the operator's data", async () => {
  await using server = serverOf(() => jsonAnswer({}));
  const client = clientOf(server);
  await assertRejects(() => client.messages.batches.list(), Anthropic.NotFoundError);
  await assertRejects(() => client.messages.batches.create({ requests: [] }), Anthropic.NotFoundError);
  await assertRejects(() => client.get("/v1/files"), Anthropic.NotFoundError);
  assertEquals(server.provider.requests.length, 0);
});

Deno.test("@anthropic-ai/sdk cancels the provider's response when it stops reading a stream", async () => {
  await using server = serverOf(() => ({ body: fixture("cut"), end: "stall" }));
  const stream = await clientOf(server).messages.create({ ...request, messages: [...request.messages], stream: true });
  for await (const _ of stream) break;
  await server.provider.until(({ aborts }) => aborts === 1);
});
