/// <reference lib="dom" />
/**
 * The Markdown renderer on the suites of other projects, in a real browser: the examples of CommonMark and GFM, inputs
 * that make careless parsers slow, and hostile texts.
 * @module
 */
import type { Browser } from "playwright-core";
import type {} from "../browser/markdown_fixture.ts";
import { buildFixture, openBrowser, openMarkdownPage } from "../browser/markdown_page.ts";
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

type Files = Awaited<ReturnType<typeof buildFixture>>;

/** Tries the suites that are there. Where no browser can run, it says so and tries none. */
export async function run(suitesDir: string): Promise<SuiteResult[]> {
  const browser = await openBrowser();
  if (browser === undefined) {
    const name = "Markdown (ignored: no Chrome or Chromium can run here)";
    return [{ name, passed: 0, total: 0, misses: [], ok: true }];
  }
  const files = await buildFixture();
  const results: SuiteResult[] = [];
  for (const [name, attempt] of Object.entries(ATTEMPTS)) {
    const cases = await readSuite<never[]>(suitesDir, `suites/${name}.json`);
    if (cases !== undefined) results.push(await attempt(browser, files, name, cases));
  }
  await browser.close();
  return results;
}

type Attempt = (browser: Browser, files: Files, name: string, cases: readonly never[]) => Promise<SuiteResult>;

const ATTEMPTS: Readonly<Record<string, Attempt>> = {
  commonmark: conform,
  gfm: conform,
  md_pathological: measurePathological,
  xss: attack,
};

/** Raw HTML comes out as it went in, so its tags are found in both. */
function holdsRawHtml({ markdown, html, section }: Example): boolean {
  if (/HTML/.test(section)) return true;
  return (markdown.match(/<(?:[a-z][^>]*|\/[a-z][^>]*|!--[^]*?--|\?[^>]*|![^>]*)>/gi) ?? []).some((tag) =>
    html.includes(tag)
  );
}

async function conform(browser: Browser, files: Files, name: string, all: readonly Example[]): Promise<SuiteResult> {
  const examples = all.filter((example) => !holdsRawHtml(example));
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
  const misses = examples.flatMap(({ example, section, markdown }, index) => {
    const { found, wanted } = results[index]!;
    return found === wanted
      ? []
      : [`${example} ${section}: ${JSON.stringify(markdown)} wants ${wanted}, gives ${found}`];
  });
  const ok = misses.length <= examples.length * (1 - MIN_CONFORMANCE);
  return { ...resultOf(`${name}.json outside raw HTML, as normalised DOM`, examples.length, misses), ok };
}

async function measurePathological(
  browser: Browser,
  files: Files,
  suite: string,
  cases: readonly Pathological[],
): Promise<SuiteResult> {
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
    const half = await measure(text(0.5), 1 << 30);
    const whole = await measure(text(1), 1 << 30);
    const streamed = await measure(text(1), 256);
    await page.context().close();
    const isLinear = whole.ms < 1000 || whole.ms < half.ms * MAX_GROWTH;
    if (!whole.isRight) notes.push(`${name} reads otherwise than its source has it; see docs/decisions/`);
    if (isLinear && Math.max(whole.ms, streamed.ms) < MAX_PATHOLOGICAL_MS) continue;
    const times = [half, whole, streamed].map(({ ms }) => `${ms.toFixed(0)} ms`).join(", ");
    misses.push(`${name}: half, whole, streamed: ${times}`);
  }
  return { ...resultOf(`${suite}.json, in linear time`, cases.length, misses), notes };
}

async function attack(
  browser: Browser,
  files: Files,
  suite: string,
  payloads: readonly Payload[],
): Promise<SuiteResult> {
  const { page, requests } = await openMarkdownPage(browser, files);
  const scripts: string[] = [];
  page.on("dialog", (dialog) => {
    scripts.push(dialog.message());
    dialog.dismiss();
  });
  const misses: string[] = [];
  for (const [index, { payload }] of payloads.entries()) {
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
    if (faults.length > 0) {
      misses.push(`${index} ${JSON.stringify(payload.slice(0, 120))}: ${faults.join("; ").slice(0, 400)}`);
    }
  }
  await page.context().close();
  return resultOf(`${suite}.json, in ${PLACES.length} places, at every frame`, payloads.length, misses);
}

function resultOf(name: string, total: number, misses: readonly string[]): SuiteResult {
  return { name, passed: total - misses.length, total, misses, ok: misses.length === 0 };
}
