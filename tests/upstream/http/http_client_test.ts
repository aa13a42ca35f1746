/** Tests the bytes of a request, and how responses are read. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpClient } from "../../../upstream/http/http_client.ts";
import { BadResponseError } from "../../../upstream/http/response_head.ts";
import { UnsentError } from "../../../upstream/http/send_request.ts";
import { FakeOpenAI, readTlsKeyPair } from "../../fake_openai.ts";
import { CHUNKED, post, postAll, RawHost, textOf } from "./raw_host.ts";

const encoder = new TextEncoder();

function hasIPv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

Deno.test("HttpClient sends a valid request", async () => {
  let request = "";
  await using host = new RawHost(async (connection) => {
    request = await connection.request();
    await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  });
  const url = `${host.url}?a=%20b`;
  const signal = new AbortController().signal;
  const headers = { "x-latin": "caf\u00e9", "accept-encoding": "gzip" };
  await textOf(await new HttpClient(url).send({ url, headers, body: '{"text":"wörld 👍"}', signal }));
  assertEquals(
    request,
    `POST /v1/chat?a=%20b HTTP/1.1\r\nhost: ${
      new URL(url).host
    }\r\nx-latin: caf\u00e9\r\naccept-encoding: identity\r\n` +
      'content-length: 22\r\n\r\n{"text":"wörld 👍"}',
  );
});

Deno.test("HttpClient returns status, headers and body, however they are cut", async () => {
  const response = "HTTP/1.1 201 Made\r\nX-Name: value\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "6\r\nhello \r\n7\r\nwörld!\r\n0\r\n\r\n";
  await using host = new RawHost(async (connection) => {
    await connection.request();
    await connection.write(...Array.from(encoder.encode(response), (byte) => Uint8Array.of(byte)));
    await connection.respond(response);
  });
  const client = new HttpClient(host.url);
  for (let time = 0; time < 2; time++) {
    const response = await post(client, host);
    assertEquals([response.status, response.headers.get("x-name")], [201, "value"]);
    assertEquals(await textOf(response), "hello wörld!");
  }
});

Deno.test("HttpClient reads a body of megabytes", async () => {
  const chunk = "0123456789abcdef".repeat(4096);
  const body = Array.from({ length: 64 }, () => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");
  await using host = new RawHost((connection) => connection.respond(CHUNKED, body, "0\r\n\r\n"));
  assertEquals(await postAll(host, 2), [chunk.repeat(64), chunk.repeat(64)]);
  assertEquals(host.connections, 1);
});

Deno.test("HttpClient skips 1xx responses", async () => {
  await using host = new RawHost((connection) =>
    connection.respond(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n",
      `${CHUNKED}1\r\na\r\n0\r\n\r\n`,
    )
  );
  assertEquals(await postAll(host, 2), ["a", "a"]);
  assertEquals(host.connections, 1);
});

const MANY_HEADERS = Array.from({ length: 4000 }, (_, index) => `${index}:\r\n`).join("");

for (
  const [name, isCut, ...chunks] of [
    ["nothing", true],
    ["half a head", true, "HTTP/1.1 200 OK\r\nconte"],
    ["another protocol", false, "SSH-2.0-OpenSSH_9\r\n\r\n"],
    [
      "a head without an end",
      false,
      "HTTP/1.1 200 OK\r\n",
      ...Array.from({ length: 40 }, () => `a: ${"b".repeat(1000)}\r\n`),
    ],
    ["4,000 headers", false, `HTTP/1.1 200 OK\r\n${MANY_HEADERS}\r\n`],
    ["endless 1xx responses", false, "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(2000)],
  ] as const
) {
  Deno.test(`HttpClient refuses a host that responds with ${name}, and closes the connection`, async () => {
    const closed = Promise.withResolvers<void>();
    await using host = new RawHost(async (connection) => {
      await connection.request();
      await connection.write(...chunks).then(() => isCut ? undefined : connection.closed()).finally(closed.resolve);
    });
    const error = await assertRejects(() => post(new HttpClient(host.url), host));
    assertEquals(
      error instanceof Deno.errors.UnexpectedEof ? "cut" : error instanceof BadResponseError && "bad",
      isCut ? "cut" : "bad",
    );
    await closed.promise;
  });
}

Deno.test("HttpClient ends the body after all received bytes when the connection breaks", async () => {
  await using host = new RawHost((connection) => connection.respondOnce(`${CHUNKED}1\r\na\r\n`, "5\r\nbc"));
  assertEquals(await postAll(host, 1), ["abc"]);
});

Deno.test("HttpClient does not decode a body with a content coding", async () => {
  const head = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\n";
  await using host = new RawHost((connection) => connection.respond(`${head}bytes`));
  const response = await post(new HttpClient(host.url), host);
  assertEquals([response.headers.get("content-encoding"), await textOf(response)], ["gzip", "bytes"]);
});

Deno.test("HttpClient connects to an IPv6 address", { ignore: !hasIPv6() }, async () => {
  await using host = new RawHost((connection) => connection.respond(`${CHUNKED}1\r\na\r\n0\r\n\r\n`), "::1");
  assert(host.url.startsWith("http://[::1]:"));
  assertEquals(await postAll(host, 1), ["a"]);
});

Deno.test("HttpClient does not trust a host with a self-signed certificate", async () => {
  await using provider = new FakeOpenAI(() => ({ body: ["never"] }), await readTlsKeyPair());
  const client = new HttpClient(provider.baseURL);
  for (let time = 0; time < 2; time++) {
    await assertRejects(() => post(client, { url: provider.baseURL }), UnsentError, "certificate");
  }
  assertEquals(provider.requests, []);
});
