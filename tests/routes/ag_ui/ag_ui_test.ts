/**
 * The route of AG-UI over real sockets.
 */
import { assertEquals } from "@std/assert";
import { answerOf, contentChunk, sse } from "../../fake_openai.ts";
import { assertNothingLeft, TestServer } from "../../test_server.ts";
import { WireReader } from "../../wire_reader.ts";
import { messagesOf } from "../encoded.ts";

const INPUT = {
  threadId: "t",
  runId: "r",
  messages: [{ id: "1", role: "user", content: "Hi" }],
  tools: [],
  context: [],
  state: {},
  forwardedProps: {},
};

function run(server: TestServer, input: object = {}, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${server.origin}/api/ag-ui`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ ...INPUT, ...input }),
  });
}

Deno.test("POST /api/ag-ui responds with the events of a run", async () => {
  await using server = new TestServer({ script: () => ({ body: answerOf("Hel", "lo") }) });
  const response = await run(server);
  assertEquals(response.headers.get("content-type"), "text/event-stream; charset=utf-8");
  assertEquals(messagesOf(await response.text()).map(({ type }) => type).filter((type) => type !== "CUSTOM"), [
    "RUN_STARTED",
    "TEXT_MESSAGE_START",
    "TEXT_MESSAGE_CONTENT",
    "TEXT_MESSAGE_CONTENT",
    "TEXT_MESSAGE_END",
    "RUN_FINISHED",
  ]);
  await assertNothingLeft(server);
});

Deno.test("POST /api/ag-ui sends tools, context and our own fields among the forwarded properties", async () => {
  await using server = new TestServer({ script: () => ({ body: answerOf("Hi") }) });
  const parameters = { type: "object", properties: { city: { type: "string" } } };
  const response = await run(server, {
    tools: [{ name: "weather", description: "Looks", parameters }],
    context: [{ description: "The page", value: "Shop" }],
    forwardedProps: { model: "m", temperature: 0.5, stream: false, store: true, messages: [], tools: [] },
  });
  await response.text();
  const { model, temperature, stream, store, messages, tools } = server.provider.requests[0]!.body;
  assertEquals({ model, temperature, stream, store }, { model: "m", temperature: 0.5, stream: true, store: undefined });
  assertEquals(messages, [
    { role: "user", content: "Context of this conversation:\n\nThe page:\nShop" },
    { role: "user", content: "Hi" },
  ]);
  assertEquals(tools, [{ type: "function", function: { name: "weather", description: "Looks", parameters } }]);
});

/** The input, and the path that is refused. */
const REFUSED: readonly (readonly [input: object, path: string])[] = [
  [{ messages: [] }, "messages"],
  [{ threadId: 1 }, "threadId"],
  [{ runId: undefined }, "runId"],
  [{ tools: [{ name: "" }] }, "tools[0].name"],
  [{ context: [{ value: "a" }] }, "context[0].description"],
  [{ forwardedProps: { temperature: "hot" } }, "temperature"],
];

for (const [input, path] of REFUSED) {
  Deno.test(`POST /api/ag-ui responds 400 to a wrong ${path}, and asks no provider`, async () => {
    await using server = new TestServer();
    const response = await run(server, input);
    assertEquals([response.status, (await response.json()).body.path], [400, path]);
    assertEquals(server.provider.requests.length, 0);
  });
}

Deno.test("POST /api/ag-ui responds with a status when the provider refuses, and with RUN_ERROR when it breaks", async () => {
  await using server = new TestServer({
    script: (_, count) => count === 0 ? { status: 401 } : { body: sse(contentChunk("a")), end: "cut" },
  });
  const refused = await run(server);
  assertEquals([refused.status, (await refused.json()).errorType], [502, "InvalidProviderAPIKey"]);
  const last = messagesOf(await (await run(server)).text()).at(-1)!;
  assertEquals([last.type, last.code], ["RUN_ERROR", "StreamChunkError"]);
});

Deno.test("POST /api/ag-ui stops the answer when its client leaves", async () => {
  await using server = new TestServer({ script: () => ({ body: sse(contentChunk("a")), end: "stall" }) });
  const reader = new WireReader(await run(server));
  await reader.events(3);
  await reader.cancel();
  await server.provider.until(({ aborts }) => aborts === 1);
  await assertNothingLeft(server);
});

Deno.test("POST /api/ag-ui with an Idempotency-Key attaches a repeated request to its run, with the same bytes", async () => {
  await using server = new TestServer({ script: () => ({ body: answerOf("Hi") }) });
  const key = { "idempotency-key": "k-0123456789" };
  const wire = await (await run(server, {}, key)).text();
  assertEquals(await (await run(server, {}, key)).text(), wire);
  assertEquals(server.provider.requests.length, 1);
});

Deno.test("POST /api/ag-ui gives a call an id of its own where the provider repeats that of an earlier answer", async () => {
  const delta = { tool_calls: [{ index: 0, id: "0", function: { name: "now", arguments: "{}" } }] };
  const body = sse({ choices: [{ delta, finish_reason: "tool_calls" }] }, "[DONE]");
  await using server = new TestServer({ script: () => ({ body }) });
  const call = (id: string) => ({ id, type: "function", function: { name: "now", arguments: "{}" } });
  const messages = [
    { id: "1", role: "user", content: "Hi" },
    { id: "2", role: "assistant", toolCalls: [call("0")] },
    { id: "3", role: "tool", toolCallId: "0", content: "noon" },
  ];
  const sent = messagesOf(await (await run(server, { messages })).text());
  const ids = sent.flatMap(({ toolCallId }) => toolCallId === undefined ? [] : [toolCallId]);
  assertEquals([ids.length, new Set(ids).size, ids.includes("0")], [3, 1, false]);
  const { messages: history } = server.provider.requests[0]!.body;
  assertEquals(history[1].tool_calls.map(({ id }: { id: string }) => id), ["0"]);
});
