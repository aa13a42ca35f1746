/**
 * A real browser for tests: an installed Chrome or Chromium, or else the one that comes as an npm package.
 * @module
 */
import { type Browser, chromium } from "playwright-core";

const INSTALLED = [
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
/** Containers have a small /dev/shm, and often run as root, where the sandbox cannot start. */
const ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"];

/** A running browser, or undefined, with a word on why, where none can run. */
export async function openBrowser(): Promise<Browser | undefined> {
  for (const executablePath of INSTALLED) {
    if (!await exists(executablePath)) continue;
    const found = await chromium.launch({ executablePath, args: ARGUMENTS }).catch(() => undefined);
    if (found !== undefined) return found;
  }
  try {
    // The package unpacks the libraries it needs only where it believes to be on AWS Lambda.
    Deno.env.set("AWS_LAMBDA_JS_RUNTIME", "nodejs22.x");
    const { default: packaged } = await import("@sparticuz/chromium");
    const executablePath = await packaged.executablePath();
    // Not with the package's own arguments: its single process dies with the first profile that is closed.
    return await chromium.launch({ executablePath, args: ARGUMENTS });
  } catch (error) {
    console.warn(`No browser can run here: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Registers a test that needs a browser where none can run: ignored, under a name that says so. */
export function ignoreTest(name: string): void {
  Deno.test({ name: `${name} (ignored: no Chrome or Chromium can run here)`, ignore: true, fn: () => {} });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
