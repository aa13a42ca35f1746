/** Tests `fetch` in place of our HTTP client, with the tests of the chat. */
import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { createProviderFetch, sendByFetch } from "../../../upstream/http/provider_fetch.ts";
import { UnsentError } from "../../../upstream/http/send_request.ts";
import { RawHost, textOf } from "./raw_host.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const CHAT_TESTS = ["chat_test.ts", "faults_test.ts", "client_faults_test.ts", "access_test.ts"].map((name) =>
  `tests/routes/${name}`
);

Deno.test("sendByFetch passes the tests of the chat in place of HttpClient", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "--allow-all", ...CHAT_TESTS],
    cwd: ROOT,
    env: { TEST_CLIENT: "fetch", NO_COLOR: "1" },
  }).output();
  const output = new TextDecoder().decode(stdout);
  assertEquals(code, 0, output);
  assertMatch(output, /ok \| \d{2,} passed \| 0 failed/);
});

function sendTo(host: RawHost, { keepAlive = true, signal = new AbortController().signal } = {}) {
  return sendByFetch(createProviderFetch(keepAlive))({ url: host.url, headers: {}, body: "{}", signal });
}

Deno.test("sendByFetch requests no content coding and decodes none", async () => {
  let request = "";
  await using host = new RawHost(async (connection) => {
    request = await connection.request();
    await connection.write("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\nbytes");
  });
  const response = await sendTo(host);
  assertEquals([response.headers.get("content-encoding"), await textOf(response)], ["gzip", "bytes"]);
  assertStringIncludes(request, "\r\naccept-encoding: identity\r\n");
});

Deno.test("sendByFetch reports a request as unsent when it cannot connect or the signal has aborted, and only then", async () => {
  const closed = new RawHost(() => Promise.resolve());
  await closed[Symbol.asyncDispose]();
  await assertRejects(() => sendTo(closed), UnsentError);
  await using host = new RawHost(async (connection) => void await connection.request());
  await assertRejects(() => sendTo(host, { signal: AbortSignal.abort() }), UnsentError);
  await assertRejects(() => sendTo(host), TypeError);
  assertEquals(host.requests, 1);
});

Deno.test("sendByFetch uses a connection for each request when keepAlive is false", async () => {
  await using host = new RawHost((connection) => connection.respond("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"));
  for (let time = 0; time < 3; time++) assertEquals(await textOf(await sendTo(host, { keepAlive: false })), "a");
  assertEquals(host.connections, 3);
});
