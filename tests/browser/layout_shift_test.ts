/// <reference lib="dom" />
import { assertEquals } from "@std/assert";
import type { Page, Route } from "playwright-core";
import { browserTest } from "./browser.ts";
import { ask, openChat } from "./feature_page.ts";

const TABLE = `Text before the table.

| Event | Data | When |
|---|---|---|
| \`text\` | a string | for each part |
| \`reasoning\` | a string | before the text, from models that reason |
| \`usage\` | a count of the tokens of the question and of the answer | last row |

Text after the table.
`;
const CODE =
  '\n```ts\nconst answer = await fetch("/api/chat");\nconsole.log(answer.status);\n```\n\nText after the code.\n';
const MATH = "\nThe sum $\\frac{n(n+1)}{2}$ is\n\n$$\n\\sum_{k=1}^{n} k\n$$\n\nText after the formula.";

/** Holds the requests whose URL contains `name`. */
async function hold(page: Page, name: string): Promise<{ readonly requested: Promise<unknown>; release(): void }> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: requested, resolve: note } = Promise.withResolvers<void>();
  await page.route(new RegExp(`/${name}-`), async (route: Route) => {
    note();
    await released;
    await route.continue();
  });
  return { requested, release };
}

/** Resolves when the page has drawn what has arrived. */
function frames(page: Page): Promise<unknown> {
  return page.evaluate(async () => {
    for (let i = 0; i < 5; i++) await new Promise(requestAnimationFrame);
  });
}

/** The positions of everything that has moved, and from where. */
async function watchShifts(page: Page): Promise<() => Promise<unknown>> {
  await page.addInitScript(() => {
    const shifts: string[] = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shifts.push(JSON.stringify(entry));
    }).observe({ type: "layout-shift", buffered: true });
    // A slow clock, so that the answer waits for a module for as long as the test wants.
    const now = performance.now.bind(performance);
    performance.now = () => now() / 1000;
    Object.assign(globalThis, { shifts });
  });
  return () => page.evaluate("shifts");
}

browserTest("chat-stream shifts nothing while an answer of every kind arrives", async ({ page, server }) => {
  const readShifts = await watchShifts(page);
  const [reasoning, extras, math] = [
    await hold(page, "reasoning"),
    await hold(page, "markdown_extras"),
    await hold(page, "math"),
  ];
  await openChat(page, server);
  const answer = await ask(page, server);

  answer.emit({ type: "reasoning", data: "I think." }, { type: "text", data: "An answer.\n\n" });
  await page.getByText("An answer.").waitFor();
  await reasoning.requested;
  reasoning.release();
  await page.locator(".reasoning").waitFor();

  answer.text(TABLE);
  await extras.requested;
  await frames(page);
  extras.release();
  await page.getByText("Text after the table.").waitFor();
  answer.text(CODE);
  await page.getByText("Text after the code.").waitFor();

  answer.text(MATH);
  await math.requested;
  await frames(page);
  math.release();
  await page.getByText("Text after the formula.").waitFor();

  answer.emit({ type: "grounding", data: { citations: [{ title: "A page", url: "https://page.example/" }] } });
  await frames(page);
  answer.text("\n\nText after the sources.");
  await page.getByText("Text after the sources.").waitFor();
  answer.finish();
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  await frames(page);
  assertEquals(await readShifts(), []);
}, { viewport: { width: 1280, height: 1800 } });

browserTest("chat-stream shows sources before the buttons below them", async ({ page, server }) => {
  const readShifts = await watchShifts(page);
  const extras = await hold(page, "markdown_extras");
  await openChat(page, server);
  const answer = await ask(page, server);
  answer.emit({ type: "text", data: "An answer." }, {
    type: "grounding",
    data: { citations: [{ title: "A page", url: "https://page.example/" }] },
  });
  answer.finish();
  await extras.requested;
  await frames(page);
  assertEquals(await page.getByRole("button", { name: "Answer again" }).count(), 0);
  extras.release();
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  await frames(page);
  assertEquals(await readShifts(), []);
});

browserTest(
  "chat-stream shows the first formula of a short answer with the words after it",
  async ({ page, server }) => {
    const readShifts = await watchShifts(page);
    const math = await hold(page, "math");
    await openChat(page, server);
    const answer = await ask(page, server);
    answer.text("$n$ is a number.");
    await math.requested;
    await page.locator(".typing").waitFor();
    answer.finish(" It is large.");
    await page.locator('.log[aria-busy="false"]').waitFor();
    await frames(page);
    assertEquals(await page.getByText("is a number").count(), 0);
    math.release();
    await page.getByText("is a number. It is large.").waitFor();
    await page.getByRole("button", { name: "Answer again" }).waitFor();
    await frames(page);
    assertEquals(await readShifts(), []);
  },
);

browserTest("chat-stream goes on with an answer whose module cannot be loaded", async ({ page, server }) => {
  await page.route(/\/(markdown_extras|reasoning)-/, (route) => route.abort());
  await openChat(page, server);
  const answer = await ask(page, server);
  answer.emit({ type: "reasoning", data: "I think." });
  answer.text(TABLE);
  await page.getByText("Text after the table.").waitFor();
  answer.finish();
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  assertEquals(await page.locator(".typing").count(), 0);
});
