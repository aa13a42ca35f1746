/**
 * Chromium, driven by Playwright.
 * @module
 */
import { openBrowser } from "../open_browser.ts";
import { type Engine, type EngineStarter, WINDOW } from "./engine.ts";

export const CHROMIUM: EngineStarter = {
  name: "Chromium",
  async start(): Promise<Engine | string> {
    const browser = await openBrowser();
    if (browser === undefined) return "no Chrome or Chromium can run here";
    return {
      async newPage() {
        const context = await browser.newContext({ viewport: WINDOW });
        const page = await context.newPage();
        return {
          open: async (url) => void await page.goto(url),
          evaluate: (expression) => page.evaluate(expression),
          clickAt: (x, y) => page.mouse.click(x, y),
          type: (text) => page.keyboard.type(text),
          press: (key, { shift } = { shift: false }) => page.keyboard.press(shift ? `Shift+${key}` : key),
          [Symbol.asyncDispose]: () => context.close(),
        };
      },
      [Symbol.asyncDispose]: () => browser.close(),
    };
  },
};
