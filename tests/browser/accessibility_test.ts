import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type {} from "../../components/define.ts";
import { axeViolations } from "./axe_violations.ts";
import { browserTest, type BrowserTestOptions, screenshot } from "./browser.ts";
import { ask, RICH, STATES } from "./chat_states.ts";

const SETTINGS: Readonly<Record<string, BrowserTestOptions>> = {
  light: { colorScheme: "light", reducedMotion: "reduce" },
  dark: { colorScheme: "dark", reducedMotion: "reduce" },
  "320 px": { viewport: { width: 320, height: 640 }, reducedMotion: "reduce" },
};

for (const [setting, options] of Object.entries(SETTINGS)) {
  for (const [state, reach] of Object.entries(STATES)) {
    browserTest(`chat-stream passes axe-core: ${state}, ${setting}`, async ({ page, server }) => {
      await page.goto(server.origin);
      await page.locator("input[type=file]").waitFor({ state: "attached" });
      await reach(page, server);
      await screenshot(page, `a11y-${state}-${setting.replace(" ", "")}`);
      assertEquals(await axeViolations(page), []);
      // WCAG 1.4.10: only tables and code scroll sideways.
      const isTooWide = await page.evaluate(() => {
        const log = document.querySelector("chat-stream")?.shadowRoot?.querySelector(".log");
        return document.documentElement.scrollWidth > innerWidth || (log && log.scrollWidth > log.clientWidth);
      });
      assertEquals(isTooWide, false);
      // WCAG 2.5.8: every target is at least 24 by 24 px, except links in text.
      assertEquals(await smallTargets(page), []);
    }, options);
  }
}

browserTest("launcher passes axe-core, closed and open", async ({ page, server }) => {
  await page.goto(`${server.origin}/embed.html`);
  await page.getByRole("button", { name: "Harbour desk" }).waitFor();
  assertEquals(await axeViolations(page), []);
  await page.getByRole("button", { name: "Harbour desk" }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  assertEquals(await axeViolations(page), []);
}, { reducedMotion: "reduce" });

/** The controls of the component that are smaller than 24 by 24 pixels. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const root = document.querySelector("chat-stream")?.shadowRoot;
    return [...root?.querySelectorAll("button, summary, textarea") ?? []].flatMap((element) => {
      const { width, height } = element.getBoundingClientRect();
      const isShown = width > 0 && height > 0;
      return isShown && (width < 24 || height < 24) ? [`${element.outerHTML.slice(0, 80)} ${width} × ${height}`] : [];
    });
  });
}

/** Collects the announcements from now on. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  await page.evaluate(() => {
    const announcements: string[] = [];
    Object.assign(globalThis, { announcements });
    for (const region of document.querySelectorAll("chat-stream > [role]")) {
      new MutationObserver((records) => {
        for (const node of records.flatMap(({ addedNodes }) => [...addedNodes])) {
          announcements.push(`${region.getAttribute("role")}: ${node.textContent}`);
        }
      }).observe(region, { childList: true });
    }
  });
  return () => page.evaluate("announcements") as Promise<string[]>;
}

/** Waits until there are `count` announcements. */
async function announced(page: Page, count: number): Promise<void> {
  await page.waitForFunction((count) => {
    const { announcements } = globalThis as unknown as { announcements: string[] };
    return announcements.length >= count;
  }, count);
}

browserTest("Announcer announces the start and the end of a long answer once each", async ({ page, server }) => {
  await page.goto(server.origin);
  const announcements = await listen(page);
  const answer = await ask(page, server);
  for (let i = 0; i < 200; i++) answer.text(i % 40 === 39 ? "**word** \n\n" : "word ");
  answer.finish("*The end.*");
  await announced(page, 2);
  assertEquals(await announcements(), ["status: The assistant is responding", "status: Answer complete"]);
  const live = await page.getByRole("log", { name: "Conversation" }).evaluate((element) => element.ariaLive);
  assertEquals(live, "off");
});

browserTest("Announcer reads a short answer without its markup", async ({ page, server }) => {
  await page.goto(server.origin);
  const announcements = await listen(page);
  (await ask(page, server)).finish("It is **very** `simple`: [look](https://example.org).");
  await announced(page, 2);
  const last = (await announcements()).at(-1) ?? "";
  const shown = await page.locator(".content").evaluate((element) => element.textContent?.trim());
  assertEquals(last, `status: ${shown}`);
  assert(!/[*`\[\]]/.test(last));
});

browserTest("Announcer keeps the blocks of a short answer apart", async ({ page, server }) => {
  await page.goto(server.origin);
  const announcements = await listen(page);
  (await ask(page, server)).finish("Take:\n\n- a coat\n- a hat\n\nAnd go.");
  await announced(page, 2);
  assertEquals((await announcements()).at(-1)?.replace(/\s+/g, " "), "status: Take: a coat a hat And go.");
});

browserTest("Announcer announces a stopped answer, and alerts when an answer fails", async ({ page, server }) => {
  await page.goto(server.origin);
  const announcements = await listen(page);
  const first = await ask(page, server);
  first.text("One");
  await page.getByRole("log").getByText("One").waitFor();
  await page.getByRole("textbox", { name: "Message" }).press("Escape");
  await announced(page, 2);
  (await ask(page, server)).cut();
  await announced(page, 4);
  assertEquals(await announcements(), [
    "status: The assistant is responding",
    "status: Stopped",
    "status: The assistant is responding",
    "alert: The connection was lost before the answer was complete.",
  ]);
});

for (const [length, text] of [["short", "Half an ans"], ["long", "word ".repeat(200)]] as const) {
  browserTest(`Announcer announces the length limit after a ${length} answer that reached it`, async (test) => {
    const { page, server } = test;
    await page.goto(server.origin);
    const announcements = await listen(page);
    const answer = await ask(page, server);
    answer.emit({ type: "text", data: text }, { type: "stop", data: "length" });
    answer.end();
    const expected = [
      "status: The assistant is responding",
      ...length === "short" ? [`status: ${text}`] : [],
      "status: The answer reached its length limit and ends here.",
    ];
    await announced(page, expected.length);
    assertEquals(await announcements(), expected);
  });
}

browserTest("Announcer keeps a message in its region for five seconds", async ({ page, server }) => {
  await page.clock.install({ time: 0 });
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  // From here on, timers fire only when the test moves the clock.
  await page.clock.pauseAt(3_600_000);
  (await ask(page, server)).finish("Short.");
  await page.getByRole("log").getByText("Short.").waitFor({ state: "attached" });
  const texts = () =>
    page.locator("chat-stream > [role=status] > p").evaluateAll((lines) => lines.map((line) => line.textContent));
  const both = ["The assistant is responding", "Short."];
  const steps: [number, string[]][] = [[249, []], [1, both], [4999, both], [1, []]];
  for (const [ms, expected] of steps) {
    await page.clock.runFor(ms);
    assertEquals(await texts(), expected);
  }
});

browserTest("chat-stream does not change earlier messages while a later one streams", async ({ page, server }) => {
  await page.goto(server.origin);
  (await ask(page, server)).finish(RICH);
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  const answer = await ask(page, server, "More");
  answer.text("It ");
  await page.getByRole("log").getByText("It").last().waitFor();
  await page.evaluate(() => {
    const articles = document.querySelector("chat-stream")?.shadowRoot?.querySelectorAll("article") ?? [];
    const records: string[] = [];
    Object.assign(globalThis, { records });
    const observer = new MutationObserver((found) => {
      for (const record of found) records.push(`${record.type} ${(record.target as Element).className}`);
    });
    for (const article of [...articles].slice(0, -1)) {
      observer.observe(article, { childList: true, attributes: true, characterData: true, subtree: true });
    }
  });
  for (let i = 0; i < 50; i++) answer.text("goes on. ");
  answer.finish("End of it.");
  await page.getByRole("log").getByText("End of it.").waitFor();
  assertEquals(await page.evaluate("records"), []);
});

browserTest("chat-stream keeps the focus while an answer starts, streams and ends", async ({ page, server }) => {
  await page.goto(server.origin);
  const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.id);
  const answer = await ask(page, server);
  assertEquals(await focused(), "box");
  answer.text("Some text");
  await page.getByRole("log").getByText("Some text").waitFor();
  assertEquals(await focused(), "box");
  answer.finish(" and more");
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  assertEquals(await focused(), "box");
  // Send and Stop are the same button.
  await page.getByRole("button", { name: "Send" }).focus();
  await page.evaluate(() => void document.querySelector("chat-stream")?.send("Again"));
  await page.getByRole("button", { name: "Stop" }).waitFor();
  const name = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("aria-label"));
  assertEquals(await name(), "Stop");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Send" }).waitFor();
  assertEquals(await name(), "Send");
});

browserTest("chat-stream can be used by keyboard alone", async ({ page, server }) => {
  await page.goto(server.origin);
  (await ask(page, server)).finish(RICH.repeat(3));
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  const outside = await page.evaluate(() => {
    const root = document.querySelector("chat-stream")?.shadowRoot;
    return [...root?.querySelectorAll("[tabindex]") ?? []].filter((element) =>
      !/^(0|-1)$/.test(element.getAttribute("tabindex") ?? "")
    ).length;
  });
  assertEquals(outside, 0);
  const reached = new Set<string>();
  await page.locator("body").evaluate((body) => (body.ownerDocument.activeElement as HTMLElement | null)?.blur());
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    reached.add(
      await page.evaluate(() => {
        const element = document.activeElement?.shadowRoot?.activeElement;
        return element?.getAttribute("aria-label") || element?.id || element?.textContent?.trim() || "";
      }),
    );
  }
  for (const name of ["New chat", "Download", "Conversation", "Edit", "Answer again", "box", "Load image"]) {
    assert([...reached].some((seen) => seen.includes(name)), `${name} is not among ${[...reached].join(", ")}`);
  }
  await page.getByRole("log").focus();
  await page.keyboard.press("Home");
  await page.waitForFunction(() =>
    document.querySelector("chat-stream")?.shadowRoot?.querySelector(".log")?.scrollTop === 0
  );
});

browserTest("chat-stream names the author of each message in text", async ({ page, server }) => {
  await page.goto(server.origin);
  (await ask(page, server)).finish("Hello.");
  await page.getByRole("log").getByText("Hello.").waitFor();
  const texts = await page.locator("article").evaluateAll((articles) =>
    articles.map((article) => article.querySelector(".hidden")?.textContent)
  );
  assertEquals(texts, ["You:", "Assistant:"]);
});

browserTest("chat-stream has no animation when the visitor prefers reduced motion", async ({ page, server }) => {
  await page.goto(server.origin);
  await ask(page, server);
  await page.locator(".typing").waitFor();
  const animations = await page.evaluate(() =>
    document.querySelector("chat-stream")?.shadowRoot?.getAnimations().length
  );
  assertEquals(animations, 0);
}, { reducedMotion: "reduce" });

browserTest("chat-stream keeps borders and the focus ring in forced colours", async ({ page, server }) => {
  await page.goto(server.origin);
  (await ask(page, server)).finish("Hello.");
  await page.getByRole("log").getByText("Hello.").waitFor();
  const look = await page.evaluate(() => {
    const root = document.querySelector("chat-stream")?.shadowRoot;
    const styleOf = (name: string) => getComputedStyle(root?.querySelector(name) as Element);
    return [styleOf(".bubble").borderTopStyle, styleOf(".primary").borderTopStyle, styleOf(".composer").outlineStyle];
  });
  assertEquals(look, ["solid", "solid", "solid"]);
  await screenshot(page, "forced-colors");
}, { forcedColors: "active" });
