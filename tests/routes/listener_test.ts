/** Tests the listening socket in a process with few file descriptors, and with clients that close half of a connection. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { contentChunk, FakeOpenAI, sse } from "../fake_openai.ts";
import { PausingProvider } from "../pausing_provider.ts";
import { Program } from "../program.ts";
import { eventsOf, TestServer, textOf } from "../test_server.ts";

const IS_LINUX = Deno.build.os === "linux";
const LINUX_ONLY = IS_LINUX ? "" : " (ignored: this is not Linux)";
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const CHAT = '{"messages":[{"role":"user","content":"Hi"}]}';
const CHAT_REQUEST = "POST /api/chat HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n" +
  `content-length: ${CHAT.length}\r\n\r\n${CHAT}`;

/** A connection that is kept open between requests, as a health check's or a proxy's. */
class KeptConnection implements Disposable {
  readonly #connection: Deno.Conn;

  private constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  static async open(port: number): Promise<KeptConnection> {
    return new KeptConnection(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** The status and the text of a response that arrives in one chunk. */
  async get(path: string): Promise<[status: number, body: string]> {
    const response = await this.send(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`, /\r\n\r\n./);
    return [Number(response.split(" ")[1]), response.slice(response.indexOf("\r\n\r\n") + 4)];
  }

  /** Sends a request. @returns the response so far, once it matches */
  async send(request: string, wanted: RegExp): Promise<string> {
    await this.#connection.write(encoder.encode(request));
    let response = "";
    const buffer = new Uint8Array(4096);
    while (!wanted.test(response)) {
      const read = await this.#connection.read(buffer);
      if (read === null) throw new Error(`The connection ended after ${response}`);
      response += decoder.decode(buffer.subarray(0, read));
    }
    return response;
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** Opens idle connections until `count` are open or one is refused. */
async function flood(port: number, count: number): Promise<Deno.Conn[]> {
  const connections: Deno.Conn[] = [];
  try {
    while (connections.length < count) connections.push(await Deno.connect({ hostname: "127.0.0.1", port }));
  } catch (error) {
    // A connection that waits to be accepted is reset when the socket closes.
    const isClosed = error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.ConnectionReset;
    if (!isClosed) throw error;
  }
  return connections;
}

Deno.test({
  name: `Listener pauses when file descriptors run out, keeps live streams, and resumes${LINUX_ONLY}`,
  ignore: !IS_LINUX,
  async fn() {
    await using provider = new PausingProvider();
    const env = { OPENAI_BASE_URL: provider.baseURL, RATE_LIMIT_STREAMS_AT_ONCE: "0" };
    await using program = await Program.start(env, { openFiles: 256 });
    using healthCheck = await KeptConnection.open(program.port);
    using visitor = await KeptConnection.open(program.port);
    assertEquals(await healthCheck.get("/readyz"), [200, '{"status":"ready"}']);
    const live = await Promise.all(Array.from({ length: 5 }, () => program.chat()));

    const idle = await flood(program.port, 300);
    await program.printedError("accepting connections is paused");
    assertEquals(await healthCheck.get("/readyz"), [503, '{"status":"out_of_file_descriptors"}']);
    assertEquals(await healthCheck.get("/healthz"), [200, '{"status":"ok"}']);
    // The spare descriptors connect to the provider.
    assertStringIncludes(await visitor.send(CHAT_REQUEST, /\n\n/), 'event: text\ndata: "first "');

    for (const connection of idle) connection.close();
    const printed = await program.printedError("Accepting connections again.");
    assertEquals(printed.match(/accepting connections is paused/g)?.length, 1, "one line for a pause");
    const ready = await fetch(`${program.origin}/readyz`);
    assertEquals([ready.status, await ready.json()], [200, { status: "ready" }]);
    provider.finish();
    for (const response of live) {
      const events = await eventsOf(response);
      assertEquals([textOf(events), events.at(-1)!.type], ["first last", "stop"]);
    }
    assertEquals(textOf(await eventsOf(await program.chat())), "first last");
    program.signal("SIGTERM");
    assertEquals((await program.status()).code, 0);
  },
});

Deno.test({
  name: `Listener pauses when the limit of open files shrinks below what is open${LINUX_ONLY}`,
  ignore: !IS_LINUX,
  async fn() {
    await using provider = new PausingProvider();
    await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL }, { openFiles: 1024 });
    const live = await program.chat();
    const idle = await flood(program.port, 200);
    await setOpenFiles(program.pid, 128);
    // The next connection is accepted by the kernel, and fails in the process.
    const last = await flood(program.port, 1);
    await program.printedError("accepting connections is paused");
    for (const connection of [...idle, ...last]) connection.close();
    await program.printedError("Accepting connections again.");
    provider.finish();
    assertEquals(textOf(await eventsOf(live)), "first last");
    assertEquals(textOf(await eventsOf(await program.chat())), "first last");
  },
});

Deno.test({
  name: `Listener closes when it is paused${LINUX_ONLY}`,
  ignore: !IS_LINUX,
  async fn() {
    await using provider = new PausingProvider();
    await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL }, { openFiles: 128 });
    const live = await program.chat();
    const idle = await flood(program.port, 200);
    await program.printedError("accepting connections is paused");
    program.signal("SIGTERM");
    provider.finish();
    assertEquals(textOf(await eventsOf(live)), "first last");
    assertEquals((await program.status()).code, 0);
    for (const connection of idle) connection.close();
  },
});

async function setOpenFiles(pid: number, count: number): Promise<void> {
  const { code } = await new Deno.Command("prlimit", { args: [`--pid=${pid}`, `--nofile=${count}:${count}`] }).output();
  assertEquals(code, 0);
}

/** The response to a request whose sender closes its side of the connection right after it. */
async function sendAndHalfClose(origin: string, request: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(origin).port) });
  await connection.write(encoder.encode(request));
  await connection.closeWrite();
  return await new Response(connection.readable).text().catch(() => "");
}

Deno.test("app sends the health to a client that closes its side after the request", async () => {
  await using server = new TestServer();
  const response = await sendAndHalfClose(server.origin, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
  assert(response.endsWith('{"status":"ok"}'), response);
});

Deno.test("chat logs ClientLeft when a client closes its side after the request", async () => {
  await using provider = new FakeOpenAI(() => ({ body: sse(contentChunk("a")), end: "stall" }));
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL });
  for (let sent = 1; sent <= 20; sent++) {
    await sendAndHalfClose(program.origin, CHAT_REQUEST);
    await program.printedOften(/"outcome":"(?:ClientLeft|client_left)"/g, sent);
  }
  await provider.until(({ requests, aborts }) => aborts === requests.length);
});
