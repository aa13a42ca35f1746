import { assertEquals } from "@std/assert";
import { browserTest, screenshot } from "./browser.ts";
import { ask, converse, openChat, stateOf } from "./feature_page.ts";

browserTest("chat-stream counts down until a refused question may be sent again", async ({ page, server }) => {
  await page.clock.install();
  await openChat(page, server);
  await converse(page, server);
  (await ask(page, server)).refuse(429, "RateLimitExceeded", { "retry-after": "20" });
  const button = page.getByRole("button", { name: "Retry" });
  await button.getByText(/^Try again in \d+ s$/).waitFor();
  assertEquals(await button.getAttribute("aria-disabled"), "true");
  // From here on, only the test moves the clock.
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 4000));
  const announced = page.getByRole("status").locator("p").filter({ hasText: "Try again in" });
  assertEquals(await announced.count(), 1);
  const { endedAt } = (await stateOf(page)).entries.at(-1) as { endedAt: number };
  const left = Math.ceil((endedAt + 20_000 - await page.evaluate(() => Date.now())) / 1000);
  await button.getByText(`Try again in ${left} s`).waitFor();
  await page.clock.runFor(2000);
  await button.getByText(`Try again in ${left - 2} s`).waitFor();
  await screenshot(page, "countdown");
  await button.dispatchEvent("click");
  await page.clock.runFor(20_000);
  await button.getByText("Retry", { exact: true }).waitFor();
  assertEquals(await button.getAttribute("aria-disabled"), null);
  assertEquals(await announced.count(), 0);
  assertEquals(server.answers.length, 2);
  await page.clock.resume();
  await button.click();
  (await server.nextAnswer()).finish("Here it is");
  await page.getByText("Here it is").waitFor();
});

browserTest(
  "chat-stream shows long waits in minutes, and none where the server names none",
  async ({ page, server }) => {
    await openChat(page, server);
    (await ask(page, server)).refuse(503, "ServerBusy", { "retry-after": "900" });
    await page.getByText("Try again in 15 min").waitFor();
    (await ask(page, server, "Another")).refuse(503, "ServerBusy");
    await page.getByRole("button", { name: "Retry" }).and(page.locator(":not([aria-disabled])")).waitFor();
    assertEquals(await page.getByText("Try again in").filter({ visible: true }).count(), 0);
  },
);
