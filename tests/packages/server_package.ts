/** The npm package of the server, as `npx chat-stream` gets it: packed, installed into an empty folder, started, used. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { LiveAnswer } from "../conformance/check.ts";
import { answerOf, contentChunk, FakeOpenAI, finishChunk, sse } from "../fake_openai.ts";
import { eventsOf, textOf } from "../test_server.ts";
import { NpmFolder, packageTest } from "./npm_folder.ts";

/** The most that the package may add to Deno's, in bytes. */
const MAX_INSTALLED_BYTES = 3_000_000;

const QUESTION = { messages: [{ role: "user", content: "Hi" }] };

packageTest("npx chat-stream starts from an empty folder and cache, chats, and stops at a signal", async () => {
  await using provider = new FakeOpenAI(() => ({ body: answerOf("It ", "works.") }));
  const cache = await Deno.makeTempDir();
  const start = performance.now();
  await using folder = await NpmFolder.create(["server"], [], ["--ignore-scripts", "--cache", cache]);
  const installed = performance.now();
  await folder.write(".env", `CHAT_SYSTEM_PROMPT=@prompt.md\nOPENAI_BASE_URL=${provider.baseURL}\n`);
  await folder.write("prompt.md", "Be brief.");
  const launcher = folder.command("chat-stream", ["--port=0"], { OPENAI_API_KEY: "sk-from-the-environment" }).spawn();
  const { origin, output, rest } = await readOrigin(launcher);
  console.log(
    `install: ${((installed - start) / 1000).toFixed(1)} s, start: ${
      ((performance.now() - installed) / 1000).toFixed(2)
    } s, own files: ${((await sizeOf(`${folder.path}/node_modules/chat-stream`)) / 1e6).toFixed(2)} MB`,
  );
  assertStringIncludes(output, provider.baseURL);
  const page = await fetch(origin);
  assertStringIncludes(await page.text(), "<chat-stream");
  const script = await fetch(`${origin}/chat-stream.js`);
  await script.text();
  assertEquals([script.status, script.headers.get("content-encoding") !== null], [200, true]);
  assertEquals(textOf(await eventsOf(await chat(origin))), "It works.");
  assertEquals(provider.requests[0]!.body.messages[0], { role: "system", content: "Be brief." });
  assertEquals(provider.requests[0]!.headers.get("authorization"), "Bearer sk-from-the-environment");
  assert(await sizeOf(`${folder.path}/node_modules/chat-stream`) <= MAX_INSTALLED_BYTES);
  // The server stops when the running answer has ended.
  const answer = new LiveAnswer();
  provider.script = () => answer;
  const pending = chat(origin);
  answer.send(sse(contentChunk("The last ")));
  const last = await pending;
  launcher.kill("SIGTERM");
  await refusesChats(origin);
  answer.send(sse(contentChunk("words."), finishChunk(), "[DONE]"));
  answer.close();
  assertEquals(textOf(await eventsOf(last)), "The last words.");
  assertEquals([(await launcher.status).code, await rest, await errorsOf(launcher)], [0, "", ""]);
  await Deno.remove(cache, { recursive: true });
});

packageTest(
  "npx chat-stream has a manifest without faults, shows its help and reports a wrong configuration",
  async () => {
    await using folder = await NpmFolder.create(["server"], ["publint@0.3.25"], ["--ignore-scripts"]);
    await folder.succeed("publint", await folder.pack("server"), "--strict");
    const help = await folder.run("chat-stream", "--help");
    assertEquals(help.code, 0);
    assertMatch(help.stdout, /Usage: chat-stream/);
    await folder.write(".env", "PORT=many\n");
    const refused = await folder.run("chat-stream");
    assertEquals(refused.code, 2);
    assertStringIncludes(refused.stderr, "PORT");
  },
);

function chat(origin: string): Promise<Response> {
  return fetch(`${origin}/api/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(QUESTION),
  });
}

/** Resolves when the server is stopping: it then accepts no more chats. */
async function refusesChats(origin: string): Promise<void> {
  for (let status = 0; status !== 503;) {
    const response = await fetch(`${origin}/readyz`);
    await response.body?.cancel();
    status = response.status;
  }
}

/** Waits for the server's address. `rest` resolves with what it prints after its first lines. */
async function readOrigin(
  { stdout }: Deno.ChildProcess,
): Promise<{ origin: string; output: string; rest: Promise<string> }> {
  const reader = stdout.pipeThrough(new TextDecoderStream()).getReader();
  let output = "";
  for (;;) {
    const [, origin] = /(http:\/\/localhost:\d+)\n.*\n/.exec(output) ?? [];
    if (origin !== undefined) return { origin, output, rest: readRest(reader) };
    const { value, done } = await reader.read();
    if (done) throw new Error(`The server did not start. It printed:\n${output}`);
    output += value;
  }
}

/** What the server prints later, without the log lines of its requests. */
async function readRest(reader: ReadableStreamDefaultReader<string>): Promise<string> {
  let text = "";
  for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("{")).join("\n");
}

async function errorsOf({ stderr }: Deno.ChildProcess): Promise<string> {
  return await new Response(stderr).text();
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    bytes += isDirectory ? await sizeOf(`${folder}/${name}`) : (await Deno.stat(`${folder}/${name}`)).size;
  }
  return bytes;
}
