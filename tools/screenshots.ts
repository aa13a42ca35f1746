/**
 * `deno task screenshots`: takes the pictures of `docs/images/` for the README, from the demo page and an example page. The
 * demo answers the same each time, so a picture changes only when the page does.
 * @module
 */
import { openBrowser } from "../tests/browser/open_browser.ts";
import { readFont } from "../tests/browser/visual/read_font.ts";
import { ServerProcess } from "../tests/server_process.ts";
import { build } from "./build.ts";

type Browser = NonNullable<Awaited<ReturnType<typeof openBrowser>>>;
type Page = Awaited<ReturnType<Browser["newPage"]>>;

interface Picture {
  readonly path: string;
  readonly options: Parameters<Browser["newContext"]>[0];
  readonly questions: readonly string[];
}

const ROOT = new URL("../", import.meta.url);
const WIDE = { viewport: { width: 800, height: 600 }, deviceScaleFactor: 1.25 };
const PHONE = { viewport: { width: 390, height: 780 }, deviceScaleFactor: 1.25, isMobile: true, hasTouch: true };

/** Each picture by its name. */
const PICTURES: Readonly<Record<string, Picture>> = {
  "chat": {
    path: "/",
    options: { ...WIDE, colorScheme: "light" },
    questions: ["Show me some code", "And a source?"],
  },
  "chat-dark": {
    path: "/",
    options: { ...WIDE, colorScheme: "dark" },
    questions: ["A table, please", "And a formula?"],
  },
  "launcher": { path: "/embed.html", options: { ...WIDE, colorScheme: "light" }, questions: ["May I bring my dog?"] },
  "phone": {
    path: "/",
    options: { ...PHONE, colorScheme: "light" },
    questions: ["Explain server-sent events with an example"],
  },
  "phone-dark": { path: "/", options: { ...PHONE, colorScheme: "dark" }, questions: [] },
};

if (import.meta.main) await main();

async function main(): Promise<void> {
  await build(ROOT);
  const browser = await openBrowser();
  if (browser === undefined) Deno.exit(1);
  try {
    // With `--dev` the server has the example pages, too.
    await using server = await ServerProcess.start({}, ["--dev"]);
    const font = (await readFont("mono-latin-400-normal")).toBase64();
    // The browser from npm has no font for code.
    const content = `@font-face { font-family: "Code"; src: url("data:font/woff2;base64,${font}"); }
      chat-stream { --chat-stream-font-mono: "Code"; }`;
    for (const [name, { path, options, questions }] of Object.entries(PICTURES)) {
      const context = await browser.newContext({ ...options, reducedMotion: "reduce", bypassCSP: true });
      const page = await context.newPage();
      await page.goto(server.origin + path);
      await page.addStyleTag({ content });
      await page.evaluate('document.fonts.load("1em Code")');
      for (const question of questions) await ask(page, question);
      await page.getByRole("textbox", { name: "Message" }).blur();
      await page.mouse.move(0, 0);
      await page.screenshot({ path: new URL(`docs/images/${name}.png`, ROOT).pathname });
      await context.close();
      console.log(`docs/images/${name}.png`);
    }
  } finally {
    await browser.close();
  }
}

/** Sends a question, and waits for the complete answer. */
async function ask(page: Page, question: string): Promise<void> {
  const box = page.getByRole("textbox", { name: "Message" });
  const launcher = page.getByRole("button", { name: "Harbour desk" });
  await box.or(launcher).first().waitFor();
  if (!await box.isVisible()) await launcher.click();
  await box.fill(question);
  await box.press("Enter");
  await page.locator('.log[aria-busy="true"]').waitFor();
  await page.locator('.log[aria-busy="false"]').waitFor();
  await page.getByRole("button", { name: "Answer again" }).last().waitFor();
  // Math is loaded with the first formula.
  await page.waitForLoadState("networkidle");
}
