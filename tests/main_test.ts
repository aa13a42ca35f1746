/** Tests the program in its own process: signals, `--help`, `.env`, and an invalid configuration. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import denoConfig from "../deno.json" with { type: "json" };
import { eventsOf, textOf } from "./test_server.ts";
import { PausingProvider } from "./pausing_provider.ts";
import { freePort, Program, programCommand } from "./program.ts";
import {
  answerOf,
  contentChunk,
  FakeOpenAI,
  readTlsKeyPair,
  sse,
  TLS_CERTIFICATE,
  TLS_KEY_FILE,
} from "./fake_openai.ts";

const IS_LINUX = Deno.build.os === "linux";
const decoder = new TextDecoder();

Deno.test("main prints its address and uses the demo when no provider is set", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using program = await Program.start({}, { cwd: folder });
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
    const env = { CHAT_MODEL: "from-environment", OPENAI_BASE_URL: undefined };
    await using program = await Program.start(env, { cwd: folder });
    assertStringIncludes(await program.printed("Provider"), `Provider: ${provider.baseURL}, model from-environment`);
    assertEquals(textOf(await eventsOf(await program.chat())), "from .env");
    assertEquals(provider.requests[0]!.headers.get("authorization"), null);
    program.signal("SIGTERM");
    assertEquals((await program.status()).code, 0);
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

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  Deno.test(`main finishes live streams and refuses new ones when it receives ${signal}`, async () => {
    await using provider = new PausingProvider();
    await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL });
    const live = await program.chat();
    program.signal(signal);
    while ((await fetch(`${program.origin}/readyz`).then((r) => r.body!.cancel().then(() => r.status))) !== 503);
    const refused = await program.chat();
    assertEquals([refused.status, (await refused.json()).errorType], [503, "ServerBusy"]);
    provider.finish();
    const events = await eventsOf(live);
    assertEquals([textOf(events), events.at(-1)!.type], ["first last", "stop"]);
    assertEquals((await program.status()).code, 0);
  });
}

Deno.test("main counts signals in quick succession as one", async () => {
  await using provider = new PausingProvider();
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL });
  const live = await program.chat();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) program.signal(signal);
  while ((await fetch(`${program.origin}/readyz`).then((r) => r.body!.cancel().then(() => r.status))) !== 503);
  provider.finish();
  assertEquals((await eventsOf(live)).at(-1), { type: "stop", data: "stop" });
  assertEquals((await program.status()).code, 0);
});

Deno.test("main ends live streams with one ServerBusy error when it receives a second signal", async () => {
  await using provider = new FakeOpenAI(() => ({ body: sse(contentChunk("cut here")), end: "stall" }));
  await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL });
  const live = eventsOf(await program.chat());
  let isOver = false;
  void live.finally(() => isOver = true);
  // A signal counts as a second one only a second or more after the first.
  while (!isOver) {
    program.signal("SIGTERM");
    await fetch(`${program.origin}/healthz`).then((response) => response.body!.cancel()).catch(() => {});
  }
  const last = (await live).at(-1)!;
  assert(last.type === "error");
  assertEquals([textOf(await live), last.data.type], ["cut here", "ServerBusy"]);
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

Deno.test("main ends live streams with one ServerBusy error when the drain time is over", async () => {
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

Deno.test(
  "main shares its port with another process when REUSE_PORT is true",
  { ignore: !IS_LINUX },
  async () => {
    await using provider = new FakeOpenAI(() => ({ body: answerOf("shared") }));
    const env = { REUSE_PORT: "true", OPENAI_BASE_URL: provider.baseURL };
    const port = freePort();
    await using first = await Program.start(env, { port });
    await using second = await Program.start(env, { port });
    for (let chat = 0; chat < 8; chat++) assertEquals(textOf(await eventsOf(await second.chat())), "shared");
    first.signal("SIGTERM");
    assertEquals((await first.status()).code, 0);
    assertEquals(textOf(await eventsOf(await second.chat())), "shared");
  },
);

Deno.test("main serves its static files when it is started in another directory", async () => {
  const folder = await Deno.makeTempDir();
  {
    await using program = await Program.start({}, { cwd: folder });
    const response = await fetch(`${program.origin}/chat-stream.js`);
    assertEquals([response.status, response.headers.get("content-type")], [200, "text/javascript; charset=utf-8"]);
    await response.body!.cancel();
  }
  await Deno.remove(folder);
});

Deno.test({
  name: `main serves when its output goes to a full disk${IS_LINUX ? "" : " (ignored: this is not Linux)"}`,
  ignore: !IS_LINUX,
  async fn() {
    await using provider = new FakeOpenAI(() => ({ body: answerOf("unlogged") }));
    const port = freePort();
    await using program = await Program.start({ OPENAI_BASE_URL: provider.baseURL }, { port, output: "/dev/full" });
    for (let chat = 0; chat < 3; chat++) assertEquals(textOf(await eventsOf(await program.chat())), "unlogged");
    program.signal("SIGTERM");
    assertEquals((await program.status()).code, 0);
  },
});

Deno.test("main exits with one line when a variable is invalid", async () => {
  const { code, stderr, stdout } = await programCommand([], { PORT: "eighty" }).output();
  assertEquals([code, decoder.decode(stdout)], [2, ""]);
  const line = 'chat-stream cannot start: PORT is "eighty", wanted a whole number from 0 to 65535\n';
  assertEquals(decoder.decode(stderr), line);
});

Deno.test("main prints the version of deno.json with --version", async () => {
  const { code, stdout } = await programCommand(["--version"]).output();
  assertEquals([code, decoder.decode(stdout).split(" ").slice(0, 2).join(" ")], [
    0,
    `chat-stream ${denoConfig.version}`,
  ]);
});

Deno.test("main prints with --check what would be served, and listens nowhere", async () => {
  const env = { OPENAI_BASE_URL: "http://localhost:11434/v1", CHAT_MODEL: "m", HOST: "0.0.0.0" };
  const { code, stdout, stderr } = await programCommand(["--check", "--port=4000"], env).output();
  assertEquals([code, decoder.decode(stdout)], [
    0,
    "The configuration is right. chat-stream would listen on http://localhost:4000\n" +
    "Provider: http://localhost:11434/v1, model m\n",
  ]);
  assertStringIncludes(decoder.decode(stderr), "WARNING: EMBED_SECRET is not set");
});

Deno.test("main exits with 2 and --check when the configuration is invalid", async () => {
  const { code, stderr } = await programCommand(["--check"], { MAX_STREAMS: "many" }).output();
  assertEquals(code, 2);
  assertStringIncludes(decoder.decode(stderr), 'MAX_STREAMS is "many"');
});

Deno.test("main tells with --health whether the server is alive, over HTTP and HTTPS", async () => {
  for (const env of [{}, { TLS_CERT: TLS_CERTIFICATE, TLS_KEY: TLS_KEY_FILE }]) {
    const health = (port: number) => programCommand(["--health", `--port=${port}`], env).output();
    const program = await Program.start(env);
    assertEquals((await health(program.port)).code, 0);
    await program[Symbol.asyncDispose]();
    assertEquals((await health(program.port)).code, 1);
  }
});

Deno.test("main prints its usage with --help, and when the command line is invalid", async () => {
  const help = await programCommand(["--help"]).output();
  assertEquals(help.code, 0);
  assertStringIncludes(decoder.decode(help.stdout), "--port=PORT");
  assertEquals((await programCommand(["--prot=1"]).output()).code, 2);
});
