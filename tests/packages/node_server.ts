/** The example server in Node with our packages as npm installs them: the contract's level core, and the page. */
import { assertEquals } from "@std/assert";
import { browserTest } from "../browser/browser.ts";
import { chatWith } from "../browser/chat_with.ts";
import { ignoreTest } from "../browser/open_browser.ts";
import { outcomesOf, type StartCommand } from "../conformance/example_servers.ts";
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
