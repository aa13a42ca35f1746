/**
 * Hostile text where Markdown has its own rules: autolinks, reference links and the language of code, under the strictest
 * policy. A positive control shows that the oracle sees a script that runs and an image that loads.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { harmlessTest } from "./harmless_test_case.ts";
import type {} from "./markdown_fixture.ts";
import { buildFixture, openMarkdownPage } from "./markdown_page.ts";
import { openBrowser } from "./open_browser.ts";

/** Fragments that break out of an attribute, an address or an element where they are not treated as text. */
const FRAGMENTS: readonly string[] = [
  "javascript:top.pwned=1",
  "JaVaScRiPt&colon;top.pwned=1",
  "java\tscript:top.pwned=1",
  "data:text/html,<script>top.pwned=1</script>",
  "vbscript:top.pwned=1",
  'https://a.example/"onmouseover="top.pwned=1',
  "https://a.example/'autofocus/onfocus='top.pwned=1",
  "https://a.example/><img/src=x/onerror=top.pwned=1>",
  "https://a.example/<script>top.pwned=1</script>",
  "https://a.example/)![x](https://evil.example/a.png",
  "https://javascript:top.pwned=1@a.example",
  "//evil.example/b",
  'www.a.example/"style="background:url(https://evil.example/c)',
  'a@a.example"onclick="top.pwned=1',
  "</code></pre><svg/onload=top.pwned=1>",
  "js onload=top.pwned=1",
  'js"class="x"onclick="top.pwned=1',
  "__proto__",
  "constructor",
  "\u2028<img src=x onerror=top.pwned=1>",
];

const CONTEXTS: readonly (readonly [name: string, put: (fragment: string) => string])[] = [
  ["an autolink in angle brackets", (fragment) => `<${fragment}>`],
  ["a bare autolink", (fragment) => `see ${fragment} there`],
  ["a bare autolink behind www.", (fragment) => `see www.${fragment} there`],
  ["a reference's address", (fragment) => `[x][r]\n\n[r]: ${fragment}`],
  ["a reference's address in angle brackets", (fragment) => `[x][r]\n\n[r]: <${fragment}>`],
  ["a reference's title", (fragment) => `[x][r]\n\n[r]: https://a.example "${fragment}"`],
  ["a reference's label", (fragment) => `[${fragment}]\n\n[${fragment}]: https://a.example`],
  ["an image by reference", (fragment) => `![x][r]\n\n[r]: ${fragment}`],
  ["the language of code", (fragment) => `\`\`\`${fragment}\ncode\n\`\`\``],
  ["the language of code behind tildes", (fragment) => `~~~ ${fragment}\ncode\n~~~`],
];

const browser = await openBrowser();
const files = browser === undefined ? new Map<string, string>() : await buildFixture();
if (browser !== undefined) Deno.test.afterAll(() => browser.close());

for (const [context, put] of CONTEXTS) {
  harmlessTest(`renderMarkdown lets no hostile text do harm as ${context}`, FRAGMENTS.map(put), browser, files);
}

const HARMFUL: readonly string[] = [
  "<script>top.pwned = 1</script>",
  "<img src=https://evil.example/a.png onerror='top.pwned = 1'>",
  "<iframe srcdoc='<script>top.pwned = 1</script>'></iframe>",
];
for (const html of HARMFUL) {
  Deno.test({
    name: `the oracle of these tests sees the harm of ${html} where it is HTML`,
    ignore: browser === undefined,
    fn: async () => {
      if (browser === undefined) return;
      const policy = "default-src * 'unsafe-inline'; script-src 'self' 'unsafe-inline'";
      const { page, requests } = await openMarkdownPage(browser, files, { policy });
      try {
        const harm = await page.evaluate((html) => {
          const fixture = new MarkdownFixture();
          fixture.root.append(document.createRange().createContextualFragment(html));
          return fixture.findHarm();
        }, html);
        await page.waitForFunction(() => "pwned" in globalThis);
        assert(harm.length > 0, "an element or attribute that Markdown never makes");
        assertEquals([...requests], html.includes("https://") ? ["https://evil.example/a.png"] : []);
      } finally {
        await page.context().close();
      }
    },
  });
}
