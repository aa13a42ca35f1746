/**
 * Runs tests in a real browser. If none can run, the tests are registered as ignored, with the reason in their names.
 *
 * All tests of a file share one browser; each has a profile of its own.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { BrowserContextOptions, Page } from "playwright-core";
import { build } from "../../tools/build.ts";
import { FakeChatServer } from "./fake_chat_server.ts";
import { ignoreTest, openBrowser } from "./open_browser.ts";

/** What a browser test receives. */
export interface BrowserTest {
  readonly page: Page;
  readonly server: FakeChatServer;
  /** The CSP violations and uncaught errors so far. */
  readonly faults: readonly string[];
}

/** The options of a browser test. */
export interface BrowserTestOptions extends BrowserContextOptions {
  /** True if the test causes errors on purpose and checks `faults` itself. */
  readonly mayFault?: boolean;
}

/** The maximum times of one step and of one test. Only a broken test reaches them. */
const STEP_TIMEOUT_MS = 15_000;
const TEST_TIMEOUT_MS = 120_000;

const browser = await openBrowser();
if (browser !== undefined) {
  await buildOnce();
  Deno.test.afterAll(() => browser.close());
}

/**
 * Registers a test that runs in the browser. It fails on CSP violations and uncaught errors, unless `mayFault` is set.
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
      await deadline(run({ page, server, faults }), TEST_TIMEOUT_MS);
      if (!mayFault) assertEquals(faults, []);
    } finally {
      await context.close();
    }
  });
}

/** Rejects where `action` has not settled after `ms` milliseconds. */
async function deadline<T>(action: Promise<T>, ms: number): Promise<T> {
  const { promise: expired, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`The test has not ended within ${ms} ms`)), ms);
  try {
    return await Promise.race([action, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Saves a screenshot in the folder `SCREENSHOTS_DIR`. Does nothing if that variable is not set. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("SCREENSHOTS_DIR");
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}

/** Builds the component once per run: the first test file sets a variable that the others find. */
export async function buildOnce(): Promise<void> {
  const mark = "CHAT_STREAM_BUILT_FOR_TESTS";
  if (Deno.env.get(mark) === String(Deno.pid)) return;
  await build(new URL("../../", import.meta.url));
  Deno.env.set(mark, String(Deno.pid));
}
