/**
 * Chromium, driven by Playwright.
 * @module
 */
import { openBrowser } from "../open_browser.ts";
import { dragMouse, type Engine, type EngineStarter, WINDOW } from "./engine.ts";

export const CHROMIUM: EngineStarter = {
  name: "Chromium",
  async start(): Promise<Engine | string> {
    const browser = await openBrowser();
    if (browser === undefined) return "no Chrome or Chromium can run here";
    return {
      async newPage() {
        const context = await browser.newContext({
          viewport: WINDOW,
          permissions: ["clipboard-read", "clipboard-write"],
        });
        const page = await context.newPage();
        return {
          open: async (url) => void await page.goto(url),
          evaluate: (expression) => page.evaluate(expression),
          pointAt: ({ x, y }) => page.mouse.move(x, y),
          drag: (from, to) => dragMouse(page.mouse, from, to),
          type: (text) => page.keyboard.type(text),
          press: (key, held) => page.keyboard.press(held === undefined ? key : `${held}+${key}`),
          [Symbol.asyncDispose]: () => context.close(),
        };
      },
      [Symbol.asyncDispose]: () => browser.close(),
    };
  },
};
