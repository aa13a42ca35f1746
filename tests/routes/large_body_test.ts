/** Tests requests with large bodies: their limits, their shared memory, and a PDF on its way to each provider's API. @module */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { ChatError } from "../../protocol/chat_error.ts";
import { BodyPool, FREE_BODY_BYTES } from "../../routes/body_pool.ts";
import { assertFewValues } from "../../routes/read_json.ts";
import { answerOf, type FakeOpenAI } from "../fake_openai.ts";
import { eventsOf, TEST_BODY_LIMITS, TestServer } from "../test_server.ts";

const BASE64 = "JVBERi0x".repeat(300_000);
const PDF = `data:application/pdf;base64,${BASE64}`;
const WITH_PDF = {
  messages: [{ role: "user", content: [{ type: "file", file: { file_data: PDF, filename: "a.pdf" } }] }],
};

Deno.test("BodyPool gives each body its free part, and limits the rest of all bodies together", () => {
  const pool = new BodyPool(100);
  using first = pool.lease(undefined);
  using second = pool.lease(undefined);
  first.growTo(FREE_BODY_BYTES);
  assertEquals(pool.usedBytes, 0);
  first.growTo(FREE_BODY_BYTES + 70);
  first.growTo(FREE_BODY_BYTES + 70);
  assertEquals(pool.usedBytes, 70);
  const error = assertThrows(() => second.growTo(FREE_BODY_BYTES + 31), ChatError);
  assertEquals([error.type, error.body, error.retryAfterSeconds], ["ServerBusy", {
    setting: "MAX_BODY_POOL_BYTES",
  }, 5]);
  second.growTo(FREE_BODY_BYTES + 30);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assertEquals(pool.usedBytes, 30);
});

Deno.test("BodyPool gives half of itself to several bodies of one sender, and all of itself to one body", () => {
  const pool = new BodyPool(100);
  const [first, second, other] = [pool.lease("a"), pool.lease("a"), pool.lease("b")];
  first.growTo(FREE_BODY_BYTES + 40);
  second.growTo(FREE_BODY_BYTES + 10);
  assertThrows(() => second.growTo(FREE_BODY_BYTES + 11), ChatError);
  assertThrows(() => first.growTo(FREE_BODY_BYTES + 41), ChatError);
  other.growTo(FREE_BODY_BYTES + 50);
  for (const lease of [second, other]) lease[Symbol.dispose]();
  first.growTo(FREE_BODY_BYTES + 100);
  first[Symbol.dispose]();
  assertEquals(pool.usedBytes, 0);
});

Deno.test("chat refuses a large body while others fill the pool, and answers a small one", async () => {
  const pool = new BodyPool(PDF.length);
  const { promise: accepted, resolve: accept } = Promise.withResolvers<void>();
  await using server = new TestServer({
    limits: { body: { ...TEST_BODY_LIMITS, maxBodyBytes: 8 * FREE_BODY_BYTES, pool } },
    script: async (_request, count) => {
      if (count === 0) await accepted;
      return { body: answerOf("ok") };
    },
  });
  const first = server.chat(WITH_PDF);
  await server.provider.until(({ requests }) => requests.length === 1);
  assert(pool.usedBytes > PDF.length - FREE_BODY_BYTES);
  const refused = await server.chat(WITH_PDF);
  assertEquals([refused.status, refused.headers.get("retry-after")], [503, "5"]);
  assertEquals((await refused.json()).errorType, "ServerBusy");
  assertEquals((await eventsOf(await server.chat())).at(-1)?.type, "stop");
  accept();
  await eventsOf(await first);
  assertEquals(pool.usedBytes, 0);
  assertEquals((await eventsOf(await server.chat(WITH_PDF))).at(-1)?.type, "stop");
});

Deno.test("chat names MAX_BODY_BYTES to the client and in the log when a body is too large", async () => {
  await using server = new TestServer();
  const response = await server.chat(WITH_PDF);
  const { errorType, body } = await response.json();
  assertEquals([response.status, errorType], [413, "PayloadTooLarge"]);
  assertEquals([body.setting, body.maxBodyBytes], ["MAX_BODY_BYTES", 1_048_576]);
  const { outcome, setting } = await server.nextLogEntry();
  assertEquals([outcome, setting], ["PayloadTooLarge", "MAX_BODY_BYTES"]);
});

Deno.test("chat refuses a large body of many small values before it parses them", async () => {
  await using server = new TestServer({
    limits: { body: { ...TEST_BODY_LIMITS, maxBodyBytes: 8 * FREE_BODY_BYTES } },
  });
  const response = await server.chat({ messages: Array(FREE_BODY_BYTES).fill([]) });
  assertEquals([response.status, (await response.json()).body.message], [413, "The body has too many values."]);
});

Deno.test("assertFewValues counts the values of a large body, and nothing in its strings", () => {
  const bytesOf = (json: unknown) => new TextEncoder().encode(JSON.stringify(json));
  assertFewValues(bytesOf({ text: '"[{,\\'.repeat(FREE_BODY_BYTES) }));
  assertFewValues(bytesOf(Array(FREE_BODY_BYTES / 4).fill(null)));
  assertFewValues(bytesOf(Array(FREE_BODY_BYTES / 2 - 1).fill(0)));
  for (const json of [Array(FREE_BODY_BYTES / 2 + 1).fill(0), ["\\", ...Array(FREE_BODY_BYTES / 2).fill(0)]]) {
    assertThrows(() => assertFewValues(bytesOf(json)), ChatError, "too many values");
  }
});

/** Where each API has the file in the request that it receives. `…` stands for the base64. */
const APIS = [
  ["chat-completions", ({ messages }) => messages[0].content[0].file, {
    file_data: "data:application/pdf;base64,…",
    filename: "a.pdf",
  }],
  ["responses", ({ input }) => input[0].content[0], {
    type: "input_file",
    filename: "a.pdf",
    file_data: "data:application/pdf;base64,…",
  }],
  ["anthropic", ({ messages }) => messages[0].content[0], {
    type: "document",
    title: "a.pdf",
    source: { type: "base64", media_type: "application/pdf", data: "…" },
    cache_control: { type: "ephemeral" },
  }],
  ["gemini", ({ contents }) => contents[0].parts[0], { inlineData: { mimeType: "application/pdf", data: "…" } }],
] as const satisfies readonly (readonly [string, (body: FakeOpenAI["requests"][0]["body"]) => unknown, object])[];
for (const [api, find, file] of APIS) {
  Deno.test(`chat sends a PDF of several megabytes to a provider that speaks ${api}`, async () => {
    await using server = new TestServer({
      quirks: { api },
      limits: { body: { ...TEST_BODY_LIMITS, maxBodyBytes: 8 * FREE_BODY_BYTES } },
      script: () => ({ status: 400, body: ['{"error":{"message":"seen"}}'] }),
    });
    await (await server.chat(WITH_PDF)).body?.cancel();
    const sent = JSON.stringify(server.provider.requests[0]!.body).replaceAll(BASE64, "…");
    assertEquals(find(JSON.parse(sent)), file);
  });
}
