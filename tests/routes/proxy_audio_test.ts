/** Transcriptions and translations in proxy mode: forms that are sent on while they arrive, within limits. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import OpenAI, { toFile } from "openai";
import type { Relay } from "../../upstream/relay.ts";
import { createProviderRelay } from "../../upstream/provider_relay.ts";
import { createProviders } from "../../upstream/providers.ts";
import { BodyPool, FREE_BODY_BYTES } from "../../routes/body_pool.ts";
import { OTHER_PROXY_KEY, PROVIDER_KEY, PROXY_KEY, ProxyServer, type ProxyServerOptions } from "../proxy_server.ts";
import { TEST_BODY_LIMITS } from "../test_server.ts";
import { NO_RATE_LIMITS, RateLimits } from "../../routes/rate_limits.ts";
import { FakeAudioProvider } from "./fake_audio_provider.ts";

const AUDIO = new Uint8Array(100_000).fill(255);

function serverTo(provider: FakeAudioProvider, options: ProxyServerOptions = {}): ProxyServer {
  const relay = createProviderRelay({ baseURL: provider.baseURL, apiKey: PROVIDER_KEY }, 60_000);
  return new ProxyServer(() => ({}), { relay, ...options });
}

/** A relay to two models, one with another name at its provider. */
function relayByModel({ baseURL }: FakeAudioProvider): Relay {
  return createProviders({
    source: {
      type: "catalog",
      providers: [{ name: "p", baseURL, apiKey: PROVIDER_KEY, models: [{ name: "whisper-1", alias: "ears" }] }],
      defaultModel: "ears",
      fallbacks: new Map(),
    },
    firstByteTimeoutMs: 60_000,
    relayTimeoutMs: 60_000,
    usesProxy: false,
    maxTries: 1,
    keepAlive: false,
  }).relay;
}

function clientOf({ baseURL }: ProxyServer): OpenAI {
  return new OpenAI({ baseURL, apiKey: PROXY_KEY, maxRetries: 0 });
}

/** A form whose file comes first, as in OpenAI's examples. */
function formOf(model = "whisper-1", audio = AUDIO): FormData {
  const form = new FormData();
  form.append("file", new Blob([audio]), "speech.mp3");
  form.append("model", model);
  return form;
}

for (const [path, call] of [["transcriptions", "transcriptions"], ["translations", "translations"]] as const) {
  Deno.test(`npm:openai gets ${path} through the proxy`, async () => {
    await using provider = new FakeAudioProvider();
    await using server = serverTo(provider);
    const file = await toFile(AUDIO, "speech.mp3");
    const answer = await clientOf(server).audio[call].create({ file, model: "whisper-1" });
    assertEquals(answer.text, "Hello");
    const [form] = provider.forms;
    assertEquals([form?.path, form?.authorization], [`/v1/audio/${path}`, `Bearer ${PROVIDER_KEY}`]);
    assertEquals(form?.fields, [["file", AUDIO.length], ["model", "whisper-1"]]);
  });
}

Deno.test("npm:openai streams a transcription through the proxy", async () => {
  const events = [
    { type: "transcript.text.delta", delta: "Hel" },
    { type: "transcript.text.delta", delta: "lo" },
    { type: "transcript.text.done", text: "Hello" },
  ];
  const body = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
  await using provider = new FakeAudioProvider(() =>
    new Response(body, { headers: { "content-type": "text/event-stream" } })
  );
  await using server = serverTo(provider);
  const file = await toFile(AUDIO, "speech.mp3");
  let text = "";
  const stream = await clientOf(server).audio.transcriptions.create({ file, model: "gpt-4o-transcribe", stream: true });
  for await (const event of stream) if (event.type === "transcript.text.delta") text += event.delta;
  assertEquals(text, "Hello");
});

Deno.test("proxy sends a form on while it arrives", async () => {
  await using provider = new FakeAudioProvider();
  await using server = serverTo(provider);
  const boundary = "b";
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper-1`;
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const response = server.fetch("audio/transcriptions", {
    method: "POST",
    body: readable,
    headers: { "content-type": `multipart/form-data; boundary=${boundary}` },
  });
  await writer.write(new TextEncoder().encode(head));
  await provider.untilReceived(head.length);
  assertEquals(provider.forms, []);
  await writer.write(new TextEncoder().encode(`\r\n--${boundary}--\r\n`));
  await writer.close();
  assertEquals(await (await response).json(), { text: "Hello" });
  assertEquals(provider.forms[0]?.fields, [["model", "whisper-1"]]);
});

Deno.test("proxy refuses a form that names a size beyond the limit, and sends nothing to the provider", async () => {
  await using provider = new FakeAudioProvider();
  await using server = serverTo(provider, { upload: { maxBytes: 1000, deadlineMs: 60_000 } });
  const response = await server.fetch("audio/transcriptions", { method: "POST", body: formOf() });
  assertEquals([response.status, (await response.json()).error.code], [413, "payload_too_large"]);
  assertEquals(provider.bytesReceived, 0);
});

Deno.test("proxy cuts a form off that grows beyond the limit", async () => {
  await using provider = new FakeAudioProvider();
  await using server = serverTo(provider, { upload: { maxBytes: 1000, deadlineMs: 60_000 } });
  const body = new Response(formOf());
  // A stream has no length that the client could name.
  const response = await server.fetch("audio/transcriptions", {
    method: "POST",
    body: body.body,
    headers: { "content-type": body.headers.get("content-type")! },
  });
  assertEquals([response.status, (await response.json()).error.code], [413, "payload_too_large"]);
  assert(provider.bytesReceived <= 1000);
  assertEquals((await server.nextLogEntry()).outcome, "PayloadTooLarge");
});

Deno.test("proxy refuses a form that does not arrive in time", async () => {
  await using provider = new FakeAudioProvider();
  await using server = serverTo(provider, { upload: { maxBytes: 1_000_000, deadlineMs: 50 } });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const response = await server.fetch("audio/transcriptions", {
    method: "POST",
    body: readable,
    headers: { "content-type": "multipart/form-data; boundary=b" },
  });
  assertEquals([response.status, (await response.json()).error.code], [408, "request_timeout"]);
  await writable.abort().catch(() => {});
});

Deno.test("proxy forgets a client that leaves during its upload", async () => {
  await using provider = new FakeAudioProvider();
  await using server = serverTo(provider);
  const client = new AbortController();
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const response = server.fetch("audio/transcriptions", {
    method: "POST",
    body: readable,
    headers: { "content-type": "multipart/form-data; boundary=b" },
    signal: client.signal,
  });
  await writer.write(new Uint8Array(10));
  await provider.untilReceived(10);
  client.abort();
  await assertRejects(() => response);
  const { outcome } = await server.nextLogEntry();
  assertEquals([outcome, server.runs.size], ["ClientLeft", 0]);
  await writer.abort().catch(() => {});
});

Deno.test("proxy finds the provider by the model in a form, also behind the file, and writes its name there", async () => {
  await using provider = new FakeAudioProvider();
  await using server = serverTo(provider, { relay: relayByModel(provider) });
  const response = await server.fetch("audio/transcriptions", { method: "POST", body: formOf("ears") });
  assertEquals([response.status, await response.json()], [200, { text: "Hello" }]);
  assertEquals(provider.forms[0]?.fields, [["file", AUDIO.length], ["model", "whisper-1"]]);
});

/** A form in which a provider with other rules could find a model that is not on the list. */
const HIDDEN_MODEL = [
  '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nears\r\n',
  '--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n',
  '\n--b\ncontent-disposition: form-data; name="model"\n\nsecret\r\n--b--\r\n',
].join("");

Deno.test("proxy writes a form anew when it has a list of models, so that none can be hidden in it", async () => {
  await using provider = new FakeAudioProvider();
  await using server = serverTo(provider, { relay: relayByModel(provider) });
  const response = await server.fetch("audio/transcriptions", {
    method: "POST",
    body: HIDDEN_MODEL,
    headers: { "content-type": "multipart/form-data; boundary=b" },
  });
  await response.body?.cancel();
  const [form] = provider.forms;
  assertEquals(form?.fields.filter(([name]) => name === "model"), [["model", "whisper-1"]]);
  assert(!/boundary="?b"?$/.test(form!.contentType), form!.contentType);
});

for (
  const [name, form, status, code] of [
    ["a model that is not on the list", formOf("secret"), 404, "model_not_found"],
    ["the provider's name of a model", formOf("whisper-1"), 404, "model_not_found"],
    ["no model", new FormData(), 404, "model_not_found"],
    ["a file as its model", withField("model", new Blob(["ears"])), 404, "model_not_found"],
    ["two models", withField("model", "secret", formOf("ears")), 400, "invalid_request_format"],
    ["no form", "{}", 400, "invalid_request_format"],
  ] as const
) {
  Deno.test(`proxy with a list of models refuses a form with ${name}, and sends nothing to the provider`, async () => {
    await using provider = new FakeAudioProvider();
    await using server = serverTo(provider, { relay: relayByModel(provider) });
    const response = await server.fetch("audio/translations", { method: "POST", body: form });
    assertEquals([response.status, (await response.json()).error.code], [status, code]);
    assertEquals(provider.bytesReceived, 0);
  });
}

function withField(name: string, value: string | Blob, form = new FormData()): FormData {
  if (typeof value === "string") form.append(name, value);
  else form.append(name, value, "model.txt");
  return form;
}

Deno.test("proxy with a list of models refuses a key whose slow forms fill its half of the memory, and serves other keys", async () => {
  const pool = new BodyPool(4 * AUDIO.length);
  await using provider = new FakeAudioProvider();
  await using server = serverTo(provider, { relay: relayByModel(provider), body: { ...TEST_BODY_LIMITS, pool } });
  const large = new Uint8Array(FREE_BODY_BYTES + AUDIO.length);
  const slow = Array.from({ length: 2 }, () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const response = server.fetch("audio/transcriptions", { method: "POST", body: readable, headers });
    return { writer: writable.getWriter(), response };
  });
  for (const { writer } of slow) await writer.write(large);
  while (pool.usedBytes < 2 * AUDIO.length) await new Promise((resolve) => setTimeout(resolve));
  const post = (key: string, audio: Uint8Array<ArrayBuffer>) =>
    server.fetch("audio/transcriptions", {
      method: "POST",
      body: formOf("ears", audio),
      headers: { authorization: `Bearer ${key}` },
    });
  const refused = await post(PROXY_KEY, large);
  assertEquals([refused.status, (await refused.json()).error.code], [503, "server_busy"]);
  assertEquals((await (await post(PROXY_KEY, AUDIO)).json()).text, "Hello");
  assertEquals((await (await post(OTHER_PROXY_KEY, large)).json()).text, "Hello");
  for (const { writer } of slow) await writer.close();
  for (const { response } of slow) {
    const { status, body } = await response;
    assertEquals(status, 400);
    await body?.cancel();
  }
  assertEquals(pool.usedBytes, 0);
});

Deno.test("proxy keeps half of its places from a key that sends slowly, until its bodies have arrived", async () => {
  await using provider = new FakeAudioProvider();
  await using server = serverTo(provider, { maxRuns: 4 });
  const slow = Array.from({ length: 2 }, () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    const response = server.fetch("audio/transcriptions", { method: "POST", body: readable, headers });
    return { writer: writable.getWriter(), response };
  });
  for (const { writer } of slow) await writer.write(new Uint8Array(10));
  await provider.untilReceived(20);
  for (const path of ["audio/transcriptions", "embeddings"]) {
    const refused = await server.fetch(path, { method: "POST", body: formOf() });
    assertEquals([refused.status, (await refused.json()).error.code], [503, "server_busy"]);
  }
  const headers = { authorization: `Bearer ${OTHER_PROXY_KEY}` };
  const other = await server.fetch("audio/transcriptions", { method: "POST", body: formOf(), headers });
  assertEquals((await other.json()).text, "Hello");
  for (const { writer } of slow) await writer.close();
  for (const { response } of slow) await (await response).body?.cancel();
  const again = await server.fetch("audio/transcriptions", { method: "POST", body: formOf() });
  assertEquals((await again.json()).text, "Hello");
});

Deno.test("proxy counts the tokens of a transcription against the server's budget, and refuses a file beyond it", async () => {
  using rates = new RateLimits({ ...NO_RATE_LIMITS, serverTokensPerDay: 10_000 });
  const usage = { type: "tokens", input_tokens: 14, output_tokens: 45, total_tokens: 59 };
  await using provider = new FakeAudioProvider(() => Response.json({ text: "Hello", usage }));
  await using server = serverTo(provider, { rates });
  const post = (bytes: number) =>
    server.fetch("audio/transcriptions", { method: "POST", body: formOf("whisper-1", new Uint8Array(bytes)) });
  assertEquals((await (await post(1000)).json()).text, "Hello");
  const { inputTokens, outputTokens } = await server.nextLogEntry();
  assertEquals([inputTokens, outputTokens], [14, 45]);
  const refused = await post(1_000_000);
  assertEquals([refused.status, (await refused.json()).error.code], [429, "rate_limit_exceeded"]);
  assertEquals(provider.forms.length, 1);
});
