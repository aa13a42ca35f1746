/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { markdownTest } from "./markdown_case.ts";
import type {} from "./markdown_fixture.ts";

type Sources = Parameters<InstanceType<typeof MarkdownFixture>["cite"]>[0];

/** Shows a complete text with its sources. */
async function show(page: Page, text: string, sources?: Sources): Promise<void> {
  await page.evaluate(({ text, sources }) => {
    const fixture = new MarkdownFixture();
    Object.assign(globalThis, { fixture });
    fixture.show(text);
    if (sources) fixture.cite({ ...sources, text });
  }, { text, sources });
}

/** Evaluates in the shadow root of the last shown text. */
function inRoot<Result>(page: Page, read: (root: ShadowRoot) => Result): Promise<Result> {
  return page.evaluate(`(${read})(globalThis.fixture.root)`) as Promise<Result>;
}

const CITATIONS = [
  { title: "The standard", url: "https://html.spec.example/sse" },
  { title: "A guide", url: "https://www.guide.example/sse?q=1" },
];

markdownTest("renderMarkdown lists the sources of an answer with their hosts", async ({ page }) => {
  await show(page, "Text.", { citations: [...CITATIONS, { url: "https://bare.example/x" }] });
  const found = await inRoot(
    page,
    (root) =>
      [...root.querySelectorAll<HTMLAnchorElement>(".sources li a")].map((link) => ({
        text: link.innerText.replace(/\s+/g, " "),
        href: link.href,
        rel: link.rel,
        target: link.target,
      })),
  );
  const rest = { rel: "noopener noreferrer nofollow ugc", target: "_blank" };
  assertEquals(found, [
    { text: "The standard html.spec.example", href: "https://html.spec.example/sse", ...rest },
    { text: "A guide guide.example", href: "https://www.guide.example/sse?q=1", ...rest },
    { text: "bare.example", href: "https://bare.example/x", ...rest },
  ]);
});

markdownTest(
  "renderMarkdown marks what cites a source, and a mark leads to it and opens the list",
  async ({ page }) => {
    const text = "One **bold** end. Two `code` here.\n\nThree.";
    const citations = Array.from({ length: 6 }, (_, i) => ({ title: `Page ${i + 1}`, url: `https://a.example/${i}` }));
    const marks = [{ end: text.indexOf(" Two"), citations: [4] }, { end: text.indexOf("ode`"), citations: [0, 1] }];
    await show(page, text, { citations, marks });
    assertEquals(
      await inRoot(page, (root) => root.querySelector(".segment > p")?.textContent),
      "One bold end.5 Two code12 here.",
    );
    assertEquals(await inRoot(page, (root) => root.querySelector("details")?.open), false);
    await page.getByRole("link", { name: "Source 5: Page 5" }).press("Enter");
    assertEquals(
      await inRoot(page, (root) => [root.querySelector("details")?.open, root.activeElement?.getAttribute("href")]),
      [true, "https://a.example/4"],
    );
    assertEquals(new URL(page.url()).hash, "");
  },
);

markdownTest(
  "renderMarkdown turns bracketed numbers into marks, but not in code, links and without a source",
  async ({ page }) => {
    await show(page, "A [1][2]. B `[1]` C [see [1]](/x) D [3].", { citations: CITATIONS });
    const found = await inRoot(page, (root) => ({
      text: root.querySelector("p")?.textContent,
      marks: [...root.querySelectorAll(".mark a")].map((mark) => mark.getAttribute("aria-label")),
    }));
    assertEquals(found, {
      text: "A12. B [1] C see [1] D [3].",
      marks: ["Source 1: The standard", "Source 2: A guide"],
    });
  },
);

markdownTest("renderMarkdown keeps the elements of an answer when its sources arrive", async ({ page }) => {
  const isKept = await page.evaluate(async (citations) => {
    const fixture = new MarkdownFixture();
    const text = "One *two* [1].\n\n```js\nlet a;\n```\n\n| a |\n|---|\n| b |\n";
    fixture.show(text);
    const before = [...fixture.root.querySelectorAll("p, em, pre, code, table, td")];
    fixture.cite({ citations, marks: [{ end: 9, citations: [1] }], text });
    await new Promise(requestAnimationFrame);
    return before.map((element) => element.isConnected ? "" : element.localName).join("") + before.length;
  }, CITATIONS);
  assertEquals(isKept, "6");
});

const HOSTILE_SOURCES: readonly { readonly title?: string; readonly url: string }[] = [
  { title: "a", url: "javascript:top.pwned=1" },
  { title: "b", url: "JaVaScRiPt:top.pwned=1" },
  { title: "c", url: " javascript:top.pwned=1" },
  { title: "d", url: "data:text/html,<script>top.pwned=1</script>" },
  { title: "e", url: "blob:https://page.example/1" },
  { title: "f", url: "//evil.example/" },
  { title: "g", url: "not a url" },
  { title: "<img src=x onerror=top.pwned=1>", url: 'https://a.example/"onmouseover="top.pwned=1' },
  { title: "![x](https://evil.example/i.png)", url: "https://a.example" },
  { url: "" },
];

markdownTest("renderMarkdown begins no line with a mark, at any width", async ({ page }) => {
  await show(page, "Some words and then the last word [1], [2].", { citations: CITATIONS });
  const broken = await inRoot(page, (root) => {
    const block = root.querySelector<HTMLElement>(".segment > p")!;
    const begin = block.getBoundingClientRect().left + 10;
    return Array.from({ length: 200 }, (_, index) => 100 + index).filter((width) => {
      block.style.inlineSize = `${width}px`;
      return root.querySelector(".mark")!.getBoundingClientRect().left < begin;
    });
  });
  assertEquals(broken, []);
});

markdownTest("renderMarkdown renders hostile sources and marks without harm", async ({ page, requests }) => {
  const marks = [-1, 0, 3, 7, 1e9, Number.NaN].map((end) => ({ end, citations: [0, 8, 99, -1, 1e9] }));
  await show(page, "A [1] `b [2]` [c](/d) **e [8]**\n\n```\nf\n```\n", { citations: HOSTILE_SOURCES, marks });
  const found = await page.evaluate(() => {
    const { fixture } = globalThis as unknown as { fixture: InstanceType<typeof MarkdownFixture> };
    return {
      harm: fixture.findHarm(),
      links: [...fixture.root.querySelectorAll<HTMLAnchorElement>(".sources a")].map(({ host }) => host),
    };
  });
  assertEquals(found, { harm: [], links: ["a.example", "a.example"] });
  assertEquals([...requests], []);
  assertEquals(await page.evaluate(() => "pwned" in globalThis), false);
});

markdownTest("renderMarkdown renders footnotes after the text, with links there and back", async ({ page }) => {
  await show(page, "One[^b] two[^a] again[^b], none[^c].\n\n[^a]: The *first*.\n[^b]: The second.\n\nEnd.");
  const found = await inRoot(page, (root) => ({
    text: [...root.querySelectorAll(".segment > p")].map((paragraph) => paragraph.textContent),
    notes: [...root.querySelectorAll(".notes-end li")].map((note) => note.textContent?.trim()),
    ids: new Set([...root.querySelectorAll("[id]")].map(({ id }) => id)).size,
  }));
  assertEquals(found, {
    text: ["One1 two2 again1, none[^c].", "End."],
    notes: ["The second.", "The first."],
    ids: 2,
  });
  await page.getByRole("link", { name: "Footnote 2", exact: true }).press("Enter");
  assertEquals(await inRoot(page, (root) => root.activeElement?.textContent?.trim()), "The first.");
  await page.getByRole("link", { name: "Back to footnote 2" }).press("Enter");
  assertEquals(await inRoot(page, (root) => root.activeElement?.getAttribute("aria-label")), "Footnote 2");
});

markdownTest("renderMarkdown shows a reference as a number until its footnote arrives", async ({ page }) => {
  const frames = await page.evaluate(() => {
    const fixture = new MarkdownFixture();
    const frames = new Set<string>();
    fixture.show(
      "One[^1] two.\n\n[^1]: Note.\n",
      1,
      () => frames.add(fixture.root.querySelector("p")?.textContent ?? ""),
    );
    return [...frames];
  });
  assertEquals(frames.filter((frame) => frame.includes("[") || frame.includes("^")), []);
  assertEquals(frames.at(-1), "One1 two.");
});

markdownTest("renderMarkdown gives the notes of two answers different ids", async ({ page }) => {
  const ids = await page.evaluate((citations) => {
    const roots = [0, 1].map(() => {
      const fixture = new MarkdownFixture();
      fixture.show("A[^1]\n\n[^1]: b");
      fixture.cite({ citations, text: "A[^1]\n\n[^1]: b" });
      return fixture.root;
    });
    return roots.flatMap((root) => [...root.querySelectorAll("[id]")].map(({ id }) => id));
  }, CITATIONS);
  assertEquals([ids.length, new Set(ids).size], [6, 6]);
});

markdownTest("renderMarkdown shows every block of a footnote, and the link back at its end", async ({ page }) => {
  await show(page, "One[^a] two[^b].\n\n[^a]: First.\n\n    Second.\n[^b]: Code:\n\n    ```\n    let a\n    ```\n");
  assertEquals(
    await inRoot(page, (root) =>
      [...root.querySelectorAll(".notes-end li")].map((note) => [
        ...[...note.children].map(({ localName, className }) => `${localName}.${className}`),
        note.querySelector(".note-back")?.parentElement?.localName,
      ])),
    [["p.", "p.", "p"], ["p.", "div.code", "a.note-back", "li"]],
  );
});
