/** Tests the launcher's teaser: a message beside the closed button. */
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type {} from "../../components/define.ts";
import { browserTest, screenshot } from "./browser.ts";
import type { FakeChatServer } from "./fake_chat_server.ts";

const TEXT = "Questions about your order?";

async function openPage(page: Page, server: FakeChatServer, attributes: string): Promise<void> {
  server.page(
    "/",
    `<!doctype html><html lang="en"><title>Shop</title>
    <script type="module" src="/chat-stream.js"></script><h1>Shop</h1>
    <chat-stream mode="launcher" heading="Help desk" ${attributes}></chat-stream>`,
  );
  await page.goto(server.origin);
  await page.getByRole("button", { name: "Help desk" }).waitFor();
}

const teaserOf = (page: Page) => page.getByRole("button", { name: TEXT });
const isLoaded = (page: Page) => page.evaluate(() => customElements.get("chat-stream") !== undefined);
/** Asks for another teaser. Resolves when the element has decided. */
const tease = (page: Page) =>
  page.evaluate((text) => document.querySelector("chat-stream")?.showTeaser(text), "Another message");

browserTest("teaser appears without the component, and is the greeting of the chat that it opens", async (test) => {
  const { page, server } = test;
  await openPage(page, server, `teaser="${TEXT}" teaser-delay="0.01" greeting="Hello"`);
  await teaserOf(page).waitFor();
  assertEquals(await isLoaded(page), false);
  assertEquals(await page.getByRole("status").innerText(), TEXT);
  await screenshot(page, "launcher-teaser");
  await teaserOf(page).click();
  await page.getByRole("dialog", { name: "Help desk" }).getByText(TEXT).waitFor();
  assertEquals(await teaserOf(page).count(), 0);
  assertEquals(await page.getByText("Hello").count(), 0);
});

browserTest("teaser waits for its delay", async ({ page, server }) => {
  await page.clock.install();
  await openPage(page, server, `teaser="${TEXT}" teaser-delay="60"`);
  await page.clock.runFor(59_000);
  assertEquals(await teaserOf(page).count(), 0);
  await page.clock.runFor(2000);
  await teaserOf(page).waitFor();
});

browserTest("teaser stays away once it was dismissed, over a reload too", async ({ page, server }) => {
  await openPage(page, server, `teaser="${TEXT}" teaser-delay="0.01"`);
  await page.getByRole("button", { name: "Dismiss" }).click();
  assertEquals(await teaserOf(page).count(), 0);
  assertEquals(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className), "launcher");
  await page.reload();
  await page.getByRole("button", { name: "Help desk" }).waitFor();
  await tease(page);
  assertEquals(await page.locator(".teaser").count(), 0);
  await page.getByRole("button", { name: "Help desk" }).click();
  await page.getByText("What would you like to know?").waitFor();
});

browserTest(
  "teaser is not shown to a visitor who has opened the chat, or while it is open",
  async ({ page, server }) => {
    await openPage(page, server, "");
    await page.getByRole("button", { name: "Help desk" }).click();
    const box = page.getByRole("textbox", { name: "Message" });
    await box.waitFor();
    await tease(page);
    assertEquals(await page.locator(".teaser").count(), 0);
    await box.press("Escape");
    await tease(page);
    assertEquals(await page.locator(".teaser").count(), 0);
    await page.reload();
    await page.getByRole("button", { name: "Help desk" }).waitFor();
    await tease(page);
    assertEquals(await page.locator(".teaser").count(), 0);
  },
);

browserTest("showTeaser shows a message before and after the component is loaded", async ({ page, server }) => {
  await openPage(page, server, `teaser="${TEXT}" teaser-delay="0.01"`);
  await teaserOf(page).waitFor();
  await tease(page);
  await page.getByRole("button", { name: "Another message" }).waitFor();
  assertEquals(await teaserOf(page).count(), 0);
  // An element of another mode loads the component.
  await page.evaluate(() => void document.body.append(document.createElement("chat-stream")));
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  const teaser = page.getByRole("button", { name: "Another message" });
  assertEquals((await teaser.boundingBox())!.x > 640, true);
  await page.evaluate((text) => document.querySelector("chat-stream")?.showTeaser(text), TEXT);
  await teaserOf(page).click();
  await page.getByRole("dialog", { name: "Help desk" }).getByText(TEXT).waitFor();
});

browserTest("teaser works by keyboard", async ({ page, server }) => {
  await openPage(page, server, `teaser="${TEXT}" teaser-delay="0.01"`);
  await teaserOf(page).waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className);
  await page.getByRole("button", { name: "Help desk" }).focus();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  assertEquals(await focused(), "teaser-text");
  await page.keyboard.press("Escape");
  assertEquals(await teaserOf(page).count(), 0);
  assertEquals(await focused(), "launcher");
});

browserTest("teaser is shown when the page sets the property of a loaded launcher", async ({ page, server }) => {
  await openPage(page, server, `teaser-delay="0.01"`);
  await page.evaluate(() => void document.body.append(document.createElement("chat-stream")));
  await page.evaluate(async (text) => {
    await customElements.whenDefined("chat-stream");
    const chat = document.querySelector("chat-stream");
    if (chat) chat.teaser = text;
  }, TEXT);
  await teaserOf(page).waitFor();
});
