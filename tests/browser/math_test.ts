/// <reference lib="dom" />
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { markdownTest } from "./markdown_case.ts";
import type {} from "./markdown_fixture.ts";

/** Shows the text and waits until its formulas are rendered. */
async function show(page: Page, text: string): Promise<void> {
  await page.evaluate((text) => {
    const fixture = new MarkdownFixture();
    Object.assign(globalThis, { fixture });
    fixture.show(text);
  }, text);
  await page.waitForFunction(() =>
    (globalThis as unknown as { fixture: InstanceType<typeof MarkdownFixture> }).fixture.root
      .querySelectorAll("math, .tex-error").length > 0
  );
}

/** Evaluates in the shadow root of the last shown text. */
function inRoot<Result>(page: Page, read: (root: ShadowRoot) => Result): Promise<Result> {
  return page.evaluate(`(${read})(globalThis.fixture.root)`) as Promise<Result>;
}

markdownTest("renderMarkdown renders formulas as MathML with their TeX as annotation", async ({ page }) => {
  await show(page, "Let $x_1$ be.\n\n$$\n\\frac{a}{b}\n$$");
  const found = await inRoot(page, (root) =>
    [...root.querySelectorAll("math")].map((math) => ({
      display: math.getAttribute("display"),
      tex: math.querySelector("annotation")?.textContent,
      has: math.querySelector("msub, mfrac")?.localName,
    })));
  assertEquals(found, [
    { display: null, tex: "x_1", has: "msub" },
    { display: "block", tex: "\\frac{a}{b}", has: "mfrac" },
  ]);
});

markdownTest("renderMarkdown shows TeX that it cannot render like code", async ({ page }) => {
  await show(page, "A $\\frac{1}$ and $\\unknown x$.");
  const found = await inRoot(page, (root) => [...root.querySelectorAll("code")].map((code) => code.textContent));
  assertEquals(found, ["\\frac{1}", "\\unknown x"]);
});

markdownTest("renderMarkdown replaces a growing formula once and keeps what surrounds it", async ({ page }) => {
  await show(page, "$a$");
  const frames = await page.evaluate(() => {
    const fixture = new MarkdownFixture();
    const frames: string[] = [];
    const kept: Node[] = [];
    const text = "Before $x_1$ middle \\(\\frac{a}{b}\\) after $y$ and $5 more.";
    for (const char of text) {
      fixture.append(char);
      const formulas = [...fixture.root.querySelectorAll("math")];
      const tex = formulas.map((math) => math.querySelector("annotation")?.textContent);
      if (frames.at(-1) !== tex.join("|")) frames.push(tex.join("|"));
      formulas.forEach((math, i) => {
        if (tex[i] !== "...") kept[i] ??= math;
      });
    }
    fixture.end();
    const formulas = [...fixture.root.querySelectorAll("math")];
    return { frames, isKept: formulas.every((math, i) => math === kept[i]), count: formulas.length };
  });
  assertEquals(frames, {
    frames: ["", "...", "x_1", "x_1|...", "x_1|\\frac{a}{b}", "x_1|\\frac{a}{b}|...", "x_1|\\frac{a}{b}|y"],
    isKept: true,
    count: 3,
  });
});

markdownTest("renderMarkdown copies formulas of a selection as TeX", async ({ page }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await show(page, "Let $x_1$ be **two**.\n\n$$\n\\frac{a}{b}\n$$\n\nEnd.");
  await inRoot(page, (root) => getSelection()?.selectAllChildren(root.querySelector(".markdown") as Element));
  await page.keyboard.press("ControlOrMeta+c");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assertEquals(copied.trim().split(/\n+/), ["Let $x_1$ be two.", "$$\\frac{a}{b}$$", "End."]);
});

markdownTest("renderMarkdown lets the keyboard scroll a formula that is wider than the page", async ({ page }) => {
  await show(page, `$$ ${"a + ".repeat(200)} b $$\n\n$$ c $$`);
  await page.waitForFunction(() => {
    const { fixture } = globalThis as unknown as { fixture: InstanceType<typeof MarkdownFixture> };
    return fixture.root.querySelector(".formula")?.hasAttribute("tabindex");
  });
  const found = await inRoot(
    page,
    (root) => [...root.querySelectorAll<HTMLElement>(".formula")].map((formula) => formula.tabIndex),
  );
  assertEquals(found, [0, -1]);
  assertEquals(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
});

markdownTest(
  "renderMarkdown gives a formula in a text a line that scrolls, if it is wider than the text",
  async ({ page }) => {
    await show(page, `Let $${"a + ".repeat(200)} b$ be the sum, and $c$ a number.`);
    await page.waitForFunction(() => {
      const { fixture } = globalThis as unknown as { fixture: InstanceType<typeof MarkdownFixture> };
      return fixture.root.querySelector(".formula")?.hasAttribute("tabindex");
    });
    const found = await inRoot(page, (root) =>
      [...root.querySelectorAll<HTMLElement>(".formula")].map((formula) => ({
        tabIndex: formula.tabIndex,
        scrolls: formula.scrollWidth > formula.clientWidth && getComputedStyle(formula).overflowX === "auto",
      })));
    assertEquals(found, [{ tabIndex: 0, scrolls: true }, { tabIndex: -1, scrolls: false }]);
    assertEquals(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  },
);

markdownTest("renderMarkdown gives a paragraph the direction of its words and not of its formula", async ({ page }) => {
  await show(page, "$x$ \u05e9\u05dc\u05d5\u05dd");
  const found = await inRoot(
    page,
    (root) =>
      [root.querySelector("p") as Element, root.querySelector("math") as Element].map((element) =>
        getComputedStyle(element).direction
      ),
  );
  assertEquals(found, ["rtl", "ltr"]);
});

/** TeX that links, loads, describes more than it holds, or nests deeply. */
const HOSTILE: readonly (readonly [name: string, tex: string])[] = [
  ["a link", "\\href{javascript:top.pwned=1}{x}"],
  ["a URL", "\\url{https://evil.example/}"],
  ["an image", "\\includegraphics{https://evil.example/a.png}"],
  ["an id", "\\htmlId{launcher}{x}\\cssId{a}{x}"],
  ["a label", "\\label{log} x \\ref{log}"],
  ["a class", "\\htmlClass{hidden}{x}\\class{hidden}{x}"],
  ["a style", "\\htmlStyle{background:url(https://evil.example/b)}{x}"],
  ["a colour with a URL", "\\colorbox{url(https://evil.example/c)}{x} \\color{url(https://evil.example/d)} y"],
  ["HTML in a text", "\\text{<img src=x onerror=top.pwned=1>}"],
  ["a macro that doubles itself", "\\def\\a{\\a\\a}\\a"],
  [
    "macros that multiply",
    "\\def\\a{xxxxxxxxxx}\\def\\b{\\a\\a\\a\\a\\a\\a\\a\\a}\\def\\c{\\b\\b\\b\\b\\b\\b\\b\\b}\\c\\c\\c\\c",
  ],
  ["a new command", "\\newcommand{\\a}[1]{#1#1}\\a{\\a{\\a{x}}}"],
  ["a name for another command", "\\let\\a=\\b \\a"],
  ["nested braces", "{".repeat(1500) + "}".repeat(1500)],
  ["nested roots", "\\sqrt{".repeat(500) + "x" + "}".repeat(500)],
  ["nested strokes", "\\cancelto{1}{".repeat(12) + "x" + "}".repeat(12)],
  ["nested overlaps", "\\mathllap{".repeat(20) + "x" + "}".repeat(20)],
  ["a wide matrix", `\\begin{matrix}${"&".repeat(3900)}\\end{matrix}`],
  ["a huge length", "\\rule{1e9em}{1e9em} \\kern{1e9em} x"],
  ["too many characters", "x+".repeat(5000)],
];

for (const [name, tex] of HOSTILE) {
  markdownTest(`renderMarkdown bounds a formula with ${name}`, async ({ page, requests }) => {
    await show(page, `$a$ \\(${tex}\\)`);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const found = await inRoot(page, (root) => ({
      elements: root.querySelectorAll("*").length,
      ids: [...root.querySelectorAll("[id]")].map(({ id }) => id),
      classes: root.querySelectorAll(".hidden").length,
      isTooWide: document.documentElement.scrollWidth > innerWidth,
    }));
    const harm = await page.evaluate(() =>
      (globalThis as unknown as { fixture: InstanceType<typeof MarkdownFixture> }).fixture.findHarm()
    );
    assertEquals(harm, []);
    const { elements, ...rest } = found;
    assertEquals(rest, { ids: [], classes: 0, isTooWide: false });
    assert(elements < 9000, `${elements} elements`);
    assertEquals([...requests], []);
    assertEquals(await page.evaluate(() => "pwned" in globalThis), false);
  });
}
