import { assertEquals } from "@std/assert";
import { browserTest, screenshot } from "./browser.ts";

for (const colorScheme of ["light", "dark"] as const) {
  browserTest(`gallery shows every state and theme (${colorScheme})`, async ({ page, server }) => {
    await page.goto(`${server.origin}/gallery.html`);
    await page.getByRole("button", { name: "Allow", exact: true }).waitFor();
    await page.getByText("Version 2 of 2").waitFor();
    await page.getByText("時間とともに届く").waitFor();
    await page.getByText("May I bring a bicycle?").waitFor();
    await page.getByText("Bergen: rain").waitFor();
    assertEquals(await page.locator("figure").count(), 23);
    assertEquals(server.answers.length, 0);
    await page.setViewportSize({ width: 1400, height: await page.evaluate(() => document.body.scrollHeight) });
    await screenshot(page, `gallery-${colorScheme}`);
  }, { colorScheme, viewport: { width: 1400, height: 900 } });
}
