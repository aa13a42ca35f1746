/**
 * Runs tests of the Markdown renderer in a real browser, under the strictest policy. All tests of a file share one browser.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { BrowserContextOptions } from "playwright-core";
import { buildFixture, type MarkdownPage, openMarkdownPage } from "./markdown_page.ts";
import { ignoreTest, openBrowser } from "./open_browser.ts";

const browser = await openBrowser();
const files = browser === undefined ? new Map<string, string>() : await buildFixture();
if (browser !== undefined) Deno.test.afterAll(() => browser.close());

/** Registers a test that runs on the page of `markdown_fixture.ts`. It fails on uncaught errors and policy violations. */
export function markdownTest(
  name: string,
  run: (page: MarkdownPage) => Promise<void>,
  options: BrowserContextOptions = {},
): void {
  if (browser === undefined) {
    ignoreTest(name);
    return;
  }
  Deno.test(name, async () => {
    const opened = await openMarkdownPage(browser, files, options);
    const faults: string[] = [];
    opened.page.on("pageerror", (error) => faults.push(String(error)));
    opened.page.on("console", (message) => {
      if (/Content Security Policy|Trusted/.test(message.text())) faults.push(message.text());
    });
    try {
      await run(opened);
      assertEquals(faults, []);
    } finally {
      await opened.page.context().close();
    }
  });
}
