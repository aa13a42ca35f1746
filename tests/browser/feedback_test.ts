import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, screenshot } from "./browser.ts";
import { ask, converse, openChat, stateOf } from "./feature_page.ts";

/** Collects the events of the page. */
async function listen(page: Page): Promise<() => Promise<unknown>> {
  await page.evaluate(() => {
    const seen: unknown[] = [];
    Object.assign(globalThis, { seen });
    document.addEventListener("chat-feedback", ({ id, rating, comment, text }) => {
      seen.push([id, rating ?? null, comment, text]);
    });
  });
  return () => page.evaluate("globalThis.seen");
}

const feedbackOf = async (page: Page) =>
  (await stateOf(page)).entries.map((entry) => entry.type === "answer" ? entry.feedback : undefined)[1];

browserTest("chat-stream reports a rating, a comment, and a rating taken back", async ({ page, server }) => {
  await openChat(page, server, "feedback");
  const seen = await listen(page);
  await converse(page, server, "An answer");
  const down = page.getByRole("button", { name: "Bad answer" });
  assertEquals(await down.getAttribute("aria-pressed"), "false");
  await down.click();
  assertEquals(await down.getAttribute("aria-pressed"), "true");
  assertEquals(await feedbackOf(page), { rating: "down" });
  await screenshot(page, "feedback-form");
  const comment = page.getByRole("textbox", { name: "Tell us more" });
  await comment.fill("Too short");
  await page.locator(".comment").getByRole("button", { name: "Send" }).click();
  await page.locator("article").getByText("Thank you for your feedback.").waitFor();
  assertEquals(await feedbackOf(page), { rating: "down", comment: "Too short" });
  await down.click();
  assertEquals(await feedbackOf(page), undefined);
  assertEquals(await seen(), [
    [2, "down", "", "An answer"],
    [2, "down", "Too short", "An answer"],
    [2, null, "", "An answer"],
  ]);
});

browserTest("chat-stream takes feedback from the keyboard", async ({ page, server }) => {
  const focused = () =>
    page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("aria-label"));
  await openChat(page, server, "feedback");
  await converse(page, server);
  await page.getByRole("button", { name: "Good answer" }).press("Enter");
  // The next stop of Tab after the thumbs is the form.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  assertEquals(await focused(), "Tell us more (optional)");
  await page.keyboard.press("Escape");
  assertEquals(await page.locator(".comment").count(), 0);
  assertEquals(await focused(), "Good answer");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Well");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("done");
  await page.keyboard.press("Enter");
  await page.locator("article").getByText("Thank you").waitFor();
  assertEquals(await focused(), "Good answer");
  assertEquals(await feedbackOf(page), { rating: "up", comment: "Well\ndone" });
});

browserTest("chat-stream keeps a rating over a reload", async ({ page, server }) => {
  await openChat(page, server, 'feedback persist="session"');
  await converse(page, server);
  await page.getByRole("button", { name: "Good answer" }).click();
  await page.reload();
  await page.locator('.thumb[aria-pressed="true"]').waitFor();
  assertEquals(await page.locator(".comment").count(), 0);
});

browserTest(
  "chat-stream rates no answer that is running or has no text, nor without the attribute",
  async ({ page, server }) => {
    await openChat(page, server);
    await converse(page, server);
    assertEquals(await page.locator(".thumb").count(), 0);
    await page.evaluate(() => document.querySelector("chat-stream")?.setAttribute("feedback", ""));
    await page.getByRole("button", { name: "Good answer" }).waitFor();
    const second = await ask(page, server);
    await page.locator(".typing").waitFor();
    assertEquals(await page.locator("article:last-of-type .thumb").count(), 0);
    second.refuse(500, "InternalServerError");
    await page.getByRole("button", { name: "Retry" }).waitFor();
    assertEquals(await page.locator("article:last-of-type .thumb").count(), 0);
  },
);
