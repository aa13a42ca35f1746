import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { conversationScripts } from "../../tools/size.ts";
import { readStaticImports } from "../../tools/static_imports.ts";
import { browserTest } from "./browser.ts";
import type { FakeChatServer } from "./fake_chat_server.ts";
import { ask as askFor, openChat } from "./feature_page.ts";

const STATIC = new URL("../../dist/static/", import.meta.url);
const PLAIN_PAGE = `<!doctype html><html lang="en"><title>Plain</title><link rel="stylesheet" href="/page.css">
  <script type="module" src="/chat-stream.js"></script><chat-stream></chat-stream>`;

async function ask(page: Page, server: FakeChatServer): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill("Why?");
  await page.keyboard.press("Enter");
  const answer = await server.nextAnswer();
  for (let paragraph = 1; paragraph <= 30; paragraph++) answer.text(`Paragraph ${paragraph} with **text**`, "\n\n");
  answer.finish("- A list\n- at the end");
  await page.getByRole("button", { name: "Answer again" }).waitFor();
}

browserTest(
  "a text conversation loads the scripts that deno task size counts, and no others",
  async ({ page, server }) => {
    const loaded = new Set<string>();
    page.on("request", (request) => {
      if (request.resourceType() === "script") loaded.add(new URL(request.url()).pathname.slice(1));
    });
    server.page("/", PLAIN_PAGE);
    await page.goto(server.origin);
    await ask(page, server);
    assertEquals([...loaded].toSorted(), conversationScripts(await readStaticImports(STATIC)).toSorted());
  },
);

/** The scripts that the demo page names itself. */
const ENTRIES = ["/chat-stream.js", "/page.js"];

browserTest("the demo page requests all of its scripts before the first one has arrived", async ({ page, server }) => {
  const requested = new Set<string>();
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let onRequest = () => {};
  await page.route(/\.js$/, async (route) => {
    requested.add(new URL(route.request().url()).pathname);
    onRequest();
    await held;
    await route.continue();
  });
  await page.goto(server.origin, { waitUntil: "commit" });
  const hints = await page.locator('link[rel="modulepreload"]').evaluateAll((links) =>
    links.map((link) => new URL((link as HTMLLinkElement).href).pathname)
  );
  assert(hints.length > 1);
  await new Promise<void>((resolve) => {
    onRequest = () => requested.size >= hints.length + ENTRIES.length && resolve();
    onRequest();
  });
  release();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  assertEquals([...requested].toSorted(), [...hints, ...ENTRIES].toSorted());
});

for (const path of ["/", "/plain"]) {
  browserTest(`chat-stream shifts nothing while it loads and answers (${path})`, async ({ page, server }) => {
    server.page("/plain", PLAIN_PAGE);
    await page.addInitScript(() => {
      const shifts: string[] = [];
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) shifts.push(JSON.stringify(entry));
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(`${server.origin}${path}`);
    await ask(page, server);
    // Two frames later, the shifts of the last change are known.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assertEquals(await page.evaluate("shifts"), []);
  });
}

browserTest("a code block keeps its place and size when its buttons arrive", async ({ page, server }) => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  await page.route("**/markdown_extras*", async (route) => {
    await held;
    await route.continue();
  });
  await openChat(page, server);
  (await askFor(page, server)).finish("A paragraph\n\n```ts\nlet a = 1;\nlet b = 2;\n```\n\nThe end");
  await page.getByText("The end").waitFor();
  const boxes = () =>
    Promise.all([
      page.locator(".segment > :is(pre, .code)").boundingBox(),
      page.getByText("The end").boundingBox(),
      page.locator("pre code").evaluate((code) => {
        const range = document.createRange();
        range.selectNodeContents(code);
        return range.getClientRects()[0]?.toJSON();
      }),
    ]);
  const before = await boxes();
  assertEquals(await page.locator(".code").count(), 0);
  release();
  await page.locator(".code").waitFor();
  assertEquals(await boxes(), before);
});
