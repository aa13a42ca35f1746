/** The program in its own process: real signals, `--help`, `.env`, and an invalid configuration. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { eventsOf, textOf } from "./test_server.ts";
import { answerOf, contentChunk, FakeOpenAI, readTlsKeyPair, sse, TLS_CERTIFICATE } from "./fake_openai.ts";

const MAIN = new URL("../main.ts", import.meta.url).pathname;
const decoder = new TextDecoder();

/** The server in its own process. */
class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;
  #stdout = "";
  origin = "";

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  static async start(env: Record<string, string>, cwd?: string, port = 0): Promise<Program> {
    const program = new Program(command([`--port=${port}`], env, cwd).spawn());
    await program.printed("listening on ");
    program.origin = program.#stdout.match(/http:\/\/\S+/)![0];
    return program;
  }

  /** Everything printed, once it includes `text`. */
  async printed(text: string): Promise<string> {
    while (!this.#stdout.includes(text)) {
      const { value, done } = await this.#output.read();
      if (done) throw new Error(`The server stopped without printing ${text}: ${this.#stdout}`);
      this.#stdout += value;
    }
    return this.#stdout;
  }

  chat(): Promise<Response> {
    return fetch(`${this.origin}/api/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"messages":[{"role":"user","content":"Hi"}]}',
    });
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async status(): Promise<Deno.CommandStatus> {
    while (!(await this.#output.read()).done);
    await this.#child.stderr.cancel();
    return await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // Stopped already.
    }
    await this.status();
  }
}

function command(args: readonly string[], env: Record<string, string> = {}, cwd = Deno.cwd()): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-net", "--allow-read", "--allow-env", MAIN, ...args],
    env: { OPENAI_API_KEY: "", OPENAI_BASE_URL: "", ANTHROPIC_API_KEY: "", GEMINI_API_KEY: "", ...env },
    cwd,
    stdout: "piped",
    stderr: "piped",
  });
}

Deno.test("main prints its address and uses the demo when no provider is set", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using program = await Program.start({}, folder);
    assertStringIncludes(await program.printed("\nProvider"), "Provider: the built-in demo");
    const response = await fetch(`${program.origin}/healthz`);
    assertEquals(await response.json(), { status: "ok" });
  }
  await Deno.remove(folder);
});

Deno.test("main reads its provider from .env when the environment does not set it", async () => {
  await using provider = new FakeOpenAI(() => ({ body: answerOf("from .env") }));
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/.env`, `CHAT_MODEL=from-file\nOPENAI_BASE_URL=${provider.baseURL}\n`);
  {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--allow-net", "--allow-read", "--allow-env", MAIN, "--port=0"],
      env: { CHAT_MODEL: "from-environment" },
      cwd: folder,
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let printed = "";
    while (!printed.includes("\nProvider")) printed += (await reader.read()).value ?? "";
    while (!printed.endsWith("\n")) printed += (await reader.read()).value ?? "";
    assertStringIncludes(printed, `Provider: ${provider.baseURL}, model from-environment`);
    const response = await fetch(`${printed.match(/http:\/\/localhost:\d+/)![0]}/api/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"messages":[{"role":"user","content":"Hi"}]}',
    });
    assertEquals(textOf(await eventsOf(response)), "from .env");
    assertEquals(provider.requests[0]!.headers.get("authorization"), null);
    child.kill("SIGTERM");
    while (!(await reader.read()).done);
    assertEquals((await child.status).code, 0);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("main opens a connection for each answer when the provider offers HTTP/2", async () => {
  // Over HTTP/2 both answers would share a connection, on which a provider limits the number of streams.
  const script = () => ({ body: sse(contentChunk("hi")), end: "stall" }) as const;
  await using provider = new FakeOpenAI(script, await readTlsKeyPair());
  const env = { OPENAI_BASE_URL: provider.baseURL, PROXY_KEYS: "me:a-key-of-sixteen", DENO_CERT: TLS_CERTIFICATE };
  await using program = await Program.start(env);
  const chat = await program.chat();
  const proxied = await fetch(`${program.origin}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer a-key-of-sixteen" },
    body: "{}",
  });
  assertEquals([chat.status, proxied.status, provider.openSockets], [200, 200, 2]);
  await Promise.all([chat, proxied].map(({ body }) => body!.cancel()));
});

Deno.test("main sends requests through the proxy that the environment names", async () => {
  for (const name of ["HTTP_PROXY", "all_proxy"]) {
    await using proxy = new FakeOpenAI(() => ({ body: answerOf("by proxy") }));
    const env = { OPENAI_BASE_URL: "http://provider.invalid/v1", [name]: new URL(proxy.baseURL).origin };
    await using program = await Program.start(env);
    assertEquals(textOf(await eventsOf(await program.chat())), "by proxy");
    assertEquals(proxy.requests.map(({ path }) => path), ["http://provider.invalid/v1/chat/completions"]);
  }
});

Deno.test("main lets live streams end and refuses new ones when it is stopping", async () => {
  const { promise: finish, resolve } = Promise.withResolvers<void>();
  async function* body() {
    yield* sse(contentChunk("first "));
    await finish;
    yield* answerOf("last");
  }
  await using provider = new FakeOpenAI(() => ({ body: body() }));
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL });
  const live = await program.chat();
  program.signal("SIGTERM");
  while ((await fetch(`${program.origin}/readyz`).then((r) => r.body!.cancel().then(() => r.status))) !== 503);
  const refused = await program.chat();
  assertEquals([refused.status, (await refused.json()).errorType], [503, "ServerBusy"]);
  resolve();
  const events = await eventsOf(live);
  assertEquals([textOf(events), events.at(-1)!.type], ["first last", "stop"]);
  assertEquals((await program.status()).code, 0);
});

Deno.test("main sends ServerBusy when a provider has not responded within the drain time", async () => {
  await using provider = new FakeOpenAI(() => ({ end: "silent" }));
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL, DRAIN_MS: "300" });
  const waiting = program.chat();
  await provider.until(({ requests }) => requests.length === 1);
  program.signal("SIGTERM");
  const response = await waiting;
  assertEquals([response.status, (await response.json()).errorType], [503, "ServerBusy"]);
  assertEquals((await program.status()).code, 0);
});

Deno.test("main ends live streams with one ServerBusy error when the grace period is over", async () => {
  await using provider = new FakeOpenAI(() => ({ body: sse(contentChunk("cut here")), end: "stall" }));
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL, DRAIN_MS: "100" });
  const live = await program.chat();
  program.signal("SIGINT");
  const events = await eventsOf(live);
  assertEquals(textOf(events), "cut here");
  const last = events.at(-1)!;
  assert(last.type === "error");
  assertEquals(last.data.type, "ServerBusy");
  assertEquals((await program.status()).code, 0);
  await provider.until(({ openSockets }) => openSockets === 0);
});

/** A free port. Several processes cannot share one that the system chooses. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test(
  "main shares its port with another process when REUSE_PORT is true",
  { ignore: Deno.build.os !== "linux" },
  async () => {
    await using provider = new FakeOpenAI(() => ({ body: answerOf("shared") }));
    const env = { REUSE_PORT: "true", OPENAI_BASE_URL: provider.baseURL };
    const port = freePort();
    await using first = await Program.start(env, undefined, port);
    await using second = await Program.start(env, undefined, port);
    for (let chat = 0; chat < 8; chat++) assertEquals(textOf(await eventsOf(await second.chat())), "shared");
    first.signal("SIGTERM");
    assertEquals((await first.status()).code, 0);
    assertEquals(textOf(await eventsOf(await second.chat())), "shared");
  },
);

Deno.test("main serves its static files when it is started in another directory", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using program = await Program.start({}, folder);
    const response = await fetch(`${program.origin}/chat-stream.js`);
    assertEquals([response.status, response.headers.get("content-type")], [200, "text/javascript; charset=utf-8"]);
    await response.body!.cancel();
  }
  await Deno.remove(folder);
});

Deno.test("main exits with one line when a variable is invalid", async () => {
  const { code, stderr, stdout } = await command([], { PORT: "eighty" }).output();
  assertEquals([code, decoder.decode(stdout)], [2, ""]);
  const line = 'chat-stream cannot start: PORT is "eighty", wanted a whole number from 0 to 65535\n';
  assertEquals(decoder.decode(stderr), line);
});

Deno.test("main prints its usage with --help, and when the command line is invalid", async () => {
  const help = await command(["--help"]).output();
  assertEquals(help.code, 0);
  assertStringIncludes(decoder.decode(help.stdout), "--port=PORT");
  assertEquals((await command(["--prot=1"]).output()).code, 2);
});
