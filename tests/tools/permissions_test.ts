/** Tests that the server works with the permissions that `deno task start` gives it, and has no others. @module */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mintEmbedToken } from "../../routes/embed_token.ts";
import { serverEnvironment, serverFlags, serverPermissions } from "../../tools/permissions.ts";
import { RUNTIME_FLAGS } from "../../tools/runtime_flags.ts";
import { answerOf, FakeOpenAI, TLS_CERTIFICATE, TLS_KEY_FILE } from "../fake_openai.ts";
import { RedisServer, redisTest } from "../redis_server.ts";
import { eventsOf, textOf } from "../test_server.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Reads a file; there is none. */
function missing(): never {
  throw new Deno.errors.NotFound();
}

function permissionsFor(env: Record<string, string>, files: Record<string, string> = {}): string[] {
  return serverPermissions((name) => env[name], (path) => {
    if (files[path] === undefined) throw new Deno.errors.NotFound();
    return files[path];
  });
}

/** Starts a program with exactly these permissions, in the project's folder. */
function run(program: string, permissions: readonly string[], env: Record<string, string> = {}): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", ...permissions, program],
    env: { OPENAI_API_KEY: "", ANTHROPIC_API_KEY: "", GEMINI_API_KEY: "", ...env },
    cwd: ROOT,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

Deno.test("serverPermissions names the server's host, the provider's, the files and the variables", () => {
  const [net, read, env = ""] = permissionsFor({
    HOST: "::",
    OPENAI_BASE_URL: "https://llm.example/v1",
    CHAT_SYSTEM_PROMPT: "@prompt.md",
  }, { "prompt.md": "Be kind." });
  assertEquals(net, "--allow-net=[::]:3001,llm.example:443");
  assertEquals(read, "--allow-read=dist/static,/dev/null,.env,chat-stream.config.json,prompt.md");
  assertEquals(["OPENAI_API_KEY", "EMBED_SECRET", "PORT", "DRAIN_MS"].filter((name) => !env.includes(name)), []);
});

Deno.test("serverPermissions names the hosts of all providers whose keys are set", () => {
  assertEquals(permissionsFor({ ANTHROPIC_API_KEY: "k" })[0], "--allow-net=127.0.0.1:3001,api.anthropic.com:443");
  assertEquals(
    permissionsFor({ OPENAI_API_KEY: "k", GEMINI_API_KEY: "k" })[0],
    "--allow-net=127.0.0.1:3001,api.openai.com:443,generativelanguage.googleapis.com:443",
  );
});

Deno.test("serverPermissions names the host of Redis, and the variables that its client looks at", () => {
  const none = permissionsFor({});
  for (
    const [url, host] of [["redis://redis.internal", "redis.internal:6379"], [
      "rediss://u:p@r.example:7",
      "r.example:7",
    ]]
  ) {
    const [net, , env = ""] = permissionsFor({ REDIS_URL: url! });
    assertEquals(net, `--allow-net=127.0.0.1:3001,${host}`);
    assertStringIncludes(env, "REDIS_DEBUG_MAINTENANCE");
    assert(!net?.includes("u:p"));
  }
  assert(!none.join().includes("REDIS_DEBUG"));
});

Deno.test("serverPermissions adds the folders that development needs", () => {
  const [, read] = serverPermissions(() => undefined, missing, ["examples/pages"]);
  assertStringIncludes(read!, "--allow-read=dist/static,/dev/null,examples/pages,.env");
});

Deno.test("serverPermissions names the hosts and the key variables of a configuration file", () => {
  const models = ["m"];
  const providers = [
    { name: "a", baseURL: "https://a.example/v1", apiKeyEnv: "KEY_A", models },
    { name: "b", baseURL: "http://[::1]:8080/v1", models: ["n"] },
  ];
  const files = { "my.json": JSON.stringify({ providers }) };
  const [net, read, env = ""] = permissionsFor({ CONFIG: "my.json", KEY_A: "k" }, files);
  assertEquals([net, read], [
    "--allow-net=127.0.0.1:3001,a.example:443,[::1]:8080",
    "--allow-read=dist/static,/dev/null,.env,my.json",
  ]);
  assertStringIncludes(env, "KEY_A");
});

Deno.test("serverPermissions prefers the port of the command line to that of the environment", () => {
  const netFor = (...args: string[]) => serverPermissions(serverEnvironment(args), missing)[0];
  assertEquals(netFor("--port=8080"), "--allow-net=127.0.0.1:8080");
  assertEquals(netFor("--port", "8081", "--dev"), "--allow-net=127.0.0.1:8081");
  assertEquals(permissionsFor({ PORT: "8082", HOST: "localhost" })[0], "--allow-net=localhost:8082");
});

Deno.test("serverPermissions allows every port of the server's host when the system chooses the port", () => {
  assertEquals(permissionsFor({ PORT: "0" })[0], "--allow-net=127.0.0.1");
});

Deno.test("serverPermissions names the files of the certificate, which the server reads again while it runs", () => {
  const files = { "c.pem": Deno.readTextFileSync(TLS_CERTIFICATE), "k.pem": Deno.readTextFileSync(TLS_KEY_FILE) };
  const [, read = ""] = permissionsFor({ TLS_CERT: "c.pem", TLS_KEY: "k.pem" }, files);
  assertStringIncludes(read, ",c.pem,k.pem");
});

Deno.test("serverPermissions grants no network when the configuration is invalid", () => {
  assertEquals(permissionsFor({ PORT: "x" }).map((flag) => flag.split("=")[0]), ["--allow-read", "--allow-env"]);
});

Deno.test("main serves chats, proxy mode and pages with the permissions of its configuration", async () => {
  await using provider = new FakeOpenAI(() => ({ body: answerOf("Hello") }));
  const secret = { secret: "a-secret-for-tests-0123456789abcdef" };
  const env = {
    PORT: "0",
    OPENAI_BASE_URL: provider.baseURL,
    EMBED_SECRET: secret.secret,
    PROXY_KEYS: "tests:a-proxy-key-for-tests",
    RATE_LIMIT_TOKENS_PER_DAY: "100000",
  };
  const server = run("main.ts", permissionsFor(env), env);
  const output = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!/localhost:\d+\n/.test(printed)) printed += (await output.read()).value ?? "";
  const origin = printed.match(/http:\/\/localhost:\d+/)![0];
  const token = await mintEmbedToken(secret, { subject: "u", origin }, 60);
  const chat = await fetch(`${origin}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json", origin, authorization: `Bearer ${token}` },
    body: '{"messages":[{"role":"user","content":"Hi"}]}',
  });
  assertEquals(textOf(await eventsOf(chat)), "Hello");
  const proxied = await fetch(`${origin}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer a-proxy-key-for-tests" },
    body: '{"model":"m"}',
  });
  assertEquals(await proxied.text(), answerOf("Hello").join(""));
  const page = await fetch(`${origin}/`);
  await page.body?.cancel();
  assertEquals(page.status, 200);
  server.kill("SIGTERM");
  while (!(await output.read()).done);
  assertEquals((await server.status).code, 0);
});

redisTest("main shares runs through Redis with the permissions of its configuration", async () => {
  await using redis = await RedisServer.start();
  const env = { PORT: "0", REDIS_URL: redis.url };
  const server = run("main.ts", permissionsFor(env), env);
  const output = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!/localhost:\d+\n/.test(printed)) printed += (await output.read()).value ?? "";
  const origin = `http://127.0.0.1:${/localhost:(\d+)/.exec(printed)![1]}`;
  assertEquals(await (await fetch(`${origin}/readyz`)).json(), { status: "ready", redis: "ok" });
  const messages = [{ role: "user", content: "Hi" }];
  const response = await fetch(`${origin}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ messages, resumable: true }),
  });
  const id = response.headers.get("content-location")!.split("/").at(-1);
  await response.text();
  server.kill("SIGTERM");
  assertEquals((await server.status).code, 0);
  await output.cancel();
  assertEquals(await redis.send("XLEN", `chat-stream:1:{${id}}:events`) !== 0, true);
});

Deno.test("serverPermissions grants no other host, file, variable or program", async () => {
  const folder = await Deno.makeTempDir();
  const program = `${folder}/probe.ts`;
  await Deno.writeTextFile(
    program,
    `const attempts = [
      () => fetch("http://169.254.169.254/"),
      () => Deno.connect({ hostname: "localhost", port: 22 }),
      () => Deno.connect({ hostname: "127.0.0.1", port: 22 }),
      () => Deno.listen({ hostname: "127.0.0.1", port: 3002 }),
      () => Deno.readTextFile("/etc/passwd"),
      () => Deno.readTextFile("deno.json"),
      () => Deno.writeTextFile("dist/static/index.html", ""),
      () => Deno.env.get("HOME"),
      () => new Deno.Command("sh").output(),
      () => Deno.hostname(),
    ];
    for (const attempt of attempts) console.log(await Promise.try(attempt).catch((error) => error.name));`,
  );
  const probe = run(program, permissionsFor({ OPENAI_BASE_URL: "https://llm.example/v1" }));
  const { stdout } = await probe.output();
  assertEquals(new TextDecoder().decode(stdout), "NotCapable\n".repeat(10));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("serverFlags adds flags that the runtime accepts", async () => {
  const flags = serverFlags(() => undefined, () => "");
  assertEquals(flags.slice(0, RUNTIME_FLAGS.length), RUNTIME_FLAGS);
  const deno = new Deno.Command(Deno.execPath(), { args: ["run", ...flags, "-"], stdin: "null" });
  const { code, stderr } = await deno.output();
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
});
