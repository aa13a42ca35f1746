/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import { markdownTest } from "./markdown_case.ts";
import type {} from "./markdown_fixture.ts";

markdownTest("renderMarkdown names the language of code", async ({ page }) => {
  const names = await page.evaluate(() => {
    const fixture = new MarkdownFixture();
    fixture.show("```ts\na\n```\n\n```sh\nb\n```\n\n```\nc\n```\n\n```unheard-of\nd\n```");
    return [...fixture.root.querySelectorAll(".code-language")].map((name) => name.textContent);
  });
  assertEquals(names, ["TypeScript", "Shell", "", "unheard-of"]);
});

markdownTest("renderMarkdown offers to wrap the lines of code that do not fit, and wraps them", async ({ page }) => {
  await page.evaluate(() =>
    new MarkdownFixture().show(`\`\`\`ts\n${"word ".repeat(100)}\n\`\`\`\n\n\`\`\`ts\nshort\n\`\`\``)
  );
  const wrap = page.getByRole("button", { name: "Wrap lines" });
  await wrap.waitFor();
  assertEquals(await wrap.count(), 1);
  const isCut = () => page.locator("pre").first().evaluate((pre) => pre.scrollWidth > pre.clientWidth);
  assertEquals([await isCut(), await wrap.getAttribute("aria-pressed")], [true, "false"]);
  await wrap.press("Enter");
  assertEquals([await isCut(), await wrap.getAttribute("aria-pressed")], [false, "true"]);
  await wrap.press("Enter");
  assertEquals([await isCut(), await wrap.getAttribute("aria-pressed")], [true, "false"]);
});

markdownTest(
  "renderMarkdown offers to wrap lines when the last line grows too long, or the window shrinks",
  async ({ page }) => {
    const frame = () => page.evaluate(() => new Promise(requestAnimationFrame));
    await page.setViewportSize({ width: 800, height: 600 });
    await page.evaluate(() => {
      const fixture = new MarkdownFixture();
      Object.assign(globalThis, { fixture });
      fixture.append("```ts\nshort ");
    });
    const wrap = page.getByRole("button", { name: "Wrap lines" });
    await frame();
    await frame();
    assertEquals(await wrap.count(), 0);
    await page.evaluate(() => {
      const { fixture } = globalThis as unknown as { fixture: InstanceType<typeof MarkdownFixture> };
      fixture.append("word ".repeat(100));
    });
    await wrap.waitFor();
    await page.evaluate(() => {
      const { fixture } = globalThis as unknown as { fixture: InstanceType<typeof MarkdownFixture> };
      fixture.show("```ts\nA line of some forty letters or a few more\n```");
    });
    await wrap.waitFor({ state: "hidden" });
    await page.setViewportSize({ width: 300, height: 600 });
    await wrap.waitFor();
  },
);

markdownTest("renderMarkdown keeps lines wrapped while the code grows", async ({ page }) => {
  await page.evaluate(() => {
    const fixture = new MarkdownFixture();
    Object.assign(globalThis, { fixture });
    fixture.append(`\`\`\`ts\n${"word ".repeat(100)}\n`);
  });
  await page.getByRole("button", { name: "Wrap lines" }).click();
  const isWrapped = await page.evaluate(() => {
    const { fixture } = globalThis as unknown as { fixture: InstanceType<typeof MarkdownFixture> };
    fixture.append("more\n```\n");
    fixture.end();
    return fixture.root.querySelector(".code")?.hasAttribute("data-wrapped");
  });
  assertEquals(isWrapped, true);
});

markdownTest("renderMarkdown saves code as a file of its language", async ({ page }) => {
  await page.evaluate(() => new MarkdownFixture().show("```python\nprint(1)\n```"));
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const file = await download;
  assertEquals(file.suggestedFilename(), "code.py");
  assertEquals(await Deno.readTextFile(await file.path()), "print(1)\n");
});

markdownTest("renderMarkdown fades code and tables only where they are cut", async ({ page }) => {
  const masks = await page.evaluate(async () => {
    const fixture = new MarkdownFixture();
    const wide = "word ".repeat(100);
    const table = (cell: string) => `|${` ${cell} |`.repeat(20)}`;
    fixture.show(
      `\`\`\`ts\n${wide}\n\`\`\`\n\n\`\`\`ts\nshort\n\`\`\`\n\n${table("a")}\n${table("-")}\n\n| a |\n|---|\n| b |`,
    );
    // The position of a scroller counts from the next frame on.
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return [...fixture.root.querySelectorAll("pre, .table")].map((box) => getComputedStyle(box).maskImage !== "none");
  });
  assertEquals(masks, [true, false, true, false]);
});

markdownTest("renderMarkdown keeps the widths of the columns while the rows of a table arrive", async ({ page }) => {
  const frames = await page.evaluate(() => {
    const fixture = new MarkdownFixture();
    const rows = [
      "a | b | a longer text",
      "four | a text that is so long that it must wrap in its column | c",
      "d | e | f",
    ];
    const frames: number[][] = [];
    fixture.show(`| One | Two | Three |\n|---|---|---|\n${rows.map((row) => `| ${row} |\n`).join("")}\n`, 3, () => {
      const widths = [...fixture.root.querySelectorAll("th")].map((head) =>
        Math.round(head.getBoundingClientRect().width)
      );
      if (widths.length > 0 && String(widths) !== String(frames.at(-1))) frames.push(widths);
    });
    return frames;
  });
  assertEquals(frames.length, 1, JSON.stringify(frames));
});

markdownTest("renderMarkdown scrolls a wide table inside its frame", async ({ page }) => {
  const found = await page.evaluate(() => {
    const fixture = new MarkdownFixture();
    const cells = (text: string) => `|${` ${text} |`.repeat(20)}`;
    fixture.show(`${cells("Head")}\n${cells("---")}\n${cells("some text")}\n`);
    const frame = fixture.root.querySelector(".table") as HTMLElement;
    return [frame.scrollWidth > frame.clientWidth, document.documentElement.scrollWidth <= innerWidth];
  });
  assertEquals(found, [true, true]);
});
