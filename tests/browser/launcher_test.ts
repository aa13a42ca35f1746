import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type {} from "../../components/define.ts";
import { launcherScripts } from "../../tools/size.ts";
import { readStaticImports } from "../../tools/static_imports.ts";
import { browserTest, screenshot } from "./browser.ts";

const STATIC = new URL("../../dist/static/", import.meta.url);
const PAGE = `<!doctype html><html lang="en"><title>Shop</title>
  <script type="module" src="/chat-stream.js"></script><h1>Shop</h1>
  <chat-stream mode="launcher" heading="Help desk"></chat-stream>`;

browserTest(
  "launcher loads the component only when it is opened, and returns the focus when it is closed",
  async ({ page, server }) => {
    server.page("/", PAGE);
    const scripts: string[] = [];
    page.on("request", (request) => request.resourceType() === "script" && scripts.push(request.url()));
    await page.goto(server.origin);
    const launcher = page.getByRole("button", { name: "Help desk" });
    await launcher.waitFor();
    const closed = scripts.length;
    assertEquals(
      scripts.map((url) => new URL(url).pathname.slice(1)).toSorted(),
      launcherScripts(await readStaticImports(STATIC)).toSorted(),
    );
    await screenshot(page, "launcher-closed");

    await launcher.click();
    const box = page.getByRole("textbox", { name: "Message" });
    await box.waitFor();
    await page.waitForFunction(() => document.activeElement?.localName === "chat-stream");
    assert(scripts.length > closed);
    await box.fill("Where is my parcel?");
    await box.press("Enter");
    (await server.nextAnswer()).finish("On its way.");
    await page.getByRole("log").getByText("On its way.").waitFor();
    await screenshot(page, "launcher-open");

    await box.press("Escape");
    await box.waitFor({ state: "hidden" });
    const focused = await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className);
    assertEquals(focused, "launcher");
    await page.keyboard.press("Enter");
    await page.getByRole("log").getByText("On its way.").waitFor();
  },
);

browserTest("launcher fills the window of a phone", async ({ page, server }) => {
  server.page("/", PAGE.replace("<title>", '<meta name="viewport" content="width=device-width"><title>'));
  await page.goto(server.origin);
  await page.getByRole("button", { name: "Help desk" }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  await screenshot(page, "launcher-phone");
  const panel = await page.locator(".panel").boundingBox();
  assertEquals(panel, { x: 0, y: 0, width: 360, height: 640 });
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor({ state: "hidden" });
}, { viewport: { width: 360, height: 640 }, reducedMotion: "reduce" });

browserTest("launcher opens when the page calls open() before the component is loaded", async ({ page, server }) => {
  server.page("/", PAGE);
  await page.goto(server.origin);
  await page.getByRole("button", { name: "Help desk" }).waitFor();
  await page.evaluate(() => document.querySelector("chat-stream")?.open());
  await page.getByRole("textbox", { name: "Message" }).waitFor();
});

browserTest("define loads the component when an element without launcher mode is added", async ({ page, server }) => {
  server.page("/", PAGE);
  await page.goto(server.origin);
  await page.getByRole("button", { name: "Help desk" }).waitFor();
  await page.evaluate(() => void document.body.append(document.createElement("chat-stream")));
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  await page.getByRole("button", { name: "Help desk" }).click();
  assertEquals(await page.getByRole("textbox", { name: "Message" }).count(), 2);
});

browserTest(
  "launcher says that it cannot be loaded while the server is down, and opens when it is back",
  async (test) => {
    const { page, server } = test;
    server.page("/", PAGE);
    await page.goto(server.origin);
    const launcher = page.getByRole("button", { name: "Help desk" });
    await launcher.waitFor();
    await server.goDown();
    await launcher.click();
    const message = page.getByRole("alert").getByText("The chat could not be loaded. Try again.");
    await message.waitFor();
    await screenshot(page, "launcher-offline");
    await launcher.click();
    await message.waitFor();
    server.comeBack();
    await launcher.click();
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    assertEquals(await message.count(), 0);
  },
);

browserTest("launcher says that it cannot be loaded in the language of the page", async ({ page, server }) => {
  server.page("/", PAGE.replace('lang="en"', 'lang="de-AT"'));
  const strings = page.waitForResponse(/launcher_strings/);
  await page.goto(server.origin);
  await (await strings).finished();
  await page.context().setOffline(true);
  await page.evaluate(() => document.querySelector("chat-stream")?.open());
  await page.getByRole("alert").getByText("Der Chat konnte nicht geladen werden.").waitFor();
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Help desk" }).click();
  await page.getByRole("textbox", { name: "Nachricht" }).waitFor();
});

browserTest("launcher stays closed when close() follows open() before the component is loaded", async (test) => {
  const { page, server } = test;
  server.page("/", PAGE);
  await page.goto(server.origin);
  await page.getByRole("button", { name: "Help desk" }).waitFor();
  const isOpen = await page.evaluate(async () => {
    const chat = document.querySelector("chat-stream");
    const opened = chat?.open();
    await chat?.close();
    await opened;
    return chat?.opened;
  });
  assertEquals(isOpen, false);
});

browserTest(
  "launcher dispatches chat-toggle before it opens and closes, and stays as it is if that is cancelled",
  async (test) => {
    const { page, server } = test;
    server.page("/", PAGE);
    await page.goto(server.origin);
    const launcher = page.getByRole("button", { name: "Help desk" });
    await launcher.waitFor();
    await page.evaluate(() => {
      addEventListener("chat-toggle", (event) => {
        const refused = document.documentElement.dataset.refused === "true";
        document.title += event.open ? " open" : " close";
        if (refused) event.preventDefault();
      });
    });
    const isOpen = () => page.evaluate(() => document.querySelector("chat-stream")?.opened);
    const refuse = (refused: boolean) =>
      page.evaluate((refused) => document.documentElement.dataset.refused = String(refused), refused);
    await refuse(true);
    await page.evaluate(() => document.querySelector("chat-stream")?.open());
    assertEquals(await isOpen(), false);
    await refuse(false);
    await launcher.click();
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    await refuse(true);
    await launcher.click();
    assertEquals(await isOpen(), true);
    await refuse(false);
    await launcher.click();
    await page.getByRole("textbox", { name: "Message" }).waitFor({ state: "hidden" });
    assertEquals(await page.title(), "Shop open open close close");
  },
);

browserTest("launcher moves for 180 ms when it opens and closes", async ({ page, server }) => {
  server.page("/", PAGE);
  await page.goto(server.origin);
  assertEquals(await toggle(page, "open"), { opacity: 180, scale: 180 });
  await page.evaluate(() => {
    const root = document.querySelector("chat-stream")?.shadowRoot;
    for (const animation of root?.getAnimations() ?? []) animation.finish();
  });
  assertEquals(await toggle(page, "close"), { opacity: 180, overlay: 180, scale: 180 });
  await page.locator(".panel").waitFor({ state: "hidden" });
});

browserTest("launcher does not move if the visitor prefers reduced motion", async ({ page, server }) => {
  server.page("/", PAGE);
  await page.goto(server.origin);
  assertEquals(await toggle(page, "open"), {});
  assertEquals(await toggle(page, "close"), {});
  assertEquals(await page.locator(".panel").evaluate((panel) => getComputedStyle(panel).display), "none");
}, { reducedMotion: "reduce" });

/** Opens or closes the panel. Returns the transitions that this starts: property → duration in milliseconds. */
function toggle(page: Page, action: "open" | "close"): Promise<Record<string, number>> {
  return page.evaluate(async (action) => {
    const chat = document.querySelector("chat-stream");
    await chat?.[action]();
    const running = (chat?.shadowRoot?.querySelector(".panel")?.getAnimations() ?? []) as CSSTransition[];
    const entries = running.map((t) => [t.transitionProperty, t.effect?.getTiming().duration] as const);
    return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1)) as Record<string, number>;
  }, action);
}
