/** Requests to a provider, and what a refusal changes in later ones. */
import { assertEquals, assertRejects } from "@std/assert";
import { ChatError } from "../../../protocol/chat_error.ts";
import { createOpenChat, type OpenChat } from "../../../upstream/chat_completions/open_chat.ts";
import { answerOf, FakeOpenAI, type Script } from "../../fake_openai.ts";

const REQUEST = { model: "m", messages: [{ role: "user", content: "Hi" }] } as const;

function openChatTo(provider: FakeOpenAI, apiKey?: string): OpenChat {
  return createOpenChat({
    baseURL: provider.baseURL,
    firstByteTimeoutMs: 60_000,
    ...(apiKey !== undefined && { apiKey }),
  });
}

async function send(openChat: OpenChat): Promise<void> {
  await (await openChat(REQUEST, new AbortController().signal)).cancel();
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

Deno.test("createOpenChat follows no redirect", async () => {
  await using elsewhere = new FakeOpenAI(() => ({ body: answerOf("stolen") }));
  await using provider = new FakeOpenAI(() => ({
    status: 307,
    headers: { location: `${elsewhere.baseURL}/chat/completions`, "retry-after-ms": "1" },
  }));
  const error = await assertRejects(() => send(openChatTo(provider, "sk-test-key")), ChatError);
  assertEquals(error.type, "ProviderBizError");
  assertEquals(elsewhere.requests.length, 0);
});
