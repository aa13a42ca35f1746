/** The example server in Node with our packages as npm installs them: the contract's level core, and the page. */
import { assertEquals } from "@std/assert";
import { browserTest } from "../browser/browser.ts";
import { chatWith } from "../browser/chat_with.ts";
import { ignoreTest } from "../browser/open_browser.ts";
import { outcomesOf, type StartCommand } from "../conformance/example_servers.ts";
import { freeOrigin, startServer } from "../conformance/start_server.ts";
import { contentChunk, FakeOpenAI, finishChunk, sse } from "../fake_openai.ts";
import { findMissing, NpmFolder, packageTest } from "./npm_folder.ts";

const EXAMPLE = new URL("../../examples/servers/node/", import.meta.url);
const NAME = "the example server in Node holds the level core";

/** Installs the example into a folder of its own, with our packages from `dist/npm/`. */
async function install(): Promise<{ readonly folder: NpmFolder; readonly server: StartCommand }> {
  const { dependencies } = JSON.parse(await Deno.readTextFile(new URL("package.json", EXAMPLE)));
  const others = Object.entries(dependencies).filter(([name]) => !name.startsWith("@chat-stream/"));
  const folder = await NpmFolder.create(["protocol", "element"], others.map(([name, range]) => `${name}@${range}`));
  await folder.write("server.js", await Deno.readTextFile(new URL("server.js", EXAMPLE)));
  return { folder, server: { command: ["node", "server.js"], folder: folder.path } };
}

packageTest(NAME, async () => {
  const { folder, server } = await install();
  await using _folder = folder;
  assertEquals((await outcomesOf(server, "core")).filter(({ error }) => error !== undefined), []);
});

packageTest("the example server in Node lists its models, and requests the one that a client names", async () => {
  const { folder, server: { command } } = await install();
  await using _folder = folder;
  await using provider = new FakeOpenAI(() => ({ body: sse(contentChunk("Hi"), finishChunk(), "[DONE]") }));
  const origin = freeOrigin();
  const named = ["env", "CHAT_MODEL=small", "CHAT_MODELS=large", ...command];
  await using _server = await startServer(origin, provider.baseURL, named, folder.path);
  assertEquals(await (await fetch(`${origin}/api/models`)).json(), {
    defaultModel: "small",
    models: [{ id: "small" }, { id: "large" }],
    maxBodyBytes: 8_388_608,
  });
  const ask = (model: string) =>
    fetch(`${origin}/api/chat`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, stream: false, messages: [{ role: "user", content: "Hi" }] }),
    });
  assertEquals((await (await ask("large")).json()).text, "Hi");
  assertEquals(provider.requests[0]?.body.model, "large");
  const refused = await ask("other");
  assertEquals([refused.status, (await refused.json()).errorType], [404, "ModelNotFound"]);
});

const BROWSER_NAME = "chat-stream streams, stops and reports errors with the example server in Node";
const missing = await findMissing();
if (missing !== undefined) ignoreTest(BROWSER_NAME, missing);
else {
  browserTest(BROWSER_NAME, async ({ page }) => {
    const { folder, server } = await install();
    await using _folder = folder;
    await chatWith(page, server);
  });
}
