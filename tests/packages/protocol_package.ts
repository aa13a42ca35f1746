/** The npm package of the protocol, as its users get it: in several runtimes, and for TypeScript. */
import { assert, assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { runChecks } from "../conformance/check.ts";
import { checksUpTo } from "../conformance/levels.ts";
import { freeOrigin, startServer } from "../conformance/start_server.ts";
import { FakeOpenAI } from "../fake_openai.ts";
import { NpmFolder, packageTest, STRICT } from "./npm_folder.ts";

/** The most that a program loads for the transform, in bytes after gzip. */
const MAX_TRANSFORM_BYTES = 10 * 1024;

const TOOLS = ["publint@0.3.25", "@arethetypeswrong/cli@0.18.5"];
const RUNTIMES = ["node@22.23.3", "bun@1.4.5", "workerd@1.20261117.1"];
const COMPILERS = ["typescript@5.9", "typescript6@npm:typescript@6.0", "@types/node@22"];

/** A whole answer, and one whose connection breaks, through the transform with `pipeThrough`. */
const CHECK = `
import { EMPTY_ANSWER, readChatEvents, reduceChatAnswer } from "@chat-stream/protocol";
import { ChatError, OpenAIToChatEventStream, providerHttpError } from "@chat-stream/protocol/transform";

const bytes = (text) => new TextEncoder().encode(text);
const chunk = (content) => bytes(\`data: \${JSON.stringify({ choices: [{ delta: { content } }] })}\\n\\n\`);

async function answerTo(source) {
  let answer = EMPTY_ANSWER;
  await readChatEvents(source.pipeThrough(new OpenAIToChatEventStream()), (event) => answer = reduceChatAnswer(answer, event));
  return answer;
}

function equal(found, wanted) {
  if (found !== wanted) throw new Error(\`found \${found}, wanted \${wanted}\`);
}

export async function check() {
  const whole = await answerTo(new ReadableStream({
    start(controller) {
      const text = chunk("Grüße 👋");
      controller.enqueue(text.slice(0, 40));
      controller.enqueue(text.slice(40));
      controller.enqueue(bytes('data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\\n\\ndata: [DONE]\\n\\n'));
      controller.close();
    },
  }));
  equal(whole.text, "Grüße 👋");
  equal(whole.stop, "stop");
  const broken = await answerTo(new ReadableStream({
    start: (controller) => controller.enqueue(chunk("Half an")),
    pull: (controller) => controller.error(new Error("connection reset")),
  }));
  equal(broken.text, "Half an");
  equal(broken.stop, undefined);
  equal(broken.error?.body?.reason, "unexpected_end");
  const refused = providerHttpError(401, { error: { message: "Bad key" } }, new Headers());
  equal(refused instanceof ChatError && refused.status, 502);
}
`;

const TYPED = `
import { type ChatEvent, type ChatRequest, formatChatEvent, readChatEvents, SseParser } from "@chat-stream/protocol";
import { CHAT_STREAM_HEADERS, ChatError, OpenAIToChatEventStream, type StreamSummary } from "@chat-stream/protocol/transform";

const summaries: StreamSummary[] = [];
export function respond(body: ReadableStream<Uint8Array<ArrayBuffer>>): Response {
  const events = new OpenAIToChatEventStream({ onEnd: (summary) => summaries.push(summary), timeouts: { idleTimeoutMs: 1000 } });
  return new Response(body.pipeThrough(events), { headers: CHAT_STREAM_HEADERS });
}
export async function read(response: Response): Promise<ChatEvent[]> {
  const events: ChatEvent[] = [];
  if (response.body) await readChatEvents(response.body, (event) => events.push(event));
  return events;
}
export const request: ChatRequest = { messages: [{ role: "user", content: "Hi" }], stream: true };
export const busy: number = new ChatError("ServerBusy", "Later").status;
export const parser = new SseParser({ onMessage: ({ data }) => console.log(data) });
export const wire: string = formatChatEvent(1, { type: "text", data: "Hi" });
// @ts-expect-error A stop has a reason.
export const none = formatChatEvent(1, { type: "stop" });
`;

/** A worker for \`workerd test\`, which fails when \`test\` throws. */
const WORKER = `
import { check } from "check";
export default { test: check };
`;
const WORKER_CONFIG = `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  compatibilityDate = "2026-01-01",
  compatibilityFlags = ["streams_enable_constructors", "transformstream_enable_standard_constructor"],
  modules = [
    (name = "worker", esModule = embed "worker.js"),
    (name = "check", esModule = embed "check.js"),
    (name = "@chat-stream/protocol", esModule = embed "node_modules/@chat-stream/protocol/protocol.js"),
    (name = "@chat-stream/protocol/transform", esModule = embed "node_modules/@chat-stream/protocol/transform.js"),
  ],
))]);
`;

packageTest(
  "@chat-stream/protocol runs in Node, Bun, Deno and workerd, and a broken body ends in an error event",
  async () => {
    await using folder = await NpmFolder.create(["protocol"], RUNTIMES);
    await folder.write("check.js", CHECK);
    await folder.write("run.js", 'import { check } from "./check.js"; await check(); console.log("passed");');
    await folder.write("worker.js", WORKER);
    await folder.write("workerd.capnp", WORKER_CONFIG);
    assertEquals(await folder.succeed("node", "--version"), "v22.23.3\n");
    assertEquals(await folder.succeed("node", "run.js"), "passed\n");
    assertEquals(await folder.succeed("bun", "run.js"), "passed\n");
    assertEquals(await folder.succeed(Deno.execPath(), "run", "--quiet", "run.js"), "passed\n");
    await folder.succeed("workerd", "test", "workerd.capnp");
  },
);

/** The promises of the contract that the README's server keeps: it has no page and always streams. */
const README_CHECKS =
  /^(?:an answer is|each text|characters|reasoning|every fragment|usage|a provider|an invalid request|a client that leaves in)/;

packageTest("@chat-stream/protocol's README has a server that holds the contract's stream, in Bun", async () => {
  await using folder = await NpmFolder.create(["protocol"], ["bun@1.4.5"]);
  await using provider = new FakeOpenAI(() => ({ status: 500 }));
  const readme = await Deno.readTextFile(`${folder.path}/node_modules/@chat-stream/protocol/README.md`);
  const [, source] = /```js\n([^]*?)```/.exec(readme)!;
  const key = 'const KEY = "sk-readme";\n';
  await folder.write("server.js", key + source!.replace("https://api.openai.com/v1", provider.baseURL));
  const origin = freeOrigin();
  const command = [`${folder.path}/node_modules/.bin/bun`, "server.js"];
  await using _server = await startServer(origin, provider.baseURL, command, folder.path);
  const checks = checksUpTo("core").get("core")!.filter(({ name }) => README_CHECKS.test(name));
  assertEquals(checks.length, 15);
  const outcomes = await runChecks(origin, provider, new Map([["core", checks]]));
  assertEquals(outcomes.filter(({ error }) => error !== undefined), []);
});

packageTest("@chat-stream/protocol has types for TypeScript 5 and 6, and a manifest without faults", async () => {
  await using folder = await NpmFolder.create(["protocol"], [...TOOLS, ...COMPILERS]);
  await folder.write("typed.ts", TYPED);
  const { compilerOptions } = STRICT;
  // With the types of a browser, and with those of Node alone.
  await folder.write("tsconfig.json", JSON.stringify(STRICT));
  const node = { ...compilerOptions, lib: ["esnext"], types: ["node"] };
  await folder.write("tsconfig.node.json", JSON.stringify({ ...STRICT, compilerOptions: node }));
  for (const compiler of ["typescript", "typescript6"]) {
    await folder.succeed("node", `node_modules/${compiler}/bin/tsc`);
    await folder.succeed("node", `node_modules/${compiler}/bin/tsc`, "--project", "tsconfig.node.json");
  }
  const tarball = await folder.pack("protocol");
  await folder.succeed("publint", tarball, "--strict");
  await folder.succeed("attw", tarball, "--profile", "esm-only");
});

packageTest("@chat-stream/protocol/transform loads no more than its budget", async () => {
  await using folder = await NpmFolder.create(["protocol"]);
  const script = await Deno.readFile(`${folder.path}/node_modules/@chat-stream/protocol/transform.js`);
  const { length } = gzipSync(script, { level: 9 });
  console.log(`@chat-stream/protocol/transform: ${length} bytes gzipped`);
  assert(length <= MAX_TRANSFORM_BYTES, `${length} bytes`);
});
