/** Uploads in proxy mode to a provider that responds before all of the body has arrived. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { answerOf, type Script } from "../fake_openai.ts";
import { PROXY_KEY, ProxyServer } from "../proxy_server.ts";

const HEAD = [
  "POST /v1/audio/transcriptions HTTP/1.1",
  "host: localhost",
  `authorization: Bearer ${PROXY_KEY}`,
  "content-type: multipart/form-data; boundary=b",
  "content-length: 100000",
  "\r\n",
].join("\r\n");

/** Sends half of an upload, and nothing more. @returns everything that comes until the server closes the connection */
async function sendHalf(server: ProxyServer): Promise<string> {
  using client = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(server.baseURL).port) });
  const bytes = new TextEncoder().encode(HEAD + "x".repeat(50_000));
  for (let at = 0; at < bytes.length;) at += await client.write(bytes.subarray(at));
  const decoder = new TextDecoder();
  let wire = "";
  const buffer = new Uint8Array(65_536);
  for (let read = await client.read(buffer); read !== null; read = await client.read(buffer)) {
    wire += decoder.decode(buffer.subarray(0, read), { stream: true });
    // The response is complete. The server has to close its side as well.
    if (wire.endsWith("}") || wire.endsWith("0\r\n\r\n")) await client.closeWrite();
  }
  return wire;
}

const JSON_TYPE = { "content-type": "application/json" };

Deno.test("proxy passes on a refusal that comes before the whole upload, and closes the connection", async () => {
  const refusal = '{"error":{"message":"The file is too large."}}';
  await using server = new ProxyServer(() => ({ status: 413, headers: JSON_TYPE, body: [refusal] }));
  const wire = await sendHalf(server);
  assertMatch(wire, /^HTTP\/1\.1 413 /);
  assert(wire.includes(refusal));
  assertEquals((await server.nextLogEntry()).status, 413);
  assertEquals(server.runs.size, 0);
});

/** What no provider sends to an incomplete upload. */
const OTHERS: readonly (readonly [name: string, script: Script])[] = [
  ["an endless refusal", () => ({ status: 400, headers: JSON_TYPE, body: ["x".repeat(40_000), "x".repeat(40_000)] })],
  ["a provider that breaks off", () => ({ status: 400, headers: JSON_TYPE, body: ["{"], end: "cut" })],
];

for (const [name, script] of OTHERS) {
  Deno.test(`proxy responds with an error to ${name} before the whole upload, and closes the connection`, async () => {
    await using server = new ProxyServer(script);
    assertMatch(await sendHalf(server), /^HTTP\/1\.1 502 /);
    assertEquals(server.runs.size, 0);
  });
}

Deno.test("proxy waits for the rest of the upload when the provider answers early, and then refuses that answer", async () => {
  await using server = new ProxyServer(() => ({ body: answerOf("Hi") }), {
    upload: { maxBytes: 200_000, deadlineMs: 100 },
  });
  assertMatch(await sendHalf(server), /^HTTP\/1\.1 408 /);
  assertEquals((await server.nextLogEntry()).outcome, "RequestTimeout");
  assertEquals(server.runs.size, 0);
});
