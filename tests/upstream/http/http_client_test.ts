/** One host and its connections: what is sent, what comes of it, and when a connection serves another request. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BadResponseError } from "../../../upstream/http/response_head.ts";
import { HttpClient, type HttpResponse } from "../../../upstream/http/http_client.ts";
import { chunksOf } from "../../../upstream/http/provider_bytes.ts";
import { FakeOpenAI, readTlsKeyPair } from "../../fake_openai.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the host does with a connection. */
type Script = (connection: HostConnection, count: number) => Promise<void>;

/** A host that follows a script on each connection, and closes what the script leaves open. */
class Host implements AsyncDisposable {
  /** Connections so far. */
  connections = 0;
  /** Answers that were written whole. */
  answers = 0;
  readonly #listener: Deno.TcpListener;
  readonly #served: Promise<void>;
  readonly #open = new Set<HostConnection>();

  constructor(script: Script, hostname = "127.0.0.1") {
    this.#listener = Deno.listen({ hostname, port: 0 });
    this.#served = this.#serve(script);
  }

  get url(): string {
    const { hostname, port } = this.#listener.addr;
    return `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}/v1/chat`;
  }

  async #serve(script: Script): Promise<void> {
    const all: Promise<void>[] = [];
    for await (const conn of this.#listener) {
      const connection = new HostConnection(conn, () => this.answers++);
      this.#open.add(connection);
      all.push(script(connection, this.connections++).catch(() => {}).finally(() => connection.close()));
    }
    await Promise.all(all);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) connection.close();
    await this.#served;
    // What the client had kept ends with that.
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** One connection, from the host's side. */
class HostConnection {
  readonly #conn: Deno.Conn;
  readonly #onAnswer: () => void;
  #isOpen = true;

  constructor(conn: Deno.Conn, onAnswer: () => void) {
    this.#conn = conn;
    this.#onAnswer = onAnswer;
  }

  /** Reads one request, whole. @throws when the client is gone */
  async request(): Promise<string> {
    let text = "";
    const byte = new Uint8Array(1);
    while (!text.endsWith("\r\n\r\n")) text += String.fromCharCode(await this.#byte(byte));
    const body = new Uint8Array(Number(/content-length: (\d+)/.exec(text)![1]));
    for (let at = 0; at < body.length; at++) body[at] = await this.#byte(byte);
    return text + decoder.decode(body);
  }

  async write(...pieces: readonly (string | Uint8Array)[]): Promise<void> {
    for (const piece of pieces) {
      const bytes = typeof piece === "string" ? encoder.encode(piece) : piece;
      for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
      // A turn of the event loop: pieces come apart.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** Answers one request after the other with the same bytes. */
  async answer(...pieces: readonly (string | Uint8Array)[]): Promise<void> {
    for (;;) await this.answerOnce(...pieces);
  }

  async answerOnce(...pieces: readonly (string | Uint8Array)[]): Promise<void> {
    await this.request();
    await this.write(...pieces);
    this.#onAnswer();
  }

  /** Resolves when the client has closed. */
  async closed(): Promise<void> {
    const buffer = new Uint8Array(1024);
    while (await this.#conn.read(buffer).catch(() => null) !== null);
  }

  close(): void {
    if (this.#isOpen) this.#conn.close();
    this.#isOpen = false;
  }

  async #byte(buffer: Uint8Array): Promise<number> {
    if (await this.#conn.read(buffer) === null) throw new Error("the client is gone");
    return buffer[0]!;
  }
}

function ask(client: HttpClient, { url }: Pick<Host, "url">, body = "{}", signal = new AbortController().signal) {
  return client.send({ url, headers: { accept: "text/event-stream" }, body, signal });
}

async function textOf({ body }: HttpResponse): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of chunksOf(body)) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}

/** Asks so many times, one after the other. */
async function askAll(host: Host, times: number): Promise<string[]> {
  const client = new HttpClient(host.url);
  const texts: string[] = [];
  for (let time = 0; time < times; time++) {
    texts.push(await textOf(await ask(client, host)));
    // All has been said, and there was a turn in which what is left of it could be heard.
    do await new Promise((resolve) => setTimeout(resolve)); while (host.answers <= time);
    await new Promise((resolve) => setTimeout(resolve));
  }
  return texts;
}

function hasIPv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

Deno.test("HttpClient sends a request as HTTP wants it", async () => {
  let seen = "";
  await using host = new Host(async (connection) => {
    seen = await connection.request();
    await connection.write("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
  });
  const url = `${host.url}?a=%20b`;
  const signal = new AbortController().signal;
  const client = new HttpClient(url);
  const headers = { "x-latin": "caf\u00e9", "accept-encoding": "gzip" };
  await textOf(await client.send({ url, headers, body: '{"text":"wörld 👍"}', signal }));
  assertEquals(
    seen,
    `POST /v1/chat?a=%20b HTTP/1.1\r\nhost: ${
      new URL(url).host
    }\r\nx-latin: caf\u00e9\r\naccept-encoding: identity\r\n` +
      'content-length: 22\r\n\r\n{"text":"wörld 👍"}',
  );
});

Deno.test("HttpClient gives status, headers and body, in any pieces", async () => {
  const answer = "HTTP/1.1 201 Made\r\nX-Name: value\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "6\r\nhello \r\n7\r\nwörld!\r\n0\r\n\r\n";
  await using host = new Host(async (connection) => {
    await connection.request();
    await connection.write(...Array.from(encoder.encode(answer), (byte) => Uint8Array.of(byte)));
    await connection.answer(answer);
  });
  const client = new HttpClient(host.url);
  for (let time = 0; time < 2; time++) {
    const response = await ask(client, host);
    assertEquals([response.status, response.headers.get("x-name")], [201, "value"]);
    assertEquals(await textOf(response), "hello wörld!");
  }
});

Deno.test("HttpClient reads a body of megabytes whole", async () => {
  const piece = "0123456789abcdef".repeat(4096);
  const pieces = Array.from({ length: 64 }, () => `${piece.length.toString(16)}\r\n${piece}\r\n`);
  await using host = new Host((connection) => connection.answer(CHUNKED, pieces.join(""), "0\r\n\r\n"));
  assertEquals(await askAll(host, 2), [piece.repeat(64), piece.repeat(64)]);
  assertEquals(host.connections, 1);
});

Deno.test("HttpClient skips what is said on the way to the answer", async () => {
  await using host = new Host((connection) =>
    connection.answer(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n",
      `${CHUNKED}1\r\na\r\n0\r\n\r\n`,
    )
  );
  assertEquals(await askAll(host, 2), ["a", "a"]);
  assertEquals(host.connections, 1);
});

for (
  const [name, ...pieces] of [
    ["chunked", CHUNKED, "1\r\na\r\n", "0\r\n\r\n"],
    ["with a length", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na"],
    ["without a body", "HTTP/1.1 204 No Content\r\n\r\n"],
    ["of an error", "HTTP/1.1 429 No\r\ncontent-length: 2\r\n\r\n{}"],
  ]
) {
  Deno.test(`HttpClient asks again over the same connection after an answer ${name}`, async () => {
    await using host = new Host((connection) => connection.answer(...pieces));
    await askAll(host, 5);
    assertEquals(host.connections, 1);
  });
}

for (
  const [name, ...pieces] of [
    ["that says so", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\nconnection: close\r\n\r\na"],
    ["of HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na"],
    [
      "that has two lengths",
      "HTTP/1.1 200 OK\r\ncontent-length: 11\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    ],
    ["that goes on", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na!"],
    ["that goes on after its chunks", `${CHUNKED}1\r\na\r\n0\r\n\r\n!`],
    ["that goes on later", `${CHUNKED}1\r\na\r\n0\r\n\r\n`, "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nother"],
    ["that is broken", `${CHUNKED}1\r\na\r\nx`],
  ]
) {
  Deno.test(`HttpClient never asks over the same connection after an answer ${name}`, async () => {
    await using host = new Host((connection) => connection.answer(...pieces));
    assertEquals(await askAll(host, 3), ["a", "a", "a"]);
    assertEquals(host.connections, 3);
  });
}

Deno.test("HttpClient asks over another connection while the first is busy", async () => {
  await using host = new Host((connection) => connection.answer(`${CHUNKED}1\r\na\r\n`));
  const client = new HttpClient(host.url);
  const [first, second] = await Promise.all([ask(client, host), ask(client, host)]);
  assertEquals(host.connections, 2);
  await Promise.all([first.body.cancel(), second.body.cancel()]);
});

Deno.test("HttpClient notices that the host has closed a connection", async () => {
  const answer = `${CHUNKED}1\r\na\r\n0\r\n\r\n`;
  await using host = new Host(async (connection) => {
    await connection.answerOnce(answer);
  });
  assertEquals(await askAll(host, 3), ["a", "a", "a"]);
  assertEquals(host.connections, 3);
});

Deno.test("HttpClient asks again, once, where the host closes instead of answering a second time", async () => {
  const requests: number[] = [];
  await using host = new Host(async (connection, count) => {
    await connection.request();
    requests.push(count);
    if (count > 0) return;
    await connection.write(`${CHUNKED}1\r\na\r\n0\r\n\r\n`);
    await connection.request();
    requests.push(count);
  });
  const client = new HttpClient(host.url);
  assertEquals(await textOf(await ask(client, host)), "a");
  await assertRejects(() => ask(client, host), Error);
  assertEquals(requests, [0, 0, 1]);
});

for (
  const [name, isCut, ...pieces] of [
    ["nothing", true],
    ["half a head", true, "HTTP/1.1 200 OK\r\nconte"],
    ["something else", false, "SSH-2.0-OpenSSH_9\r\n\r\n"],
    [
      "a head without an end",
      false,
      "HTTP/1.1 200 OK\r\n",
      ...Array.from({ length: 40 }, () => `a: ${"b".repeat(1000)}\r\n`),
    ],
    ["hints without an end", false, "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(2000)],
  ] as const
) {
  Deno.test(`HttpClient refuses a host that answers with ${name}, and closes the connection`, async () => {
    const closed = Promise.withResolvers<void>();
    await using host = new Host(async (connection) => {
      await connection.request();
      await connection.write(...pieces).then(() => isCut ? undefined : connection.closed()).finally(closed.resolve);
    });
    await assertRejects(() => ask(new HttpClient(host.url), host), BadResponseError);
    await closed.promise;
  });
}

Deno.test("HttpClient takes an answer that comes before the request is read, and does not ask there again", async () => {
  await using host = new Host(async (connection) => {
    await connection.write("HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\n{}");
    await connection.closed();
  });
  const client = new HttpClient(host.url);
  const long = "x".repeat(32 * 1024 * 1024);
  for (let time = 0; time < 2; time++) {
    const response = await ask(client, host, long);
    assertEquals([response.status, await textOf(response)], [413, "{}"]);
  }
  assertEquals(host.connections, 2);
});

Deno.test("HttpClient closes the connection when it is told to stop, before, during and after the head", async () => {
  for (const pieces of [[], ["HTTP/1.1 200 OK\r\n"], [CHUNKED]]) {
    const written = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    await using host = new Host(async (connection) => {
      await connection.request();
      await connection.write(...pieces);
      written.resolve();
      await connection.closed();
      closed.resolve();
    });
    const controller = new AbortController();
    const asked = ask(new HttpClient(host.url), host, "{}", controller.signal);
    await written.promise;
    if (pieces[0] === CHUNKED) {
      const { body } = await asked;
      const read = body.read();
      controller.abort(new Error("enough"));
      assertEquals(await read, undefined);
      await body.cancel();
    } else {
      controller.abort(new Error("enough"));
      await assertRejects(() => asked, Error, "enough");
    }
    await closed.promise;
  }
});

Deno.test("HttpClient asks nothing when it is told to stop beforehand, and while it connects", async () => {
  await using host = new Host((connection) => connection.closed());
  await assertRejects(
    () => ask(new HttpClient(host.url), host, "{}", AbortSignal.abort(new Error("enough"))),
    Error,
    "enough",
  );
  const controller = new AbortController();
  const asked = ask(new HttpClient(host.url), host, "{}", controller.signal);
  controller.abort(new Error("enough"));
  await assertRejects(() => asked, Error, "enough");
});

Deno.test("HttpClient leaves a connection alone that serves somebody else when an old signal aborts", async () => {
  const answers = [`${CHUNKED}1\r\na\r\n0\r\n\r\n`, CHUNKED];
  const { promise: goOn, resolve } = Promise.withResolvers<void>();
  await using host = new Host(async (connection) => {
    await connection.request();
    await connection.write(answers[0]!);
    await connection.request();
    await connection.write(answers[1]!);
    await goOn;
    await connection.write("1\r\nb\r\n0\r\n\r\n");
    await connection.closed();
  });
  const client = new HttpClient(host.url);
  const old = new AbortController();
  await textOf(await ask(client, host, "{}", old.signal));
  const response = await ask(client, host);
  old.abort();
  resolve();
  assertEquals(await textOf(response), "b");
  assertEquals(host.connections, 1);
});

Deno.test("HttpClient closes the connection of a body that nobody reads to its end", async () => {
  const closed = Promise.withResolvers<void>();
  await using host = new Host(async (connection) => {
    await connection.request();
    await connection.write(`${CHUNKED}1\r\na\r\n`);
    await connection.closed();
    closed.resolve();
  });
  const { body } = await ask(new HttpClient(host.url), host);
  await body.read();
  await body.cancel();
  await closed.promise;
});

Deno.test("HttpClient ends the body where the connection breaks, with all that came", async () => {
  await using host = new Host(async (connection) => {
    await connection.answerOnce(`${CHUNKED}1\r\na\r\n`, "5\r\nbc");
  });
  assertEquals(await askAll(host, 1), ["abc"]);
});

Deno.test("HttpClient keeps a limited number of connections", async () => {
  const { promise: goOn, resolve } = Promise.withResolvers<void>();
  await using host = new Host(async (connection) => {
    await connection.request();
    await connection.write(CHUNKED);
    await goOn;
    await connection.write("0\r\n\r\n");
    await connection.answer(`${CHUNKED}0\r\n\r\n`);
  });
  const client = new HttpClient(host.url);
  const round = () => Promise.all(Array.from({ length: 100 }, () => ask(client, host)));
  const first = await round();
  resolve();
  await Promise.all(first.map(textOf));
  await Promise.all((await round()).map(textOf));
  assertEquals(host.connections, 136);
});

for (const [encoding, format] of [["gzip", "gzip"], ["Deflate", "deflate"], ["br", "brotli"]] as const) {
  Deno.test(`HttpClient takes off ${encoding}, which it has not asked for, as it comes`, async () => {
    const stream = new CompressionStream(format as CompressionFormat);
    const writer = stream.writable.getWriter();
    void writer.write(encoder.encode("hello ".repeat(10_000))).then(() => writer.close());
    const bytes = new Uint8Array(await new Response(stream.readable).arrayBuffer());
    await using host = new Host((connection) =>
      connection.answer(
        `HTTP/1.1 200 OK\r\ncontent-encoding: ${encoding}\r\ncontent-length: ${bytes.length}\r\n\r\n`,
        bytes.subarray(0, 20),
        bytes.subarray(20),
      )
    );
    assertEquals(await askAll(host, 2), ["hello ".repeat(10_000), "hello ".repeat(10_000)]);
  });
}

Deno.test("HttpClient keeps no process alive by a connection that nobody uses", async () => {
  await using host = new Host((connection) => connection.answer(`${CHUNKED}1\r\na\r\n0\r\n\r\n`));
  const program = `
    import { HttpClient } from ${JSON.stringify(new URL("../../../upstream/http/http_client.ts", import.meta.url))};
    const request = { method: "POST", headers: {}, body: "{}", signal: new AbortController().signal };
    const { body } = await new HttpClient("${host.url}").send({ url: "${host.url}", ...request });
    while (await body.read() !== undefined);
    console.log("read");
  `;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), { args: ["eval", program] }).output();
  assertEquals([code, decoder.decode(stdout)], [0, "read\n"]);
});

Deno.test("HttpClient asks a host by its IPv6 address", { ignore: !hasIPv6() }, async () => {
  await using host = new Host((connection) => connection.answer(`${CHUNKED}1\r\na\r\n0\r\n\r\n`), "::1");
  assert(host.url.startsWith("http://[::1]:"));
  assertEquals(await askAll(host, 1), ["a"]);
});

Deno.test("HttpClient says that a host cannot be reached", async () => {
  const host = new Host(() => Promise.resolve());
  await host[Symbol.asyncDispose]();
  await assertRejects(() => ask(new HttpClient(host.url), host), Deno.errors.ConnectionRefused);
});

Deno.test("HttpClient does not trust a host whose certificate nobody has signed", async () => {
  await using provider = new FakeOpenAI(() => ({ body: ["never"] }), await readTlsKeyPair());
  const client = new HttpClient(provider.baseURL);
  await assertRejects(() => ask(client, { url: provider.baseURL }), Deno.errors.InvalidData, "certificate");
  assertEquals(provider.requests, []);
});
