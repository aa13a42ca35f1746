/// <reference lib="dom" />
/**
 * Measures the Markdown renderer against the suites of other projects, read in place from `SUITES_DIR`: the examples of
 * CommonMark and GFM, inputs that make careless parsers slow, and hostile texts. Prints passed and total for each, with
 * the misses, and fails under the thresholds.
 *
 * Run it with `SUITES_DIR=… deno run -A tests/acceptance/markdown.ts [commonmark|gfm|pathological|xss]…`.
 * @module
 */
import type { Browser } from "playwright-core";
import type {} from "../browser/markdown_fixture.ts";
import { buildFixture, openBrowser, openMarkdownPage } from "../browser/markdown_page.ts";

interface Example {
  readonly markdown: string;
  readonly html: string;
  readonly example: number;
  readonly section: string;
}

interface Pathological {
  readonly name: string;
  readonly parts: readonly { readonly text: string; readonly times: number }[];
  readonly html?: string;
}

interface Payload {
  readonly id: string;
  readonly payload: string;
}

/** Of the examples that hold no raw HTML, which is shown as text here. */
const MIN_CONFORMANCE = 0.97;
/** Twice the text may cost this many times as much, and no text more than this: noise included. */
const MAX_GROWTH = 4;
const MAX_PATHOLOGICAL_MS = 20_000;

/** The places in a text where a payload may stand. */
const PLACES: readonly (readonly [string, (payload: string) => string])[] = [
  ["raw", (payload) => payload],
  ["list", (payload) => `- item\n- ${payload.replaceAll("\n", "\n  ")}\n`],
  ["table cell", (payload) => `| a | b |\n|---|---|\n| ${payload.replace(/\s+/g, " ")} | c |\n`],
  ["link label", (payload) => `[${payload}](https://example.com/)`],
  ["code span", (payload) => `\`${payload}\``],
];
const PIECE_CHARS = 7;

const suites = Deno.env.get("SUITES_DIR");
if (suites === undefined) {
  console.log("Skipped: markdown acceptance (SUITES_DIR is not set)");
  Deno.exit(0);
}
const browser = await openBrowser();
if (browser === undefined) {
  console.log("Skipped: markdown acceptance (no Chrome or Chromium can run here)");
  Deno.exit(0);
}
const files = await buildFixture();
const wanted = Deno.args.length > 0 ? Deno.args : ["commonmark", "gfm", "pathological", "xss"];
let isGood = true;
for (const name of wanted) {
  if (name === "pathological") isGood = await measurePathological(browser) && isGood;
  else if (name === "xss") isGood = await attack(browser) && isGood;
  else isGood = await conform(browser, name) && isGood;
}
await browser.close();
Deno.exit(isGood ? 0 : 1);

async function readSuite<Case>(name: string): Promise<readonly Case[]> {
  return JSON.parse(await Deno.readTextFile(`${suites}/${name}.json`));
}

/** Raw HTML comes out as it went in, so its tags are found in both. */
function holdsRawHtml({ markdown, html, section }: Example): boolean {
  if (/HTML/.test(section)) return true;
  return (markdown.match(/<(?:[a-z][^>]*|\/[a-z][^>]*|!--[^]*?--|\?[^>]*|![^>]*)>/gi) ?? []).some((tag) =>
    html.includes(tag)
  );
}

async function conform(browser: Browser, name: string): Promise<boolean> {
  const examples = (await readSuite<Example>(name)).filter((example) => !holdsRawHtml(example));
  // The expected HTML is parsed for comparison, which the strict policy would forbid.
  const { page } = await openMarkdownPage(browser, files, { policy: "img-src 'none'" });
  const results = await page.evaluate((examples) => {
    const fixture = new MarkdownFixture(["https://example.com"]);
    return examples.map(({ markdown, html }) => {
      fixture.show(markdown);
      return { found: fixture.outline(), wanted: outlineOfHtml(html) };
    });
  }, examples);
  await page.context().close();
  const misses = examples.filter((_, i) => results[i]?.found !== results[i]?.wanted);
  report(name, examples.length - misses.length, examples.length);
  for (const miss of misses) {
    const { found, wanted } = results[examples.indexOf(miss)] ?? {};
    console.log(
      `  ${miss.example} ${miss.section}: ${JSON.stringify(miss.markdown)}\n    wanted ${wanted}\n    found  ${found}`,
    );
  }
  return misses.length <= examples.length * (1 - MIN_CONFORMANCE);
}

async function measurePathological(browser: Browser): Promise<boolean> {
  const cases = await readSuite<Pathological>("md_pathological");
  let passed = 0;
  for (const { name, parts, html } of cases) {
    const text = (scale: number) => parts.map(({ text, times }) => text.repeat(Math.ceil(times * scale))).join("");
    const { page } = await openMarkdownPage(browser, files, { policy: "img-src 'none'" });
    const measure = (text: string, pieceChars: number) =>
      page.evaluate(({ text, pieceChars, html }) => {
        const fixture = new MarkdownFixture();
        const start = performance.now();
        fixture.show(text, pieceChars);
        fixture.root.querySelector("div")?.getBoundingClientRect();
        const ms = performance.now() - start;
        const isRight = html === undefined || fixture.outline() === outlineOfHtml(html);
        fixture.remove();
        return { ms, isRight };
      }, { text, pieceChars, html });
    const half = await measure(text(0.5), 1 << 30);
    const whole = await measure(text(1), 1 << 30);
    const streamed = await measure(text(1), 256);
    await page.context().close();
    const isLinear = whole.ms < 1000 || whole.ms < half.ms * MAX_GROWTH;
    const isGood = isLinear && Math.max(whole.ms, streamed.ms) < MAX_PATHOLOGICAL_MS && (html === undefined || whole.isRight);
    if (isGood) passed++;
    const times = [half, whole, streamed].map(({ ms }) => `${ms.toFixed(0)} ms`).join(", ");
    console.log(
      `  ${isGood ? "passed" : "MISSED"} ${name}: half, whole, streamed: ${times}${whole.isRight ? "" : ", wrong"}`,
    );
  }
  report("pathological", passed, cases.length);
  return passed === cases.length;
}

async function attack(browser: Browser): Promise<boolean> {
  const payloads = await readSuite<Payload>("xss");
  const { page, requests } = await openMarkdownPage(browser, files);
  const scripts: string[] = [];
  page.on("dialog", (dialog) => {
    scripts.push(dialog.message());
    dialog.dismiss();
  });
  let passed = 0;
  for (const { id, payload } of payloads) {
    const requested = requests.length;
    const texts = PLACES.map(([place, put]) => [place, put(payload)] as const);
    const faults = await page.evaluate(({ texts, pieceChars }) => {
      const fixture = new MarkdownFixture();
      const faults = new Set<string>();
      for (const [place, text] of texts) {
        const look = () => fixture.findHarm().forEach((harm) => faults.add(`${place}: ${harm}`));
        fixture.show(text, Math.max(1, text.length), look);
        const whole = fixture.outline();
        // At most some hundred frames for the longest payloads.
        fixture.show(text, Math.max(pieceChars, Math.ceil(text.length / 300)), look);
        if (fixture.outline() !== whole) faults.add(`${place}: streamed differently`);
      }
      fixture.remove();
      return [...faults];
    }, { texts, pieceChars: PIECE_CHARS });
    faults.push(
      ...requests.slice(requested).map((url) => `request to ${url}`),
      ...scripts.splice(0).map((text) => `script: ${text}`),
    );
    if (faults.length === 0) passed++;
    else console.log(`  ${id} ${JSON.stringify(payload.slice(0, 120))}: ${faults.join("; ").slice(0, 400)}`);
  }
  await page.context().close();
  report("xss", passed, payloads.length);
  return passed === payloads.length;
}

function report(name: string, passed: number, total: number): void {
  console.log(`${name}: ${passed}/${total} (${(100 * passed / total).toFixed(1)} %)`);
}
