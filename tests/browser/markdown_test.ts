import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import { cutRandomly, SAMPLE } from "../components/markdown/markdown_sample.ts";
import type {} from "./markdown_fixture.ts";
import { markdownTest } from "./markdown_case.ts";

markdownTest("renderMarkdown gives the same DOM for every split", async ({ page }) => {
  const splits = Array.from({ length: 25 }, (_, i) => cutRandomly(SAMPLE, i + 1, i < 10 ? 8 : 120));
  const differing = await page.evaluate(({ text, splits }) => {
    const fixture = new MarkdownFixture();
    const html = () => fixture.root.querySelector(".markdown")?.cloneNode(true) as Element;
    fixture.show(text);
    const whole = html();
    return splits.filter((chunks) => {
      fixture.reset();
      chunks.forEach((chunk) => fixture.append(chunk));
      fixture.end();
      const clone = html();
      // Lit's marker comments and the borders of text nodes may differ. The visible content may not.
      for (const root of [clone, whole]) {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_COMMENT);
        const comments: Node[] = [];
        while (walker.nextNode()) comments.push(walker.currentNode);
        comments.forEach((comment) => comment.parentNode?.removeChild(comment));
        root.normalize();
      }
      return !clone.isEqualNode(whole);
    }).length;
  }, { text: SAMPLE, splits });
  assertEquals(differing, 0);
});

markdownTest("renderMarkdown never replaces a node of a finished block", async ({ page }) => {
  const chunks = cutRandomly(SAMPLE.slice(0, SAMPLE.indexOf("[sse]:")), 5, 10);
  const result = await page.evaluate((chunks) => {
    const fixture = new MarkdownFixture();
    const seen = new Map<Node, string>();
    let blocks = 0;
    const root = () => fixture.root.querySelector(".markdown") as Element;
    const remember = () => {
      const children = [...root().querySelectorAll(".segment > *")].slice(0, -2);
      blocks = children.length;
      for (const child of children) {
        for (const node of [child, ...child.querySelectorAll("*")]) seen.set(node, node.textContent ?? "");
      }
    };
    for (const chunk of chunks) {
      fixture.append(chunk);
      remember();
    }
    fixture.end();
    const lost = [...seen].filter(([node, text]) => !root().contains(node) || node.textContent !== text);
    return { blocks, seen: seen.size, lost: lost.map(([, text]) => text) };
  }, chunks);
  assert(result.blocks >= 15 && result.seen > 60, JSON.stringify(result));
  assertEquals(result.lost, []);
});

markdownTest("renderMarkdown keeps a selection in a finished block and in the growing one", async ({ page }) => {
  const selections = await page.evaluate((text) => {
    const fixture = new MarkdownFixture();
    const select = (first: string, last: string) => {
      const find = (wanted: string): Text => {
        const walker = document.createTreeWalker(fixture.root, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) {
          if ((walker.currentNode as Text).data.includes(wanted)) return walker.currentNode as Text;
        }
        throw new Error(`Cannot find ${wanted}`);
      };
      const [start, end] = [find(first), find(last)];
      const range = document.createRange();
      range.setStart(start, start.data.indexOf(first));
      range.setEnd(end, end.data.indexOf(last) + last.length);
      return range;
    };
    fixture.append("An early paragraph.\n\nThis one **grows** and grows");
    const ranges = [select("early", "paragraph"), select("This", "and grows")];
    const before = ranges.map(String);
    for (
      const chunk of [
        " *on*",
        " and [on](https://a.e",
        "xample) to its",
        " end.\n\n",
        ...text.match(/[^]{1,40}/g) ?? [],
      ]
    ) {
      fixture.append(chunk);
    }
    fixture.end();
    return { before, after: ranges.map(String) };
  }, SAMPLE);
  assertEquals(selections.before, ["early paragraph", "This one grows and grows"]);
  assertEquals(selections.after, selections.before);
});

markdownTest("renderMarkdown continues the count of a list after a block of code", async ({ page }) => {
  const lists = await page.evaluate(() => {
    const fixture = new MarkdownFixture();
    fixture.append("1. one\n2. two\n\n```\ncode\n```\n\n3. three\n");
    fixture.end();
    return [...fixture.root.querySelectorAll("ol")].map((list) => [list.start, getComputedStyle(list).contain]);
  });
  // Style containment makes Firefox count a list from 1, so there must be none.
  assertEquals(lists, [[1, "layout"], [3, "layout"]]);
});

markdownTest("renderMarkdown keeps a selection in code while it grows and closes", async ({ page }) => {
  const kept = await page.evaluate(() => {
    const fixture = new MarkdownFixture();
    fixture.append("```js\nconst first = 1;\nconst sec");
    const code = fixture.root.querySelector("code") as Element;
    const [first, second] = code.childNodes;
    const range = document.createRange();
    range.setStart(first as Text, 6);
    range.setEnd(second as Text, 9);
    for (const chunk of ["ond = 2;\n", "``", "`\n\nDone", "."]) fixture.append(chunk);
    fixture.end();
    return { text: String(range), isSame: fixture.root.querySelector("code") === code, code: code.textContent };
  });
  assertEquals(kept, { text: "first = 1;\nconst sec", isSame: true, code: "const first = 1;\nconst second = 2;\n" });
});

/** Raw markup that must not be visible at any time while the text arrives character by character. */
const RAW_MARKUP: readonly (readonly [string, string, RegExp])[] = [
  ["emphasis", "Some **bold *and italic* text** and ~~gone~~ and __more__.", /[*_~]/],
  ["code", "Call `run()` and ``a ` b``.", /^[^`]*`(?! b)/],
  ["links", "See [the **guide**](https://a.example/x) and [another](/b 'title').", /[[\]()*']|https/],
  ["images", "Here: ![a chart](data:image/png;base64,AAAA 'Chart').", /[[\]()!']|png|AAAA|chart/],
  ["headings", "## Heading\n\nText", /#/],
  ["lists", "- one\n- two\n  1. three\n\n* four", /^[-*]|[\n ][-*\d]/],
  ["tasks", "- [ ] one\n- [x] two", /[[\]]|^[-x ]*$/],
  ["tables", "| a | b |\n|:--|--:|\n| `1` | 2 |\n\nafter", /[|:-]/],
  ["fences", "```js\nlet a;\n```\n\nafter", /`/],
  ["quotes and rules", "> quote\n> more\n\n---\n\nafter", /[>-]/],
  ["entities", "AT&amp;T &copy; &#65;", /&\w*[;#]|amp|copy/],
];

for (const [name, text, raw] of RAW_MARKUP) {
  markdownTest(`renderMarkdown shows no raw markup of ${name} while the text arrives`, async ({ page }) => {
    const frames = await page.evaluate((text) => {
      const frames: string[] = [];
      const fixture = new MarkdownFixture();
      fixture.show(text, 1, () => {
        const copy = fixture.root.querySelector(".markdown")?.cloneNode(true) as Element;
        copy.querySelectorAll(".code-head").forEach((head) => head.remove());
        frames.push(copy.textContent.trim());
      });
      return frames;
    }, text);
    assertEquals(frames.filter((frame) => frame !== "" && raw.test(frame)), []);
  });
}

markdownTest("renderMarkdown changes the DOM in proportion to the text, for up to 100 KB", async ({ page }) => {
  const text = Array.from({ length: 40 }, (_, i) => `## Part ${i}\n\n${SAMPLE}\n`).join("");
  const countMutations = (chars: number) =>
    page.evaluate((text) => {
      const fixture = new MarkdownFixture();
      const observer = new MutationObserver(() => {});
      observer.observe(fixture.root, { childList: true, characterData: true, attributes: true, subtree: true });
      let mutations = 0;
      for (let at = 0; at < text.length; at += 64) {
        fixture.append(text.slice(at, at + 64));
        mutations += observer.takeRecords().length;
      }
      fixture.end();
      fixture.remove();
      return mutations;
    }, text.slice(0, chars));
  const [quarter, whole] = [await countMutations(25_000), await countMutations(100_000)];
  // Quadratic work would be 16 times.
  assert(quarter > 1000 && whole < 5 * quarter, `${quarter}, then ${whole}`);
});

markdownTest(
  "renderMarkdown highlights code without elements, and removes the highlights with the code",
  async ({ page }) => {
    const counts = await page.evaluate(async () => {
      const fixture = new MarkdownFixture();
      const count = () => [...CSS.highlights.values()].reduce((sum, highlight) => sum + highlight.size, 0);
      const painted = async (isDone: () => boolean) => {
        for (let i = 0; i < 500 && !isDone(); i++) await new Promise(requestAnimationFrame);
        return count();
      };
      fixture.append('```ts\nconst a = "b"; // c\n');
      const first = await painted(() => count() > 0);
      fixture.append("let d = 1;\n```\n\nAfter.");
      const second = count();
      fixture.end();
      const names = [...CSS.highlights.keys()].every((name) => name.startsWith("chat-stream-"));
      const elements = fixture.root.querySelectorAll("code *").length;
      const text = fixture.root.querySelector("code")?.textContent;
      fixture.remove();
      return { first, second, names, elements, text, after: count() };
    });
    assertEquals(counts, {
      first: 3,
      second: 5,
      names: true,
      elements: 0,
      text: 'const a = "b"; // c\nlet d = 1;\n',
      after: 0,
    });
  },
);

markdownTest("renderMarkdown copies code as it was written", async ({ page }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate(() => new MarkdownFixture().show("```js\nlet a = 1 < 2;\n\tb();\n```"));
  await page.getByRole("button", { name: "Copy" }).click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  assertEquals(await page.evaluate(() => navigator.clipboard.readText()), "let a = 1 < 2;\n\tb();");
});

markdownTest("renderMarkdown loads an image only after the visitor allows it", async ({ page, requests }) => {
  await page.evaluate(() =>
    new MarkdownFixture(["https://trusted.example"]).show(
      "![Chart](https://evil.example/a.png?q=secret) ![T](https://trusted.example/t.png)\n\n" +
        "[![Linked](https://evil.example/b.png)](https://a.example)",
    )
  );
  const button = page.getByRole("button", { name: "Load image" });
  assertEquals(await button.count(), 1);
  const text = await page.getByText("Image from evil.example").first().textContent();
  assertEquals(text, "Image from evil.example, not loaded");
  await page.waitForFunction(() => document.readyState === "complete");
  const isForeign = (url: string) => url.includes("evil.example");
  assertEquals(requests.filter(isForeign), []);
  const loaded = page.waitForRequest((request) => isForeign(request.url()));
  await button.click();
  assertEquals((await loaded).url(), "https://evil.example/a.png?q=secret");
  assertEquals([...requests].filter((url) => !isForeign(url)), ["https://trusted.example/t.png"]);
});

markdownTest("renderMarkdown requests no image of the page's own site unasked", async ({ page, requests }) => {
  await page.evaluate(() => new MarkdownFixture(["https://trusted.example"]).show("![x](/logout)"));
  await page.getByText("Image from page.example, not loaded").waitFor();
  // A second image, which loads: a request for the first one would have come before it.
  const trusted = page.waitForResponse((response) => response.url().includes("trusted.example"));
  await page.evaluate(() =>
    new MarkdownFixture(["https://trusted.example"]).show("![T](https://trusted.example/t.png)")
  );
  await trusted;
  assertEquals([...requests], ["https://trusted.example/t.png"]);
  const loaded = page.waitForRequest((request) => request.url().endsWith("/logout"));
  await page.getByRole("button", { name: "Load image" }).click();
  assertEquals((await (await loaded).allHeaders()).referer, undefined);
  const settings = await page.getByRole("img", { name: "x" }).evaluate((
    image: HTMLImageElement,
  ) => [image.crossOrigin, image.loading]);
  assertEquals(settings, ["anonymous", "lazy"]);
});

markdownTest("renderMarkdown names the host of a link and opens it in a new tab", async ({ page }) => {
  const links = await page.evaluate(() => {
    const fixture = new MarkdownFixture();
    fixture.show(
      "[out](https://a.example/x) [in](/y) https://b.example/z [mail](mailto:c@d.example) [bad](javascript:alert(1))",
    );
    return [...fixture.root.querySelectorAll("a")].map((
      link,
    ) => [link.getAttribute("href"), link.target, link.dataset.host, link.rel]);
  });
  const rel = "noopener noreferrer nofollow ugc";
  assertEquals(links, [
    ["https://a.example/x", "_blank", "a.example", rel],
    ["/y", "", undefined, rel],
    ["https://b.example/z", "_blank", undefined, rel],
    ["mailto:c@d.example", "", undefined, rel],
  ]);
});

markdownTest("renderMarkdown gives each block its direction", async ({ page }) => {
  const directions = await page.evaluate(() => {
    const fixture = new MarkdownFixture();
    const long = "\u05e9\u05dc\u05d5\u05dd ".repeat(2000);
    fixture.show(
      `left\n\n\u05e9\u05dc\u05d5\u05dd\n\n- \u05e9\u05dc\u05d5\u05dd\n\n${long}\n\n\`\`\`\n\u05e9\u05dc\u05d5\u05dd\n\`\`\``,
    );
    return [...fixture.root.querySelectorAll(".segment > *")].map((block) => getComputedStyle(block).direction);
  });
  assertEquals(directions, ["ltr", "rtl", "rtl", "rtl", "ltr"]);
});

markdownTest(
  "renderMarkdown passes axe-core with every kind of block twice",
  async ({ page }) => {
    await page.evaluate(axe.source);
    const found = await page.evaluate(async (text) => {
      new MarkdownFixture().show(`${text}\n\n${text}`);
      type Axe = { run(options: unknown): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
      const { axe } = globalThis as unknown as { axe: Axe };
      // Landmarks are up to the page, and this one has none.
      const { violations } = await axe.run({
        rules: { region: { enabled: false }, "landmark-one-main": { enabled: false } },
      });
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    }, SAMPLE);
    assertEquals(found, []);
  },
);
