/// <reference lib="dom" />
/**
 * The Markdown renderer in a real browser, on the suites of other projects: the examples of CommonMark and GFM, inputs
 * that make careless parsers slow, and hostile texts, whole and in pieces, looked at in every frame.
 * @module
 */
import type { Browser } from "playwright-core";
import type {} from "../browser/markdown_fixture.ts";
import { buildFixture, openMarkdownPage } from "../browser/markdown_page.ts";
import { openBrowser } from "../browser/open_browser.ts";
import { readSuite, type SuiteResult } from "./suite.ts";

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
const MAX_GROWTH = 3;
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

/** Runs all four suites. The result is empty where no browser can run. */
export async function run(suitesDir: string): Promise<SuiteResult[]> {
  const browser = await openBrowser();
  if (browser === undefined) {
    console.log("Skipped: Markdown (no Chrome or Chromium can run here)");
    return [];
  }
  try {
    const read = <Case>(name: string) => readSuite<readonly Case[]>(suitesDir, `suites/${name}.json`);
    const files = await buildFixture();
    const results: SuiteResult[] = [];
    for (const name of ["commonmark", "gfm"]) {
      const examples = await read<Example>(name);
      if (examples) results.push(await conform({ browser, files }, name, examples));
    }
    const slow = await read<Pathological>("md_pathological");
    if (slow) results.push(await measurePathological({ browser, files }, slow));
    const payloads = await read<Payload>("xss");
    if (payloads) results.push(await attack({ browser, files }, payloads));
    return results;
  } finally {
    await browser.close();
  }
}

/** Raw HTML comes out as it went in, so its tags are found in both. */
function holdsRawHtml({ markdown, html, section }: Example): boolean {
  if (/HTML/.test(section)) return true;
  return (markdown.match(/<(?:[a-z][^>]*|\/[a-z][^>]*|!--[^]*?--|\?[^>]*|![^>]*)>/gi) ?? []).some((tag) =>
    html.includes(tag)
  );
}

/** A browser and what its pages are made of. */
interface Lab {
  readonly browser: Browser;
  readonly files: ReadonlyMap<string, string>;
}

async function conform({ browser, files }: Lab, name: string, all: readonly Example[]): Promise<SuiteResult> {
  const examples = all.filter((example) => !holdsRawHtml(example));
  // The expected HTML is parsed for comparison, which the strict policy would forbid.
  const { page } = await openMarkdownPage(browser, files, { policy: "img-src 'none'" });
  const results = await page.evaluate((examples) => {
    const fixture = new MarkdownFixture(["https://example.com", location.origin]);
    return examples.map(({ markdown, html, example, section }) => {
      fixture.show(markdown);
      const [found, wanted] = [fixture.outline(), outlineOfHtml(html)];
      return found === wanted ? "" : `${example} ${section}: ${JSON.stringify(markdown)} gives ${found}, not ${wanted}`;
    });
  }, examples);
  await page.context().close();
  const misses = results.filter((miss) => miss !== "");
  const total = examples.length;
  const notes = [`${all.length - total} examples hold raw HTML, which is shown as text; the misses are on purpose`];
  const ok = misses.length <= total * (1 - MIN_CONFORMANCE);
  return { name, passed: total - misses.length, total, misses, notes, ok };
}

async function measurePathological({ browser, files }: Lab, cases: readonly Pathological[]): Promise<SuiteResult> {
  const misses: string[] = [];
  const notes: string[] = [];
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
    let half = await measure(text(0.5), 1 << 30);
    let whole = await measure(text(1), 1 << 30);
    const streamed = await measure(text(1), 256);
    let isLinear = false;
    // On a busy machine one of the two may have had to wait: only what happens each time counts.
    for (let tries = 3; tries > 0 && !isLinear; tries--) {
      if (tries < 3) [half, whole] = [await measure(text(0.5), 1 << 30), await measure(text(1), 1 << 30)];
      isLinear = whole.ms < 1000 || whole.ms < half.ms * MAX_GROWTH;
    }
    await page.context().close();
    const times = [half, whole, streamed].map(({ ms }) => `${ms.toFixed(0)} ms`).join(", ");
    const line = `${name}: half, whole, in pieces: ${times}${whole.isRight ? "" : ", wrong"}`;
    const isFast = isLinear && Math.max(whole.ms, streamed.ms) < MAX_PATHOLOGICAL_MS;
    (isFast ? notes : misses).push(line);
  }
  const { length } = misses;
  return {
    name: "md_pathological",
    passed: cases.length - length,
    total: cases.length,
    misses,
    notes,
    ok: length === 0,
  };
}

async function attack({ browser, files }: Lab, payloads: readonly Payload[]): Promise<SuiteResult> {
  const { page, requests } = await openMarkdownPage(browser, files);
  const scripts: string[] = [];
  page.on("dialog", (dialog) => {
    scripts.push(dialog.message());
    dialog.dismiss();
  });
  const misses: string[] = [];
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
        if (fixture.outline() !== whole) faults.add(`${place}: in pieces it is another`);
      }
      fixture.remove();
      return [...faults];
    }, { texts, pieceChars: PIECE_CHARS });
    faults.push(...requests.slice(requested).map((url) => `request to ${url}`));
    faults.push(...scripts.splice(0).map((text) => `script: ${text}`));
    if (faults.length > 0) misses.push(`${id} ${JSON.stringify(payload.slice(0, 120))}: ${faults.join("; ")}`);
  }
  await page.context().close();
  const { length } = misses;
  return { name: "xss", passed: payloads.length - length, total: payloads.length, misses, ok: length === 0 };
}
