/**
 * Tests in a real browser. Where none can run, they are registered as ignored under a name that says so.
 *
 * One browser serves all tests of a file; each test has a fresh profile in it.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { BrowserContextOptions, Page } from "playwright-core";
import { build } from "../../tools/build.ts";
import { FakeChatServer } from "./fake_chat_server.ts";
import { ignoreTest, openBrowser } from "./open_browser.ts";

/** What a browser test gets. */
export interface BrowserTest {
  readonly page: Page;
  readonly server: FakeChatServer;
  /** Violations of the page's policies and errors that no one caught, so far. */
  readonly faults: readonly string[];
}

/** How a browser test differs from the usual. */
export interface BrowserTestOptions extends BrowserContextOptions {
  /** True where the test provokes errors on purpose and looks at `faults` itself. */
  readonly mayFault?: boolean;
}

/** How long one step of a test may take. Generous: only a broken test reaches it. */
const STEP_TIMEOUT_MS = 15_000;

const browser = await openBrowser();
if (browser !== undefined) {
  await buildOnce();
  Deno.test.afterAll(() => browser.close());
}

/**
 * Registers a test that runs in the browser. It fails when the page violates its policies or throws, unless told.
 */
export function browserTest(
  name: string,
  run: (test: BrowserTest) => Promise<void>,
  { mayFault = false, ...contextOptions }: BrowserTestOptions = {},
): void {
  if (browser === undefined) {
    ignoreTest(name);
    return;
  }
  Deno.test(name, async () => {
    await using server = new FakeChatServer();
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...contextOptions });
    try {
      context.setDefaultTimeout(STEP_TIMEOUT_MS);
      const faults: string[] = [];
      const page = await context.newPage();
      page.on("pageerror", (error) => faults.push(String(error)));
      page.on("console", (message) => {
        if (/Content Security Policy|TrustedHTML|Trusted Type/.test(message.text())) faults.push(message.text());
      });
      await page.addInitScript(() => {
        addEventListener("securitypolicyviolation", (event) => {
          console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
        });
      });
      await run({ page, server, faults });
      if (!mayFault) assertEquals(faults, []);
    } finally {
      await context.close();
    }
  });
}

/** Writes a picture of the page to the folder named by `SCREENSHOTS_DIR`; does nothing where that is unset. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("SCREENSHOTS_DIR");
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}

/** Builds the component for the first test file of a run; the others find the mark that it leaves. */
async function buildOnce(): Promise<void> {
  const mark = "CHAT_STREAM_BUILT_FOR_TESTS";
  if (Deno.env.get(mark) === String(Deno.pid)) return;
  await build(new URL("../../", import.meta.url));
  Deno.env.set(mark, String(Deno.pid));
}
