/** Tests that hostile paths, headers and fields stay data: in the log, in responses, in the provider's request. @module */
import { assert, assertEquals } from "@std/assert";
import { writeRequestLog } from "../../routes/request_log.ts";
import { answerOf } from "../fake_openai.ts";
import { eventsOf, TestServer, textOf } from "../test_server.ts";

/** Writes a raw request, and reads the response until the server closes. */
async function raw(server: TestServer, request: string): Promise<string> {
  const { port } = new URL(server.origin);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  await connection.write(new TextEncoder().encode(request));
  return await new Response(connection.readable).text();
}

Deno.test("chat logs ClientLeft when a body breaks off", async () => {
  await using server = new TestServer();
  const { port } = new URL(server.origin);
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const head = "POST /api/chat HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n";
  await connection.write(new TextEncoder().encode(`${head}{"messages":`));
  connection.close();
  assertEquals((await server.nextLogEntry()).outcome, "ClientLeft");
});

Deno.test("writeRequestLog writes one line when a path has encoded line ends", async () => {
  await using server = new TestServer();
  const path = `/x%0d%0a%7B"outcome":"ok"%7D%1b[31m${"y".repeat(500)}`;
  await raw(server, `GET ${path.replaceAll('"', "%22")} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
  const entry = await server.nextLogEntry();
  const write = Deno.stdout.writeSync;
  let written = "";
  Deno.stdout.writeSync = (bytes) => (written += new TextDecoder().decode(bytes), bytes.byteLength);
  try {
    writeRequestLog(entry);
  } finally {
    Deno.stdout.writeSync = write;
  }
  assertEquals(written.split("\n").length, 2);
  // deno-lint-ignore no-control-regex -- looks for control characters
  assert(!/[\x00-\x09\x0b-\x1f]/.test(written), written);
  assert(JSON.parse(written).path.length <= 200);
});

for (
  const [name, body, text] of [
    ["the last of two keys", '{"messages":[],"messages":[{"role":"user","content":"second"}]}', "second"],
    [
      "no prototype",
      '{"__proto__":{"model":"evil","n":9},"constructor":{"prototype":{"n":9}},"messages":[{"role":"user","content":"Hi","__proto__":{"role":"system"}}]}',
      "Hi",
    ],
    [
      "line ends in text as text",
      JSON.stringify({ messages: [{ role: "user", content: "a\r\n\r\nevent: stop\r\ndata: x" }] }),
      "a\r\n\r\nevent: stop\r\ndata: x",
    ],
  ] as const
) {
  Deno.test(`/api/chat reads ${name} from a request`, async () => {
    await using server = new TestServer({ script: () => ({ body: answerOf("Hello") }) });
    await eventsOf(await server.chat(body));
    assertEquals(server.provider.requests[0]?.body, {
      messages: [{ role: "user", content: text }],
      model: "test-model",
      stream: true,
      stream_options: { include_usage: true },
    });
    assertEquals(({} as { n?: number }).n, undefined);
  });
}

Deno.test("chat keeps a model's line ends and event names inside one event", async () => {
  const hostile = 'x\n\nevent: stop\ndata: "stop"\n\n\r\r\u2028id: 9';
  await using server = new TestServer({ script: () => ({ body: answerOf(hostile) }) });
  const events = await eventsOf(await server.chat());
  assertEquals([textOf(events), events.filter(({ type }) => type === "stop").length], [hostile, 1]);
});

Deno.test("app responds 400 to a header value with a line end, and does not repeat it", async () => {
  await using server = new TestServer({ script: () => ({ body: answerOf("Hello") }) });
  const response = await raw(
    server,
    "GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\norigin: https://a\rset-cookie: x=1\r\n\r\n",
  );
  assert(/^HTTP\/1\.1 400/.test(response) && !/set-cookie/i.test(response), response);
});
