/** How a provider is asked: what the request holds, what is learnt from a refusal, and what is not. */
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

async function ask(openChat: OpenChat): Promise<void> {
  await (await openChat(REQUEST, new AbortController().signal)).cancel();
}

function refusal(message: string): ReturnType<Script> {
  return {
    status: 400,
    headers: { "content-type": "application/json" },
    body: [JSON.stringify({ error: { message } })],
  };
}

Deno.test("createOpenChat sends the key, or no authorization where there is none", async () => {
  await using provider = new FakeOpenAI(() => ({ body: answerOf("a") }));
  await ask(openChatTo(provider, "sk-test-key"));
  await ask(openChatTo(provider));
  assertEquals(provider.requests.map(({ headers }) => headers.get("authorization")), ["Bearer sk-test-key", null]);
});

Deno.test("createOpenChat leaves stream_options out for good once a provider has refused them and nothing else", async () => {
  await using provider = new FakeOpenAI(({ body }) =>
    body.stream_options ? refusal("Unrecognized request argument: stream_options") : { body: answerOf("a") }
  );
  const openChat = openChatTo(provider);
  await ask(openChat);
  await ask(openChat);
  assertEquals(provider.requests.map(({ body }) => "stream_options" in body), [true, false, false]);
});

Deno.test("createOpenChat learns nothing from a request that is refused either way, whatever the message quotes", async () => {
  let isWrong = true;
  await using provider = new FakeOpenAI(() =>
    isWrong ? refusal("There is no function named 'include_usage'.") : { body: answerOf("a") }
  );
  const openChat = openChatTo(provider);
  const error = await assertRejects(() => ask(openChat), ChatError);
  assertEquals(error.type, "ProviderBizError");
  isWrong = false;
  await ask(openChat);
  assertEquals(provider.requests.map(({ body }) => "stream_options" in body), [true, false, true]);
});

Deno.test("createOpenChat gives up a provider that accepts and then says neither what comes nor anything else", async () => {
  await using provider = new FakeOpenAI(() => ({ headers: { "content-type": "" }, end: "stall" }));
  const openChat = createOpenChat({ baseURL: provider.baseURL, firstByteTimeoutMs: 100 });
  const error = await assertRejects(() => ask(openChat), ChatError);
  assertEquals(error.type, "ProviderTimeout");
  await provider.until(({ openSockets }) => openSockets === 0);
});

Deno.test("createOpenChat follows no redirect", async () => {
  await using elsewhere = new FakeOpenAI(() => ({ body: answerOf("stolen") }));
  await using provider = new FakeOpenAI(() => ({
    status: 307,
    headers: { location: `${elsewhere.baseURL}/chat/completions`, "retry-after-ms": "1" },
  }));
  const error = await assertRejects(() => ask(openChatTo(provider, "sk-test-key")), ChatError);
  assertEquals(error.type, "ProviderBizError");
  assertEquals(elsewhere.requests.length, 0);
});
