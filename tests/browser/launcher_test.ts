import { assert, assertEquals } from "@std/assert";
import type {} from "../../components/define.ts";
import { readStaticImports, withImports } from "../../tools/static_imports.ts";
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
    assertEquals(closed, withImports(await readStaticImports(STATIC), ["chat-stream.js"]).length);
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
}, { viewport: { width: 360, height: 640 } });

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
