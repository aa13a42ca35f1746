import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest } from "./browser.ts";
import type { FakeChatServer } from "./fake_chat_server.ts";
import { ask, openChat } from "./feature_page.ts";

/** Paragraphs of one to nine lines, under headings. */
const PARAGRAPHS = Array.from(
  { length: 200 },
  (_, i) => `${i % 5 === 0 ? "## A part\n\n" : ""}Paragraph ${i}: ${"some words of text. ".repeat((i * 7) % 40)}\n\n`,
);

/** Counts the paragraphs that the browser does not lay out. A locator would make it lay them out. */
function countSkipped(page: Page): Promise<number> {
  return page.evaluate(() => {
    const paragraphs = document.querySelector("chat-stream")!.shadowRoot!.querySelectorAll(".markdown p");
    return [...paragraphs].filter((element) => !element.checkVisibility({ contentVisibilityAuto: true })).length;
  });
}

/** Scrolls from the end to the beginning. Returns by how much the height of the conversation changed, in pixels. */
function scrollBack(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const log = document.querySelector("chat-stream")!.shadowRoot!.querySelector(".log")!;
    const height = log.scrollHeight;
    let change = 0;
    for (let top = log.scrollTop; top > 0; top -= 400) {
      log.scrollTop = top;
      for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
      change = Math.max(change, Math.abs(log.scrollHeight - height));
    }
    return change;
  });
}

function heightOf(page: Page): Promise<number> {
  return page.evaluate(() =>
    document.querySelector("chat-stream")!.shadowRoot!.querySelector(".markdown")!.getBoundingClientRect().height
  );
}

/** Streams the answer a few paragraphs a frame. */
async function stream(page: Page, server: FakeChatServer): Promise<void> {
  await openChat(page, server);
  const answer = await ask(page, server);
  for (let i = 0; i < PARAGRAPHS.length; i += 4) {
    answer.text(...PARAGRAPHS.slice(i, i + 4));
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  answer.finish();
  await page.waitForFunction(() =>
    document.querySelector("chat-stream")!.shadowRoot!.querySelector('.log[aria-busy="false"]')
  );
}

browserTest("settledSegment lets the browser skip what is out of view, at its height", async ({ page, server }) => {
  await stream(page, server);
  assert(await countSkipped(page) > 100);
  assertEquals(await scrollBack(page), 0);
});

browserTest("settledSegment lays the answer out again when its width changes", async ({ page, server }) => {
  await stream(page, server);
  const before = await heightOf(page);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.waitForFunction((before) => {
    const answer = document.querySelector("chat-stream")!.shadowRoot!.querySelector(".markdown")!;
    return answer.getBoundingClientRect().height > before * 1.5;
  }, before);
  assertEquals(await scrollBack(page), 0);
});

browserTest("settledSegment keeps the height of a restored answer", async ({ page, server }) => {
  await stream(page, server);
  const before = await heightOf(page);
  await page.locator("chat-stream").evaluate((element) => {
    const chat = element as HTMLElement & { load(state: unknown): void; toJSON(): unknown };
    const state = chat.toJSON();
    chat.load({ entries: [], nextId: 0 });
    chat.load(state);
  });
  await page.evaluate(() => new Promise(requestAnimationFrame));
  assertEquals(await heightOf(page), before);
  assertEquals(await scrollBack(page), 0);
});

browserTest("settledSegment highlights only the code near the view", async ({ page, server }) => {
  await openChat(page, server);
  const answer = await ask(page, server);
  for (let i = 0; i < 60; i++) {
    answer.text(`A paragraph.\n\n\`\`\`ts\nconst line${i} = ${i};\n\`\`\`\n\n`);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
  answer.finish();
  // The first block loses its highlights out of view, and gets them back in view.
  const highlights = (name: string) =>
    page.waitForFunction((name) => {
      const keywords = [...CSS.highlights.get("chat-stream-keyword") ?? []] as StaticRange[];
      const isFirst = ({ startContainer }: StaticRange) => startContainer.textContent?.includes("line0 ");
      return keywords.length > 0 && keywords.some(isFirst) === (name === "first");
    }, name);
  await highlights("last");
  // By key: the chat would follow its end again after a script has scrolled.
  await page.locator(".log").press("Home");
  await highlights("first");
});
