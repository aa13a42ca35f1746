/**
 * Several providers behind one server: which provider gets a request, and the fallbacks.
 * @module
 */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import { ProviderTries } from "../../upstream/chat_events/provider_tries.ts";
import { createProviders, type Providers } from "../../upstream/providers.ts";
import { type Answer, answerOf, FakeOpenAI } from "../fake_openai.ts";

const PLAIN_REQUEST = { messages: [{ role: "user", content: "Hi" }] } as const;

/** Two fake providers, `a` with the models `small` and `large` alias `smart`, `b` with `large` alias `spare`. */
function twoProviders(
  a: () => Answer,
  b: () => Answer,
): AsyncDisposable & Providers & { a: FakeOpenAI; b: FakeOpenAI } {
  const fakes = { a: new FakeOpenAI(a), b: new FakeOpenAI(b) };
  const models = [{ name: "small" }, { name: "large", alias: "smart", maxOutputTokens: 500 }];
  const providers = createProviders({
    firstByteTimeoutMs: 60_000,
    relayTimeoutMs: 60_000,
    usesProxy: false,
    maxTries: 2,
    keepAlive: true,
    source: {
      type: "catalog",
      providers: [
        { name: "a", baseURL: fakes.a.baseURL, apiKey: "key-a", models },
        { name: "b", baseURL: fakes.b.baseURL, models: [{ name: "large", alias: "spare", maxOutputTokens: 300 }] },
      ],
      defaultModel: "smart",
      fallbacks: new Map([["smart", ["spare", "small"]]]),
    },
  });
  return {
    ...providers,
    ...fakes,
    async [Symbol.asyncDispose]() {
      await fakes.a[Symbol.asyncDispose]();
      await fakes.b[Symbol.asyncDispose]();
    },
  };
}

/** The requests that each provider received, with their models. */
function received({ a, b }: { a: FakeOpenAI; b: FakeOpenAI }): [string, string][] {
  return [
    ...a.requests.map(({ body }): [string, string] => ["a", body.model]),
    ...b.requests.map(({ body }): [string, string] => ["b", body.model]),
  ];
}

/** Sends a request and returns the provider's stream as text. */
async function send({ models }: Providers, name?: string): Promise<string> {
  const model = models.resolve(name);
  const { bytes } = await model.openChat({ ...PLAIN_REQUEST, model: model.name }, new AbortController().signal);
  // Decode each chunk at once: they share a buffer.
  const decoder = new TextDecoder();
  let text = "";
  for (let chunk = await bytes.read(); chunk !== undefined; chunk = await bytes.read()) {
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

const HELLO = (): Answer => ({ body: answerOf("Hello") });
const broken = (status: number) => (): Answer => ({ status, headers: { "x-should-retry": "false" } });

for (
  const [name, expected] of [
    [undefined, ["a", "large"]],
    ["smart", ["a", "large"]],
    ["spare", ["b", "large"]],
    ["small", ["a", "small"]],
    ["large", ["a", "large"]],
  ] as const
) {
  Deno.test(`createProviders selects the right provider when the request names ${name ?? "no model"}`, async () => {
    await using providers = twoProviders(HELLO, HELLO);
    await send(providers, name);
    assertEquals(received(providers), [[...expected]]);
  });
}

Deno.test("createProviders sends each provider its own key, and none when it has none", async () => {
  await using providers = twoProviders(HELLO, HELLO);
  await send(providers, "small");
  await send(providers, "spare");
  assertEquals(providers.a.requests[0]?.headers.get("authorization"), "Bearer key-a");
  assertEquals(providers.b.requests[0]?.headers.get("authorization"), null);
});

Deno.test("createProviders throws when a name is unknown or not allowed for the client", async () => {
  await using providers = twoProviders(HELLO, HELLO);
  for (const name of ["huge", "__proto__", ""]) assertThrows(() => providers.models.resolve(name), ChatError);
  assertThrows(() => providers.models.resolve("spare", ["smart"]), ChatError);
  // A model of the same name at the other provider is a different model.
  assertThrows(() => providers.models.resolve("spare", ["large"]), ChatError);
  assertThrows(() => providers.models.resolve(undefined, ["small"]), ChatError);
  assertEquals(providers.models.resolve("large", ["smart"]).name, "large");
});

Deno.test("createProviders lists aliases instead of names", async () => {
  await using providers = twoProviders(HELLO, HELLO);
  assertEquals([providers.models.defaultName, providers.models.offered.map(({ id }) => id)], ["smart", [
    "small",
    "smart",
    "spare",
  ]]);
});

Deno.test("createProviders uses the smallest output limit of a model and its fallbacks", async () => {
  await using providers = twoProviders(HELLO, HELLO);
  const limits = ["smart", "spare", "small"].map((name) => providers.models.resolve(name).maxOutputTokens);
  assertEquals(limits, [300, 300, undefined]);
});

for (const status of [400, 413, 422]) {
  Deno.test(`createProviders does not fall back when a provider responds with ${status}, because the request is invalid`, async () => {
    await using providers = twoProviders(broken(status), HELLO);
    const error = await assertRejects(() => send(providers), ChatError);
    assertEquals([error.type, error.body.status], ["ProviderBizError", status]);
    assertEquals(received(providers), [["a", "large"]]);
  });
}

for (const status of [401, 404, 429, 500, 503]) {
  Deno.test(`createProviders falls back when a provider responds with ${status} before the first byte`, async () => {
    await using providers = twoProviders(broken(status), HELLO);
    assertEquals(await send(providers), answerOf("Hello").join(""));
    assertEquals(received(providers), [["a", "large"], ["b", "large"]]);
  });
}

Deno.test("createProviders throws the failure of the last fallback when all fail", async () => {
  await using providers = twoProviders(broken(503), broken(401));
  const error = await assertRejects(() => send(providers), ChatError) as ChatError;
  assertEquals([error.type, error.body.status], ["ProviderBizError", 503]);
  assertEquals(received(providers), [["a", "large"], ["a", "small"], ["b", "large"]]);
});

Deno.test("createProviders does not fall back when the conversation is too long", async () => {
  const tooLong = { error: { code: "context_length_exceeded", message: "Too long" } };
  await using providers = twoProviders(() => ({
    status: 400,
    headers: { "content-type": "application/json" },
    body: [JSON.stringify(tooLong)],
  }), HELLO);
  assertEquals((await assertRejects(() => send(providers), ChatError) as ChatError).type, "ExceededContextWindow");
  assertEquals(providers.b.requests.length, 0);
});

Deno.test("createProviders sends a question to two providers at most when both may have read it", async () => {
  await using providers = twoProviders(() => ({ end: "refuse" }), () => ({ end: "refuse" }));
  const tries = new ProviderTries();
  const model = providers.models.resolve("smart");
  const answer = model.openChat({ ...PLAIN_REQUEST, model: "large" }, new AbortController().signal, tries);
  assertEquals((await assertRejects(() => answer, ChatError) as ChatError).type, "ProviderNetworkError");
  assertEquals([received(providers), tries.paid], [[["a", "large"], ["b", "large"]], 2]);
});

Deno.test("createProviders does not fall back when an answer has begun", async () => {
  await using providers = twoProviders(() => ({ body: answerOf("Hel").slice(0, 1), end: "cut" }), HELLO);
  await send(providers);
  assertEquals(providers.b.requests.length, 0);
});

Deno.test("createProviders does not fall back when the client has left", async () => {
  await using providers = twoProviders(() => ({ end: "silent" }), HELLO);
  const client = new AbortController();
  const model = providers.models.resolve("smart");
  const answer = model.openChat({ ...PLAIN_REQUEST, model: "large" }, client.signal);
  await providers.a.until(({ requests }) => requests.length === 1);
  client.abort();
  await assertRejects(() => answer, DOMException);
  assertEquals(providers.b.requests.length, 0);
});

/** Sends a body through the relay of proxy mode. */
function relay({ relay }: Providers, path: string, body?: unknown): Promise<Response> {
  const { signal } = new AbortController();
  const bytes = body === undefined ? {} : { body: new TextEncoder().encode(JSON.stringify(body)) };
  const headers = new Headers({ "content-type": "application/json" });
  return relay({ method: body === undefined ? "GET" : "POST", path, headers, signal, ...bytes });
}

Deno.test("createProviders relays to the model's provider, with the model's name there", async () => {
  await using providers = twoProviders(HELLO, HELLO);
  await (await relay(providers, "chat/completions", { model: "spare", n: 1 })).text();
  await (await relay(providers, "embeddings", { model: "small", input: "x" })).text();
  assertEquals(providers.b.requests[0]?.body, { model: "large", n: 1 });
  assertEquals(providers.a.requests[0]?.body, { model: "small", input: "x" });
  assertEquals(providers.a.requests[0]?.path, "/v1/embeddings");
});

for (const status of [200, 400]) {
  Deno.test(`createProviders relays no response with a content coding and the status ${status}`, async () => {
    const headers = { "content-type": "application/json", "content-encoding": "br" };
    await using providers = twoProviders(HELLO, () => ({ status, headers, body: ["compressed"] }));
    const error = await assertRejects(() => relay(providers, "chat/completions", { model: "spare" }), ChatError);
    assertEquals(error.type, "ProviderBizError");
    assertEquals(providers.b.requests[0]?.headers.get("accept-encoding"), "identity");
    await providers.b.until(({ openSockets }) => openSockets === 0);
  });
}

for (const body of [{}, { model: 1 }, { model: "huge" }, { model: "__proto__" }, [], "x", null]) {
  Deno.test(`createProviders relays nothing when the body is ${JSON.stringify(body)}`, async () => {
    await using providers = twoProviders(HELLO, HELLO);
    // deno-lint-ignore require-await -- turns a synchronous throw into a rejection
    await assertRejects(async () => relay(providers, "chat/completions", body), ChatError);
    assertEquals(received(providers), []);
  });
}

Deno.test("createProviders lists its models without a provider in proxy mode", async () => {
  await using providers = twoProviders(HELLO, HELLO);
  const { data } = await (await relay(providers, "models")).json();
  assertEquals(data.map(({ id }: { id: string }) => id), ["small", "smart", "spare"]);
  assertEquals((await (await relay(providers, "models/spare")).json()).id, "spare");
  // deno-lint-ignore require-await -- turns a synchronous throw into a rejection
  await assertRejects(async () => relay(providers, "models/huge"), ChatError);
  assertEquals(received(providers), []);
});
