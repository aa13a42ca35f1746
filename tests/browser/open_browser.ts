/**
 * Opens a real browser for tests: an installed Chrome or Chromium, or else the one from an npm package.
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
/** Containers have a small /dev/shm, and often run as root, which the sandbox does not support. */
const ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"];

/** Starts a browser. Returns undefined, and logs the reason, if none can run here. */
export async function openBrowser(): Promise<Browser | undefined> {
  for (const executablePath of INSTALLED) {
    if (!await exists(executablePath)) continue;
    const found = await chromium.launch({ executablePath, args: ARGUMENTS }).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return await openPackagedBrowser();
}

/**
 * Starts the Chromium of the npm package, whose version is in `tests/deno.lock`. Returns undefined, and logs the reason, if
 * it cannot run here.
 * @param args more arguments
 */
export async function openPackagedBrowser(args: readonly string[] = []): Promise<Browser | undefined> {
  try {
    // The package unpacks its libraries only if it seems to run on AWS Lambda.
    Deno.env.set("AWS_LAMBDA_JS_RUNTIME", "nodejs22.x");
    const { default: packaged } = await import("@sparticuz/chromium");
    const executablePath = await packaged.executablePath();
    // Without the package's own arguments: they include a single-process mode, which ends with the first closed
    // profile.
    return await chromium.launch({ executablePath, args: [...ARGUMENTS, ...args] });
  } catch (error) {
    console.warn(`No browser can run here: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Registers a test as ignored, with the reason in its name. */
export function ignoreTest(name: string, reason = "no Chrome or Chromium can run here"): void {
  Deno.test({ name: `${name} (ignored: ${reason})`, ignore: true, fn: () => {} });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
