import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type {} from "../../components/define.ts";
import { browserTest, screenshot } from "./browser.ts";
import type { FakeAnswer, FakeChatServer } from "./fake_chat_server.ts";

const PARAGRAPHS = Array.from({ length: 30 }, (_, i) => `Paragraph ${i} of a long answer.\n\n`);

/** The distance from the visible bottom to the end of the log, in pixels. */
const distance = (page: Page) =>
  page.locator(".log").evaluate((log) => Math.round(log.scrollHeight - log.clientHeight - log.scrollTop));
const top = (page: Page) => page.locator(".log").evaluate((log) => Math.round(log.scrollTop));

async function longAnswer(page: Page, server: FakeChatServer): Promise<FakeAnswer> {
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).fill("Go on");
  await page.keyboard.press("Enter");
  const answer = await server.nextAnswer();
  answer.text(...PARAGRAPHS);
  await page.getByText("Paragraph 29").waitFor();
  await page.waitForFunction(() => {
    const log = document.querySelector("chat-stream")?.shadowRoot?.querySelector(".log");
    return log && log.scrollHeight - log.clientHeight - log.scrollTop < 2;
  });
  return answer;
}

/** Starts to listen for the end of the visitor's next scrolling. Returns a function that waits for it. */
async function nextScrollEnd(page: Page): Promise<() => Promise<void>> {
  const listening = await page.locator(".log").evaluateHandle(async (log) => {
    // The follower's own scrolling may still have an event to fire: it fires with the next frame.
    for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
    return { ended: new Promise((resolve) => log.addEventListener("scrollend", resolve, { once: true })) };
  });
  return () => listening.evaluate(async ({ ended }) => void await ended);
}

const WAYS: readonly [string, (page: Page) => Promise<void>][] = [
  ["wheel", async (page) => {
    await page.locator(".log").hover();
    await page.mouse.wheel(0, -300);
  }],
  ["touch", async (page) => {
    const client = await page.context().newCDPSession(page);
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", y?: number) =>
      client.send("Input.dispatchTouchEvent", { type, touchPoints: y === undefined ? [] : [{ x: 600, y }] });
    await touch("touchStart", 200);
    for (let y = 220; y <= 400; y += 20) await touch("touchMove", y);
    await touch("touchEnd");
  }],
  ["key", async (page) => {
    await page.locator(".log").focus();
    await page.keyboard.press("PageUp");
  }],
];
for (const [name, scrollUp] of WAYS) {
  browserTest(
    `ScrollFollower stops following when the visitor scrolls up by ${name}, and follows again after a jump`,
    async (test) => {
      const { page, server } = test;
      const answer = await longAnswer(page, server);
      const scrolled = await nextScrollEnd(page);
      await scrollUp(page);
      await scrolled();
      const jump = page.getByRole("button", { name: "Jump to latest" });
      await jump.waitFor();
      const before = await top(page);
      assert(await distance(page) > 50);
      answer.text(...PARAGRAPHS);
      answer.finish("The end.");
      await page.locator('.log[aria-busy="false"]').waitFor();
      assertEquals(await top(page), before);
      await screenshot(page, `jump-${name}`);
      await jump.click();
      await page.getByText("The end.").waitFor();
      assertEquals(await distance(page) < 2, true);
      await jump.waitFor({ state: "detached" });
    },
    { hasTouch: name === "touch" },
  );
}

browserTest(
  "ScrollFollower keeps following when the visitor opens the reasoning of a running answer",
  async ({ page, server }) => {
    await page.goto(server.origin);
    await page.getByRole("textbox", { name: "Message" }).fill("Go on");
    await page.keyboard.press("Enter");
    const answer = await server.nextAnswer();
    answer.emit({ type: "reasoning", data: "Long thoughts.\n".repeat(60) });
    answer.text(...PARAGRAPHS.slice(0, 3));
    await page.locator("summary", { hasText: "Reasoning" }).click();
    answer.text(...PARAGRAPHS);
    answer.finish("The end.");
    await page.locator('.log[aria-busy="false"]').waitFor();
    await page.waitForFunction(() => {
      const log = document.querySelector("chat-stream")?.shadowRoot?.querySelector(".log");
      return log && log.scrollHeight - log.clientHeight - log.scrollTop < 2;
    });
  },
);

browserTest("ScrollFollower counts the messages since the visitor scrolled up", async ({ page, server }) => {
  (await longAnswer(page, server)).finish();
  await page.locator('.log[aria-busy="false"]').waitFor();
  await page.locator(".log").hover();
  await page.mouse.wheel(0, -400);
  await page.getByRole("button", { name: "Jump to latest" }).waitFor();
  await page.evaluate(() => {
    const chat = document.querySelector("chat-stream");
    // The page adds a message, not the visitor.
    const state = chat?.toJSON();
    if (chat && state) {
      chat.load({
        ...state,
        entries: [...state.entries, { type: "question", id: 9, parent: state.leaf, content: "New" }],
        leaf: 9,
      });
    }
  });
  await page.getByRole("button", { name: "Jump to latest (1 new)" }).waitFor();
});

browserTest("ScrollFollower does not move the text while the pointer is pressed", async ({ page, server }) => {
  const answer = await longAnswer(page, server);
  await page.getByText("Paragraph 25").hover();
  await page.mouse.down();
  const before = await top(page);
  answer.text(...PARAGRAPHS, "The last word.");
  await page.getByText("The last word.").waitFor({ state: "attached" });
  assertEquals(await top(page), before);
  await page.mouse.up();
  await page.waitForFunction(() => {
    const log = document.querySelector("chat-stream")?.shadowRoot?.querySelector(".log");
    return log && log.scrollHeight - log.clientHeight - log.scrollTop < 2;
  });
});

browserTest(
  "Transcript shows the end of a long conversation first, and the rest without moving it",
  async ({ page, server }) => {
    await page.addInitScript(() => {
      const parts: (() => void)[] = [];
      Object.assign(globalThis, { parts, requestIdleCallback: (run: () => void) => parts.push(run) });
    });
    await page.goto(server.origin);
    await page.getByRole("textbox", { name: "Message" }).waitFor();
    await page.locator("chat-stream").evaluate((element) => {
      const entries = Array.from({ length: 100 }, (_, id) => ({
        id,
        ...(id > 0 && { parent: id - 1 }),
        ...(id % 2 === 0
          ? { type: "question", content: `Question ${id}` }
          : { type: "answer", status: "done", answer: { text: `Answer **${id}**` } }),
      }));
      (element as HTMLElement & { load(state: unknown): void }).load({ entries, leaf: 99, nextId: 100 });
    });
    const messages = page.locator("chat-stream article");
    const showPart = () => page.evaluate(() => (globalThis as unknown as { parts: (() => void)[] }).parts.shift()?.());
    await page.getByText("Answer 99").waitFor();
    assertEquals(await messages.count(), 24);
    await page.locator(".log").hover();
    await page.mouse.wheel(0, -200);
    await page.getByRole("button", { name: "Jump to latest" }).waitFor();
    const seen = page.getByText("Answer 97");
    const before = await seen.boundingBox();
    for (const count of [48, 72, 96, 100]) {
      await showPart();
      await page.waitForFunction(
        (count) => document.querySelector("chat-stream")!.shadowRoot!.querySelectorAll("article").length === count,
        count,
      );
      // The browser rounds the height of the log to whole pixels.
      assert(Math.abs((await seen.boundingBox())!.y - before!.y) < 1);
    }
    await page.getByText("Question 0", { exact: true }).scrollIntoViewIfNeeded();
  },
);
