/**
 * Opens the page of `markdown_fixture.ts` in a real browser.
 * @module
 */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

/** An origin that exists only in the tests: each of its responses comes from memory. */
export const PAGE_ORIGIN = "https://page.example";

/** The page, and the URLs that it requested after it was loaded. */
export interface MarkdownPage {
  readonly page: Page;
  readonly requests: readonly string[];
}

/** The options of the page. */
export interface MarkdownPageOptions extends BrowserContextOptions {
  /** The page's content security policy. */
  readonly policy?: string;
}

/** Builds the page's script. Returns its files by name. */
export async function buildFixture(): Promise<ReadonlyMap<string, string>> {
  const outdir = await Deno.makeTempDir();
  try {
    const entry = new URL("markdown_fixture.ts", import.meta.url).pathname;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", "--platform=browser", "--minify", "--code-splitting", `--outdir=${outdir}`, entry],
    }).output();
    if (!success) throw new Error(`Cannot build the page: ${new TextDecoder().decode(stderr)}`);
    const files = new Map<string, string>();
    for await (const { name } of Deno.readDir(outdir)) files.set(name, await Deno.readTextFile(`${outdir}/${name}`));
    return files;
  } finally {
    await Deno.remove(outdir, { recursive: true });
  }
}

/** Opens the page, by default under the strictest policy that the component supports. */
export async function openMarkdownPage(
  browser: Browser,
  files: ReadonlyMap<string, string>,
  { policy = STRICT_POLICY, ...options }: MarkdownPageOptions = {},
): Promise<MarkdownPage> {
  const context = await browser.newContext({ viewport: { width: 800, height: 900 }, ...options });
  const page = await context.newPage();
  const requests: string[] = [];
  let isLoaded = false;
  await context.route("**/*", (route) => {
    const url = new URL(route.request().url());
    const name = url.pathname.slice(1);
    const script = url.origin === PAGE_ORIGIN ? files.get(name) : undefined;
    if (script !== undefined) return route.fulfill({ contentType: "text/javascript", body: script });
    if (isLoaded) requests.push(url.href);
    if (isLoaded || url.pathname !== "/") return route.fulfill({ status: 404 });
    return route.fulfill({ contentType: "text/html", headers: { "content-security-policy": policy }, body: PAGE });
  });
  await page.goto(`${PAGE_ORIGIN}/`);
  await page.waitForFunction(() => "MarkdownFixture" in globalThis);
  isLoaded = true;
  return { page, requests };
}

/** The strictest policy that the component supports. It allows all images, so that a test sees their requests. */
const STRICT_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src * data: blob:; " +
  "require-trusted-types-for 'script'; trusted-types lit-html";
const PAGE = "<!doctype html><html lang=en><title>Markdown</title><h1>Page</h1>" +
  "<script type=module src=/markdown_fixture.js></script>";
