/** Tests proxy mode over real sockets: keys, paths, headers, bytes, and what happens when either side breaks off. @module */
import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { scopeIdempotencyKey } from "../../routes/proxy_keys.ts";
import { answerOf } from "../fake_openai.ts";
import { PROVIDER_KEY, PROXY_KEY, ProxyServer } from "../proxy_server.ts";

const JSON_RESPONSE = { headers: { "content-type": "application/json" }, body: ['{"ok":true}'] } as const;
const encoder = new TextEncoder();

for (
  const [name, authorization] of [
    ["no key", ""],
    ["another key", "Bearer not-the-key"],
    ["a part of the key", `Bearer ${PROXY_KEY.slice(0, -1)}`],
    ["the key and more", `Bearer ${PROXY_KEY}x`],
    ["the key without its scheme", PROXY_KEY],
    ["the provider's key", `Bearer ${PROVIDER_KEY}`],
    ["the digest's name", "Bearer tests"],
  ] as const
) {
  Deno.test(`proxy refuses ${name} with 401 in OpenAI's format, and sends nothing to the provider`, async () => {
    await using server = new ProxyServer(() => JSON_RESPONSE);
    const response = await server.post("chat/completions", { model: "m" }, { headers: { authorization } });
    assertEquals(response.status, 401);
    assertEquals(await response.json(), {
      error: {
        message: "The API key is missing or not valid here.",
        type: "invalid_request_error",
        param: null,
        code: "unauthorized",
      },
    });
    assertEquals(server.provider.requests.length, 0);
  });
}

for (
  const path of [
    "audio/speech",
    "chat/completions",
    "embeddings",
    "images/generations",
    "moderations",
    "responses",
  ]
) {
  Deno.test(`proxy forwards POST ${path} with its body and the provider's key`, async () => {
    await using server = new ProxyServer(() => JSON_RESPONSE);
    const response = await server.post(path, { model: "m", input: "ü\u0000" });
    assertEquals(await response.json(), { ok: true });
    const [seen] = server.provider.requests;
    assertEquals([seen?.method, seen?.path], ["POST", `/v1/${path}`]);
    assertEquals(seen?.body, { model: "m", input: "ü\u0000", ...(path === "responses" && { store: false }) });
    assertEquals(seen?.headers.get("authorization"), `Bearer ${PROVIDER_KEY}`);
  });
}

for (
  const [requested, sent] of [
    ["models", "/v1/models"],
    ["models/gpt-4o-mini", "/v1/models/gpt-4o-mini"],
    ["models/org%2Fmodel%3Atag", "/v1/models/org%2Fmodel%3Atag"],
    ["models/org/model", "/v1/models/org%2Fmodel"],
    ["chat/../models", "/v1/models"],
  ] as const
) {
  Deno.test(`proxy forwards GET ${requested} as ${sent}`, async () => {
    await using server = new ProxyServer(() => JSON_RESPONSE);
    assertEquals(await (await server.fetch(requested)).json(), { ok: true });
    assertEquals(server.provider.requests.map(({ path }) => path), [sent]);
  });
}

for (
  const [method, path] of [
    ["GET", "chat/completions"],
    ["DELETE", "models/gpt-4o"],
    ["POST", "models"],
    ["POST", "chat/completions/"],
    ["POST", "chat//completions"],
    ["POST", "chat%2Fcompletions"],
    ["POST", "files"],
    ["GET", "files"],
    ["POST", "assistants"],
    ["GET", "responses/resp_1"],
    ["GET", "models/.."],
    ["GET", "models/..%2F..%2Fadmin"],
    ["GET", "models/%2e%2e%2fadmin"],
    ["GET", "models/a%2F..%2F..%2Fadmin"],
    ["GET", "models/a//b"],
    ["GET", "models/a%5C..%5Cb"],
    ["GET", "models/a%0d%0aX-Evil:1"],
    ["GET", "models/%00"],
    ["GET", "models/"],
    ["GET", "models/?x=%2e%2e"],
    ["GET", "http://169.254.169.254/"],
    ["GET", "@evil.example/models"],
    ["GET", "__proto__"],
    ["POST", "constructor"],
  ] as const
) {
  Deno.test(`proxy refuses ${method} ${path} with 404 in OpenAI's format, and sends nothing to the provider`, async () => {
    await using server = new ProxyServer(() => JSON_RESPONSE);
    const response = await server.fetch(path, { method });
    assertEquals(response.status, 404);
    assertEquals((await response.json()).error.code, "not_found");
    assertEquals(server.provider.requests.length, 0);
  });
}

Deno.test("proxy forwards the request headers on its list and no others", async () => {
  await using server = new ProxyServer(() => JSON_RESPONSE);
  const forwarded = { accept: "text/event-stream", "openai-beta": "b" };
  const hidden = {
    cookie: "session=1",
    "x-forwarded-for": "203.0.113.9",
    "openai-organization": "org",
    "api-key": "k",
    "x-portkey-custom-host": "http://evil.example",
    referer: "https://example.com/private",
    "accept-encoding": "gzip",
  };
  await (await server.post("chat/completions", {}, { headers: { ...forwarded, ...hidden } })).text();
  const { headers } = server.provider.requests[0]!;
  for (const [name, value] of Object.entries(forwarded)) assertEquals(headers.get(name), value);
  for (const [name, value] of Object.entries(hidden)) assert(headers.get(name) !== value, `${name} was forwarded`);
  assertEquals(headers.get("accept-encoding"), "identity");
});

Deno.test("proxy sends a body that could store something as JSON, so that no provider reads a form in it", async () => {
  await using server = new ProxyServer(() => JSON_RESPONSE);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  for (const path of ["responses", "embeddings"]) {
    await (await server.post(path, { model: "m", user: "&store=true&" }, { headers })).text();
  }
  const types = server.provider.requests.map(({ headers }) => headers.get("content-type"));
  assertEquals(types, ["application/json", "application/x-www-form-urlencoded"]);
});

Deno.test("scopeIdempotencyKey gives each proxy key idempotency keys of its own, the same for each repetition", () => {
  const scoped = (key: string, sent: string) => {
    return scopeIdempotencyKey(new Headers({ "idempotency-key": sent, accept: "a" }), key);
  };
  const ann = scoped("ann", "1").get("idempotency-key")!;
  assertMatch(ann, /^[0-9a-f]{64}$/);
  assertEquals([scoped("ann", "1").get("idempotency-key"), scoped("ann", "1").get("accept")], [ann, "a"]);
  for (const other of [scoped("bob", "1"), scoped("ann", "2")]) assertNotEquals(other.get("idempotency-key"), ann);
  const headers = new Headers();
  assert(scopeIdempotencyKey(headers, "ann") === headers);
});

Deno.test("proxy forwards an idempotency key in the scope of its proxy key", async () => {
  await using server = new ProxyServer(() => JSON_RESPONSE);
  const headers = { "idempotency-key": "i" };
  await (await server.post("chat/completions", {}, { headers })).text();
  const expected = scopeIdempotencyKey(new Headers(headers), "tests").get("idempotency-key");
  assertEquals(server.provider.requests[0]!.headers.get("idempotency-key"), expected);
});

Deno.test("proxy forwards the response headers on its list and no others", async () => {
  const forwarded = {
    "content-type": "application/json",
    "x-request-id": "r",
    "retry-after": "3",
    "x-should-retry": "true",
  };
  const hidden = {
    "set-cookie": "a=b",
    "openai-organization": "org-1",
    "x-ratelimit-remaining-tokens": "7",
    server: "provider",
    "access-control-allow-origin": "*",
    "keep-alive": "timeout=5",
  };
  await using server = new ProxyServer(() => ({ headers: { ...forwarded, ...hidden }, body: ["{}"] }));
  const response = await server.post("embeddings");
  await response.text();
  for (const [name, value] of Object.entries(forwarded)) assertEquals(response.headers.get(name), value);
  for (const name of Object.keys(hidden)) assertEquals(response.headers.get(name), null);
});

/** All 256 bytes, and an event stream with a character of four bytes, in chunks of one, two, three … bytes. */
function* hostileChunks(): Generator<Uint8Array> {
  const all = new Uint8Array([...Array(256).keys(), ...encoder.encode("data: 🦕\r\n\r\ndata: [DONE]\n\n")]);
  for (let at = 0, size = 1; at < all.length; at += size, size = size % 7 + 1) yield all.slice(at, at + size);
}

Deno.test("proxy forwards every byte of a response unchanged, however it is cut", async () => {
  await using server = new ProxyServer(() => ({ headers: { "content-type": "audio/mpeg" }, body: hostileChunks() }));
  const response = await server.post("audio/speech");
  assertEquals(await response.bytes(), new Uint8Array([...hostileChunks()].flatMap((chunk) => [...chunk])));
  assertEquals(response.headers.get("content-type"), "audio/mpeg");
});

Deno.test("proxy forwards a provider's errors with their status and body", async () => {
  const error = { error: { message: "Too fast", type: "rate_limit", param: null, code: "rate_limit_exceeded" } };
  const headers = { "content-type": "application/json", "retry-after": "7" };
  await using server = new ProxyServer(() => ({ status: 429, headers, body: [JSON.stringify(error)] }));
  const response = await server.post("chat/completions");
  assertEquals([response.status, response.headers.get("retry-after")], [429, "7"]);
  assertEquals(await response.json(), error);
});

Deno.test("proxy tells clients not to repeat a request when the account has no quota left", async () => {
  const body = '{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":null}}';
  await using server = new ProxyServer(() => ({ status: 429, ...JSON_RESPONSE, body: [body] }));
  const response = await server.post("chat/completions");
  assertEquals([response.status, response.headers.get("x-should-retry")], [429, "false"]);
  assertEquals(await response.text(), body);
});

for (const [wait, shouldRetry] of [["61", "false"], ["60", null]] as const) {
  Deno.test(`proxy says whether a wait of ${wait} s is too long for clients`, async () => {
    const headers = { ...JSON_RESPONSE.headers, "retry-after": wait };
    await using server = new ProxyServer(() => ({ status: 429, headers, body: ['{"error":{"message":"Slow down"}}'] }));
    const response = await server.post("chat/completions");
    await response.body?.cancel();
    assertEquals([response.headers.get("retry-after"), response.headers.get("x-should-retry")], [wait, shouldRetry]);
  });
}

Deno.test("proxy removes the provider's key from a refusal, and changes nothing else", async () => {
  const body = (key: string) => `{ "error": {"message": "No access with ${key}", "n": 1e400, "key": "${key}"} }`;
  await using server = new ProxyServer(() => ({ status: 400, ...JSON_RESPONSE, body: [body(PROVIDER_KEY)] }));
  const response = await server.post("chat/completions");
  assertEquals([response.status, await response.text()], [400, body("[redacted]")]);
});

Deno.test("proxy replaces a refusal when its body is too long to be read", async () => {
  await using server = new ProxyServer(() => ({
    status: 429,
    ...JSON_RESPONSE,
    body: ["x".repeat(20_000)],
    end: "stall",
  }));
  const response = await server.post("chat/completions");
  assertEquals([response.status, (await response.json()).error.code], [429, "rate_limit_exceeded"]);
  await server.provider.until(({ openSockets }) => openSockets === 0);
});

for (
  const [name, fault, code] of [
    [
      "a refusal of our key",
      { status: 401, ...JSON_RESPONSE, body: [`{"error":{"message":"bad key ${PROVIDER_KEY}"}}`] },
      "invalid_provider_apikey",
    ],
    ["a redirect", { status: 302, headers: { location: "http://127.0.0.1:1/" } }, "provider_biz_error"],
    [
      "an error page",
      { status: 503, headers: { "content-type": "text/html" }, body: ["<h1>secret</h1>"] },
      "provider_biz_error",
    ],
    ["a closed connection", { end: "refuse" }, "provider_network_error"],
  ] as const
) {
  Deno.test(`proxy replaces ${name} by an error of its own`, async () => {
    await using server = new ProxyServer(() => fault);
    const response = await server.post("chat/completions");
    const text = await response.text();
    assertEquals(response.status, 502);
    assertEquals(JSON.parse(text).error.code, code);
    // OpenAI's clients repeat a 502, which a wrong key does not mend.
    assertEquals(response.headers.get("x-should-retry"), code === "invalid_provider_apikey" ? "false" : null);
    assert(!text.includes(PROVIDER_KEY) && !text.includes("secret"), text);
  });
}

Deno.test("proxy breaks off when the provider does, and adds no [DONE]", async () => {
  const [first = ""] = answerOf("Hello");
  await using server = new ProxyServer(() => ({ body: [first], end: "cut" }));
  const response = await server.post("chat/completions", { stream: true });
  let text = "";
  await assertRejects(async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk;
  });
  assertEquals(text, first);
});

Deno.test("proxy cancels the provider's request when the client leaves in mid-stream", async () => {
  await using server = new ProxyServer(() => ({ body: answerOf("Hello"), end: "stall" }));
  const client = new AbortController();
  const response = await server.post("chat/completions", {}, { signal: client.signal });
  await response.body!.getReader().read();
  client.abort();
  await server.provider.until(({ aborts, openSockets }) => aborts === 1 && openSockets === 0);
  const { outcome, key } = await server.nextLogEntry();
  assertEquals([outcome, key, server.runs.size], ["client_left", "tests", 0]);
});

Deno.test("proxy cancels the provider's request when the client leaves before the first byte", async () => {
  await using server = new ProxyServer(() => ({ end: "silent" }));
  const client = new AbortController();
  const response = server.post("embeddings", {}, { signal: client.signal });
  await server.provider.until(({ requests }) => requests.length === 1);
  client.abort();
  await assertRejects(() => response);
  await server.provider.until(({ aborts, openSockets }) => aborts === 1 && openSockets === 0);
  assertEquals((await server.nextLogEntry()).outcome, "ClientLeft");
});

Deno.test("proxy releases its place after each response, and refuses in OpenAI's format when the server is full", async () => {
  await using server = new ProxyServer(() => ({ body: answerOf("Hello"), end: "stall" }), { maxRuns: 1 });
  for (let round = 0; round < 3; round++) {
    const client = new AbortController();
    const response = await server.post("chat/completions", {}, { signal: client.signal });
    const refused = await server.post("chat/completions");
    assertEquals([refused.status, (await refused.json()).error.code], [503, "server_busy"]);
    assertMatch(refused.headers.get("retry-after") ?? "", /^\d+$/);
    await server.nextLogEntry();
    client.abort();
    await response.body?.cancel().catch(() => {});
    assertEquals((await server.nextLogEntry()).outcome, "client_left");
  }
});

Deno.test("proxy responds 504 when the provider does not respond in time", async () => {
  await using server = new ProxyServer(() => ({ end: "silent" }), { relayTimeoutMs: 100 });
  const late = await server.post("responses");
  assertEquals([late.status, (await late.json()).error.code], [504, "provider_timeout"]);
  await server.provider.until(({ aborts }) => aborts === 1);
  assertEquals((await server.nextLogEntry()).outcome, "ProviderTimeout");
});

Deno.test("proxy ends with ServerBusy when the drain time of a stopping server is over", async () => {
  await using server = new ProxyServer(() => ({ body: answerOf("Hello"), end: "stall" }));
  const client = new AbortController();
  const response = await server.post("chat/completions", {}, { signal: client.signal });
  assertEquals(server.runs.size, 1);
  await server.runs.drain(0);
  assertEquals((await server.nextLogEntry()).outcome, "ServerBusy");
  client.abort();
  await response.body!.cancel().catch(() => {});
});

/** A request whose body the test sends later. */
function slowRequest({ app, baseURL }: ProxyServer) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array<ArrayBuffer>>();
  const headers = { authorization: `Bearer ${PROXY_KEY}` };
  const response = app(new Request(`${baseURL}/chat/completions`, { method: "POST", headers, body: readable }));
  const send = async (text: string) => {
    const writer = writable.getWriter();
    await writer.write(encoder.encode(text));
    await writer.close();
  };
  return { response, send };
}

Deno.test("proxy counts as a run while the body of its request arrives", async () => {
  await using server = new ProxyServer(() => JSON_RESPONSE);
  const { response, send } = slowRequest(server);
  assertEquals(server.runs.size, 1);
  await send('{"model":"m"}');
  assertEquals(await (await response).json(), { ok: true });
  await server.nextLogEntry();
  assertEquals(server.runs.size, 0);
});

Deno.test("proxy sends nothing to the provider when the server stops while the body arrives", async () => {
  await using server = new ProxyServer(() => JSON_RESPONSE);
  const { response, send } = slowRequest(server);
  await server.runs.drain(0);
  await send('{"model":"m"}');
  const refused = await response;
  assertEquals([refused.status, (await refused.json()).error.code], [503, "server_busy"]);
  assertEquals([server.provider.requests.length, server.runs.size], [0, 0]);
});

Deno.test("proxy refuses a body above the limit, and sends nothing to the provider", async () => {
  await using server = new ProxyServer(() => JSON_RESPONSE);
  const response = await server.post("embeddings", { input: "x".repeat(1024 * 1024) });
  assertEquals([response.status, (await response.json()).error.code], [413, "payload_too_large"]);
  assertEquals(server.provider.requests.length, 0);
});
