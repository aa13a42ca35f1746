/**
 * `deno task screenshots`: takes the pictures of `docs/images/` from the demo page, in light and dark, wide and as on a
 * phone. The demo answers the same each time, so a picture changes only when the page does.
 * @module
 */
import { openBrowser } from "../tests/browser/open_browser.ts";
import { ServerProcess } from "../tests/server_process.ts";
import { build } from "./build.ts";

const ROOT = new URL("../", import.meta.url);
const QUESTION = "Explain server-sent events with an example";
const DESKTOP = { viewport: { width: 1120, height: 840 }, deviceScaleFactor: 1.5 };
const PHONE = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** Each picture: its name, the options of the browser, and whether a question is answered. */
const PICTURES = [
  ["chat", { ...DESKTOP, colorScheme: "light" }, true],
  ["chat-dark", { ...DESKTOP, colorScheme: "dark" }, true],
  ["chat-phone", { ...PHONE, colorScheme: "light" }, true],
  ["chat-phone-dark", { ...PHONE, colorScheme: "dark" }, true],
  ["start", { ...DESKTOP, colorScheme: "light" }, false],
  ["start-phone", { ...PHONE, colorScheme: "light" }, false],
] as const;

if (import.meta.main) await main();

async function main(): Promise<void> {
  await build(ROOT);
  const browser = await openBrowser();
  if (browser === undefined) Deno.exit(1);
  try {
    await using server = await ServerProcess.start({});
    for (const [name, options, isAnswered] of PICTURES) {
      const context = await browser.newContext({ ...options, reducedMotion: "reduce" });
      const page = await context.newPage();
      await page.goto(server.origin);
      const box = page.getByRole("textbox", { name: "Message" });
      await box.waitFor();
      if (isAnswered) {
        await box.fill(QUESTION);
        await box.press("Enter");
        await page.getByRole("button", { name: "Answer again" }).waitFor();
        await box.blur();
        await page.mouse.move(0, 0);
      }
      await page.screenshot({ path: new URL(`docs/images/${name}.png`, ROOT).pathname, animations: "disabled" });
      await context.close();
      console.log(`docs/images/${name}.png`);
    }
  } finally {
    await browser.close();
  }
}
