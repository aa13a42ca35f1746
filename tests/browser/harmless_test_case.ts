/**
 * A test case that shows texts as Markdown, at every frame of their growth, and finds no harm.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Browser } from "playwright-core";
import type {} from "./markdown_fixture.ts";
import { openMarkdownPage } from "./markdown_page.ts";

/** Defines the test. It is ignored without a browser. @param files the result of `buildFixture` */
export function harmlessTest(
  name: string,
  texts: readonly string[],
  browser: Browser | undefined,
  files: ReadonlyMap<string, string>,
): void {
  Deno.test({
    name,
    ignore: browser === undefined,
    fn: async () => {
      if (browser === undefined) return;
      const { page, requests } = await openMarkdownPage(browser, files);
      try {
        const faults = await page.evaluate((texts) => {
          const fixture = new MarkdownFixture();
          return texts.flatMap((text) => {
            const faults = new Set<string>();
            fixture.show(text, 3, () => fixture.findHarm().forEach((harm) => faults.add(`${harm} in ${text}`)));
            return [...faults];
          });
        }, texts);
        // Whatever would load or run has started once the page has painted and responded again.
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
        assertEquals(faults, []);
        assertEquals([...requests], []);
        assertEquals(await page.evaluate(() => "pwned" in globalThis), false);
      } finally {
        await page.context().close();
      }
    },
  });
}
