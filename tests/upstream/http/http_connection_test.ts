/** Tests when a connection is used again, when it is closed, and when a request is sent again. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { HttpClient } from "../../../upstream/http/http_client.ts";
import { UnsentError } from "../../../upstream/http/send_request.ts";
import { SeededRandom } from "../../seeded_random.ts";
import { CHUNKED, post, postAll, RawHost, textOf } from "./raw_host.ts";

const HELLO = `${CHUNKED}1\r\na\r\n0\r\n\r\n`;

for (
  const [name, ...chunks] of [
    ["a chunked response", CHUNKED, "1\r\na\r\n", "0\r\n\r\n"],
    ["a response with a length", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"],
    ["a response without a body", "HTTP/1.1 204 No Content\r\n\r\n"],
    ["a refusal", "HTTP/1.1 429 No\r\ncontent-length: 2\r\n\r\n{}"],
  ]
) {
  Deno.test(`HttpClient uses a connection again after ${name}`, async () => {
    await using host = new RawHost((connection) => connection.respond(...chunks));
    await postAll(host, 5);
    assertEquals(host.connections, 1);
  });
}

for (
  const [name, ...chunks] of [
    ["has connection: close", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\na"],
    ["is HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na"],
    ["has too short a keep-alive timeout", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nkeep-alive: timeout=1\r\n\r\na"],
    ["continues after its length", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na!"],
    ["continues after its last chunk", `${HELLO}!`],
    ["is followed by another one", HELLO, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nother"],
    ["has broken framing", `${CHUNKED}1\r\na\r\nx`],
  ]
) {
  Deno.test(`HttpClient does not use a connection again when the response ${name}`, async () => {
    await using host = new RawHost((connection) => connection.respond(...chunks));
    assertEquals(await postAll(host, 3), ["a", "a", "a"]);
    assertEquals(host.connections, 3);
  });
}

Deno.test("HttpClient opens a connection for each request and sends connection: close when keepAlive is false", async () => {
  const requests: string[] = [];
  await using host = new RawHost(async (connection) => {
    requests.push(await connection.request());
    await connection.write(HELLO);
    host.responses++;
    await connection.closed();
  });
  assertEquals(await postAll(host, 3, { keepAlive: false }), ["a", "a", "a"]);
  assertEquals(host.connections, 3);
  assert(requests.every((request) => request.includes("\r\nconnection: close\r\n")));
});

Deno.test("HttpClient closes an idle connection when its idle time is over, without another request", async () => {
  const closed = Promise.withResolvers<void>();
  await using host = new RawHost(async (connection) => {
    await connection.respondOnce(HELLO);
    await connection.closed();
    closed.resolve();
  });
  assertEquals(await textOf(await post(new HttpClient(host.url, { maxIdleMs: 20 }), host)), "a");
  await closed.promise;
});

Deno.test("HttpClient opens another connection while the first is busy", async () => {
  await using host = new RawHost((connection) => connection.respond(`${CHUNKED}1\r\na\r\n`));
  const client = new HttpClient(host.url);
  const [first, second] = await Promise.all([post(client, host), post(client, host)]);
  assertEquals(host.connections, 2);
  await Promise.all([first.body.cancel(), second.body.cancel()]);
});

Deno.test("HttpClient opens another connection when the host has closed the idle one", async () => {
  await using host = new RawHost((connection) => connection.respondOnce(HELLO));
  assertEquals(await postAll(host, 3), ["a", "a", "a"]);
  assertEquals([host.connections, host.requests], [3, 3]);
});

Deno.test("HttpClient does not send a request again when the host closes a reused connection after reading it", async () => {
  await using host = new RawHost(async (connection) => {
    await connection.respondOnce(HELLO);
    await connection.request();
  });
  const client = new HttpClient(host.url);
  assertEquals(await textOf(await post(client, host)), "a");
  const error = await assertRejects(() => post(client, host));
  assert(!(error instanceof UnsentError));
  assertEquals([host.connections, host.requests], [1, 2]);
});

Deno.test("HttpClient sends no request twice when the host closes idle connections at the same moment", async () => {
  const random = new SeededRandom(6);
  await using host = new RawHost(async (connection) => {
    for (;;) {
      const close = setTimeout(() => connection.close(), 2);
      await connection.request().finally(() => clearTimeout(close));
      await connection.write(HELLO);
    }
  });
  const client = new HttpClient(host.url);
  let received = 0;
  for (let time = 0; time < 200; time++) {
    await post(client, host).then(textOf).then(() => received++, () => {});
    await new Promise((resolve) => setTimeout(resolve, random.below(4)));
  }
  assert(received <= host.requests && host.requests <= 200, `${received} responses, ${host.requests} requests`);
});

Deno.test("HttpClient reports a request as unsent when it cannot connect, and when its signal has aborted", async () => {
  const closed = new RawHost(() => Promise.resolve());
  await closed[Symbol.asyncDispose]();
  const refused = await assertRejects(() => post(new HttpClient(closed.url), closed), UnsentError);
  assert(refused.cause instanceof Deno.errors.ConnectionRefused);
  await using host = new RawHost((connection) => connection.closed());
  const reason = new Error("enough");
  const aborted = () => post(new HttpClient(host.url), host, "{}", AbortSignal.abort(reason));
  assertEquals((await assertRejects(aborted, UnsentError)).cause, reason);
  const controller = new AbortController();
  const response = post(new HttpClient(host.url), host, "{}", controller.signal);
  controller.abort(reason);
  assertEquals((await assertRejects(() => response, UnsentError)).cause, reason);
});

Deno.test("HttpClient does not use a connection again when the response came before the request was read", async () => {
  await using host = new RawHost(async (connection) => {
    await connection.write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\n{}");
    await connection.closed();
  });
  const client = new HttpClient(host.url);
  const long = "x".repeat(32 * 1024 * 1024);
  for (let time = 0; time < 2; time++) {
    const response = await post(client, host, long);
    assertEquals([response.status, await textOf(response)], [413, "{}"]);
  }
  assertEquals(host.connections, 2);
});

Deno.test("HttpClient closes the connection when the signal aborts before, within and after the head", async () => {
  for (const chunks of [[], ["HTTP/1.1 200 OK\r\n"], [CHUNKED]]) {
    const written = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    await using host = new RawHost(async (connection) => {
      await connection.request();
      await connection.write(...chunks);
      written.resolve();
      await connection.closed();
      closed.resolve();
    });
    const controller = new AbortController();
    const response = post(new HttpClient(host.url), host, "{}", controller.signal);
    await written.promise;
    if (chunks[0] === CHUNKED) {
      const { body } = await response;
      const read = body.read();
      controller.abort(new Error("enough"));
      assertEquals(await read, undefined);
      await body.cancel();
    } else {
      controller.abort(new Error("enough"));
      await assertRejects(() => response, Error, "enough");
    }
    await closed.promise;
  }
});

Deno.test("HttpClient leaves a reused connection open when the signal of an earlier request aborts", async () => {
  const { promise: resumed, resolve } = Promise.withResolvers<void>();
  await using host = new RawHost(async (connection) => {
    await connection.respondOnce(HELLO);
    await connection.respondOnce(CHUNKED);
    await resumed;
    await connection.write("1\r\nb\r\n0\r\n\r\n");
    await connection.closed();
  });
  const client = new HttpClient(host.url);
  const earlier = new AbortController();
  await textOf(await post(client, host, "{}", earlier.signal));
  const response = await post(client, host);
  earlier.abort();
  resolve();
  assertEquals(await textOf(response), "b");
  assertEquals(host.connections, 1);
});

Deno.test("HttpClient closes the connection of a body that is cancelled before its end", async () => {
  const closed = Promise.withResolvers<void>();
  await using host = new RawHost(async (connection) => {
    await connection.request();
    await connection.write(`${CHUNKED}1\r\na\r\n`);
    await connection.closed();
    closed.resolve();
  });
  const { body } = await post(new HttpClient(host.url), host);
  await body.read();
  await body.cancel();
  await closed.promise;
});

Deno.test("HttpClient keeps a limited number of idle connections", async () => {
  const { promise: resumed, resolve } = Promise.withResolvers<void>();
  await using host = new RawHost(async (connection) => {
    await connection.request();
    await connection.write(CHUNKED);
    await resumed;
    await connection.write("0\r\n\r\n");
    await connection.respond(`${CHUNKED}0\r\n\r\n`);
  });
  const client = new HttpClient(host.url);
  const round = () => Promise.all(Array.from({ length: 100 }, () => post(client, host)));
  const first = await round();
  resolve();
  await Promise.all(first.map(textOf));
  await Promise.all((await round()).map(textOf));
  assertEquals(host.connections, 136);
});

Deno.test("HttpClient does not keep the process alive with an idle connection", async () => {
  await using host = new RawHost((connection) => connection.respond(HELLO));
  const program = `
    import { HttpClient } from ${JSON.stringify(new URL("../../../upstream/http/http_client.ts", import.meta.url))};
    const request = { headers: {}, body: "{}", signal: new AbortController().signal };
    const { body } = await new HttpClient("${host.url}", { maxIdleMs: 2 ** 30 }).send({ url: "${host.url}", ...request });
    while (await body.read() !== undefined);
    console.log("read");
  `;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", program] }).output();
  assertEquals([code, new TextDecoder().decode(stdout)], [0, "read\n"]);
});
