/**
 * Firefox as it is installed, driven by Puppeteer with WebDriver BiDi. Playwright drives a patched Firefox only.
 * @module
 */
import { launch } from "puppeteer-core";
import { dragMouse, type Engine, type EngineStarter, firstFile, WINDOW } from "./engine.ts";

const INSTALLED = [
  "/usr/bin/firefox-esr",
  "/usr/bin/firefox",
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

export const FIREFOX: EngineStarter = {
  name: "Firefox",
  async start(): Promise<Engine | string> {
    const executablePath = await firstFile(INSTALLED);
    if (executablePath === undefined) return "Firefox is not installed here";
    const browser = await launch({ browser: "firefox", executablePath, defaultViewport: WINDOW });
    return {
      async newPage() {
        const context = await browser.createBrowserContext();
        const page = await context.newPage();
        return {
          open: async (url) => void await page.goto(url),
          evaluate: (expression) => page.evaluate(expression),
          pointAt: ({ x, y }) => page.mouse.move(x, y),
          drag: (from, to) => dragMouse(page.mouse, from, to),
          type: (text) => page.keyboard.type(text),
          async press(key, held) {
            if (held !== undefined) await page.keyboard.down(held);
            await page.keyboard.press(key);
            if (held !== undefined) await page.keyboard.up(held);
          },
          [Symbol.asyncDispose]: () => context.close(),
        };
      },
      [Symbol.asyncDispose]: () => browser.close(),
    };
  },
};
