/** Requests to a provider, what a refusal changes in later ones, and which requests are sent again. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import { createOpenChat, type OpenChat } from "../../upstream/open_chat.ts";
import { ProviderTries } from "../../upstream/chat_events/provider_tries.ts";
import { answerOf, FakeOpenAI, type Script } from "../fake_openai.ts";
import { type HostScript, RawHost } from "./http/raw_host.ts";

const REQUEST = { model: "m", messages: [{ role: "user", content: "Hi" }] } as const;

function openChatTo(provider: FakeOpenAI, apiKey?: string): OpenChat {
  return createOpenChat({
    baseURL: provider.baseURL,
    firstByteTimeoutMs: 60_000,
    ...(apiKey !== undefined && { apiKey }),
  });
}

async function send(openChat: OpenChat, tries?: ProviderTries): Promise<void> {
  await (await openChat(REQUEST, new AbortController().signal, tries)).bytes.cancel();
}

function refusal(message: string): ReturnType<Script> {
  return {
    status: 400,
    headers: { "content-type": "application/json" },
    body: [JSON.stringify({ error: { message } })],
  };
}

Deno.test("createOpenChat sends the key, and no authorization when there is none", async () => {
  await using provider = new FakeOpenAI(() => ({ body: answerOf("a") }));
  await send(openChatTo(provider, "sk-test-key"));
  await send(openChatTo(provider));
  assertEquals(provider.requests.map(({ headers }) => headers.get("authorization")), ["Bearer sk-test-key", null]);
});

Deno.test("createOpenChat sends no stream_options any more when a provider has accepted a request without them only", async () => {
  await using provider = new FakeOpenAI(({ body }) =>
    body.stream_options ? refusal("Unrecognized request argument: stream_options") : { body: answerOf("a") }
  );
  const openChat = openChatTo(provider);
  await send(openChat);
  await send(openChat);
  assertEquals(provider.requests.map(({ body }) => "stream_options" in body), [true, false, false]);
});

Deno.test("createOpenChat keeps sending stream_options when the request is refused with and without them", async () => {
  let isInvalid = true;
  await using provider = new FakeOpenAI(() =>
    isInvalid ? refusal("There is no function named 'include_usage'.") : { body: answerOf("a") }
  );
  const openChat = openChatTo(provider);
  const error = await assertRejects(() => send(openChat), ChatError);
  assertEquals(error.type, "ProviderBizError");
  isInvalid = false;
  await send(openChat);
  assertEquals(provider.requests.map(({ body }) => "stream_options" in body), [true, false, true]);
});

Deno.test("createOpenChat throws ProviderTimeout when a provider sends a head without a content type and no body", async () => {
  await using provider = new FakeOpenAI(() => ({ headers: { "content-type": "" }, end: "stall" }));
  const openChat = createOpenChat({ baseURL: provider.baseURL, firstByteTimeoutMs: 100 });
  const error = await assertRejects(() => send(openChat), ChatError);
  assertEquals(error.type, "ProviderTimeout");
  await provider.until(({ openSockets }) => openSockets === 0);
});

Deno.test("createOpenChat does not follow a redirect", async () => {
  await using elsewhere = new FakeOpenAI(() => ({ body: answerOf("stolen") }));
  await using provider = new FakeOpenAI(() => ({
    status: 307,
    headers: { location: `${elsewhere.baseURL}/chat/completions`, "retry-after-ms": "1" },
  }));
  const error = await assertRejects(() => send(openChatTo(provider, "sk-test-key")), ChatError);
  assertEquals(error.type, "ProviderBizError");
  assertEquals(elsewhere.requests.length, 0);
});

const OK = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const DONE = `${OK}e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n`;
const LONG_HEAD = `HTTP/1.1 200 OK\r\na: ${"b".repeat(33 * 1024)}\r\n\r\n`;

const LOST: [name: string, type: string, script: HostScript][] = [
  ["closes the connection", "ProviderNetworkError", async (connection) => void await connection.request()],
  ["sends a head of 33 KiB", "ProviderBizError", (connection) => connection.respond(LONG_HEAD)],
  ["sends another protocol", "ProviderBizError", (connection) => connection.respond("SSH-2.0-OpenSSH_9\r\n\r\n")],
];
for (const [name, type, script] of LOST) {
  Deno.test(`createOpenChat sends a request once and counts it when the host ${name}`, async () => {
    await using host = new RawHost(script);
    const tries = new ProviderTries();
    const openChat = createOpenChat({ baseURL: host.url, firstByteTimeoutMs: 60_000 });
    const error = await assertRejects(() => send(openChat, tries), ChatError);
    assertEquals([error.type, host.requests, tries.paid], [type, 1, 1]);
  });
}

Deno.test("createOpenChat sends a request once when the host closes a reused connection after reading it", async () => {
  await using host = new RawHost(async (connection) => {
    await connection.respondOnce(DONE);
    await connection.request();
  });
  const openChat = createOpenChat({ baseURL: host.url, firstByteTimeoutMs: 60_000 });
  const { bytes } = await openChat(REQUEST, new AbortController().signal);
  while (await bytes.read() !== undefined);
  const tries = new ProviderTries();
  const error = await assertRejects(() => send(openChat, tries), ChatError);
  assertEquals([error.type, host.connections, host.requests, tries.paid], ["ProviderNetworkError", 1, 2, 1]);
});

Deno.test("createOpenChat repeats a lost request with the same key when the provider honours it, up to maxTries", async () => {
  for (const [maxTries, requests] of [[1, 1], [2, 2], [3, 3]] as const) {
    const keys: (string | undefined)[] = [];
    await using host = new RawHost(async (connection) => {
      keys.push(/^idempotency-key: (.+)\r$/m.exec(await connection.request())?.[1]);
    });
    const tries = new ProviderTries();
    const options = { firstByteTimeoutMs: 60_000, honoursIdempotencyKey: true, maxTries };
    const error = await assertRejects(() => send(createOpenChat({ baseURL: host.url, ...options }), tries), ChatError);
    assertEquals([error.type, host.requests, tries.paid], ["ProviderNetworkError", requests, requests]);
    assert(keys[0] !== undefined && keys.every((key) => key === keys[0]));
  }
});

Deno.test("createOpenChat sends another key with another body, and with another question", async () => {
  await using provider = new FakeOpenAI(({ body }) =>
    body.stream_options ? refusal("Unrecognized request argument: stream_options") : { body: answerOf("a") }
  );
  const openChat = openChatTo(provider);
  await send(openChat);
  await send(openChat);
  const keys = provider.requests.map(({ headers }) => headers.get("idempotency-key"));
  assertEquals([keys.length, new Set(keys).size], [3, 3]);
  assertNotEquals(keys[0], null);
});

for (const status of [429, 500, 503]) {
  Deno.test(`createOpenChat retries a refusal with ${status} twice and counts only the accepted request`, async () => {
    await using provider = new FakeOpenAI((_request, count) =>
      count < 2 ? { status, headers: { "retry-after-ms": "1" } } : { body: answerOf("a") }
    );
    const tries = new ProviderTries();
    await send(openChatTo(provider), tries);
    assertEquals([provider.requests.length, tries.paid], [3, 1]);
    assertEquals(new Set(provider.requests.map(({ headers }) => headers.get("idempotency-key"))).size, 1);
  });
}

for (const status of [304, 307]) {
  Deno.test(`createOpenChat does not retry when the response has the status ${status}`, async () => {
    await using provider = new FakeOpenAI(() => ({
      status,
      headers: { location: "/v1/elsewhere", "x-should-retry": "true" },
    }));
    const tries = new ProviderTries();
    const error = await assertRejects(() => send(openChatTo(provider), tries), ChatError);
    assertEquals([error.type, provider.requests.length, tries.paid], ["ProviderBizError", 1, 0]);
  });
}

Deno.test("createOpenChat counts a request whose client leaves after it was sent, and none that was not sent", async () => {
  await using provider = new FakeOpenAI(() => ({ end: "silent" }));
  const openChat = openChatTo(provider);
  const controller = new AbortController();
  const tries = new ProviderTries();
  const response = openChat(REQUEST, controller.signal, tries);
  await provider.until(({ requests }) => requests.length === 1);
  controller.abort();
  await assertRejects(() => response, DOMException);
  assertEquals(tries.paid, 1);
  const unsent = new ProviderTries();
  await assertRejects(() => openChat(REQUEST, AbortSignal.abort(), unsent), DOMException);
  assertEquals(unsent.paid, 0);
});

Deno.test("createOpenChat counts no request when it cannot connect", async () => {
  const closed = new FakeOpenAI(() => ({}));
  await closed[Symbol.asyncDispose]();
  const tries = new ProviderTries();
  const error = await assertRejects(() => send(openChatTo(closed), tries), ChatError);
  assertEquals([error.type, tries.paid], ["ProviderNetworkError", 0]);
});

for (const encoding of ["gzip", "br", "zstd", "identity, gzip"]) {
  Deno.test(`createOpenChat refuses an answer and does not read an error with the content coding ${encoding}`, async () => {
    const headers = { "content-encoding": encoding, "content-type": "application/json", "x-should-retry": "false" };
    const body = ['{"error":{"code":"insufficient_quota"}}'];
    let status = 200;
    await using provider = new FakeOpenAI(() => ({ status, headers, body }));
    const openChat = openChatTo(provider);
    for (
      const [next, type] of [[200, "ProviderBizError"], [401, "InvalidProviderAPIKey"], [
        500,
        "ProviderBizError",
      ]] as const
    ) {
      status = next;
      assertEquals((await assertRejects(() => send(openChat), ChatError)).type, type);
    }
    await provider.until(({ openSockets }) => openSockets === 0);
  });
}

const MISTRAL = {
  detail: [{ type: "extra_forbidden", loc: ["body", "max_completion_tokens"], msg: "Extra inputs are not permitted" }],
};

Deno.test("createOpenChat learns the field for the output limit from a 422 that names it, for that model", async () => {
  await using provider = new FakeOpenAI(({ body }) =>
    "max_completion_tokens" in body
      ? { status: 422, headers: { "content-type": "application/json" }, body: [JSON.stringify(MISTRAL)] }
      : { body: answerOf("a") }
  );
  const openChat = createOpenChat({
    baseURL: provider.baseURL,
    firstByteTimeoutMs: 60_000,
    outputLimitField: "max_completion_tokens",
  });
  for (const model of ["m", "m", "n"]) {
    const { bytes } = await openChat({ ...REQUEST, model, max_tokens: 9 }, new AbortController().signal);
    await bytes.cancel();
  }
  const fields = provider.requests.map((
    { body },
  ) => [body.model, body.max_tokens ?? null, body.max_completion_tokens ?? null]);
  assertEquals(fields, [["m", null, 9], ["m", 9, null], ["m", 9, null], ["n", null, 9], ["n", 9, null]]);
});

Deno.test("createOpenChat sends the operator's headers, query and fields, and the key as the provider wants it", async () => {
  await using provider = new FakeOpenAI(() => ({ body: answerOf("a") }));
  const openChat = createOpenChat({
    baseURL: `${provider.baseURL}/deployments/d`,
    apiKey: "sk-test-key",
    auth: "api-key",
    headers: { "X-Title": "Chat" },
    query: { "api-version": "2024-10-21" },
    extraBody: { top_k: 5, nested: { a: 1, b: 1 } },
    models: [{ name: "m", extraBody: { nested: { b: 2 }, temperature: 0 } }],
    firstByteTimeoutMs: 60_000,
  });
  const { bytes } = await openChat({ ...REQUEST, temperature: 1 }, new AbortController().signal);
  await bytes.cancel();
  const { path, headers, body } = provider.requests[0]!;
  assertEquals(path, "/v1/deployments/d/chat/completions?api-version=2024-10-21");
  assertEquals(["api-key", "authorization", "x-title"].map((name) => headers.get(name)), ["sk-test-key", null, "Chat"]);
  assertEquals([body.top_k, body.nested, body.temperature], [5, { a: 1, b: 2 }, 0]);
});

for (
  const [api, header, path] of [["anthropic", "x-api-key", "/v1/messages"], [
    "gemini",
    "x-goog-api-key",
    "/v1/models/m:streamGenerateContent?alt=sse",
  ], ["responses", "authorization", "/v1/responses"]] as const
) {
  Deno.test(`createOpenChat sends a request in the dialect ${api} with its key and to its path`, async () => {
    await using provider = new FakeOpenAI(() => ({ body: ["data: {}\n\n"] }));
    const openChat = createOpenChat({
      baseURL: provider.baseURL,
      api,
      apiKey: "sk-test-key",
      firstByteTimeoutMs: 60_000,
    });
    await send(openChat);
    const { headers, path: found } = provider.requests[0]!;
    assertEquals([found, headers.get(header)?.replace("Bearer ", "")], [path, "sk-test-key"]);
    assertEquals(headers.has("authorization"), header === "authorization");
    assertEquals(headers.get("anthropic-version"), api === "anthropic" ? "2023-06-01" : null);
  });
}
