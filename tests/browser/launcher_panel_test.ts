/** Tests the launcher's panel: unread answers, its size, what it remembers, and the Escape key. */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type {} from "../../components/define.ts";
import { browserTest, screenshot } from "./browser.ts";
import type { FakeAnswer, FakeChatServer } from "./fake_chat_server.ts";

const STARTERS = JSON.stringify(["Can I charge my car on board?", "When do I have to be at the quay?", "And my dog?"]);

async function openPage(page: Page, server: FakeChatServer, attributes = "", before = ""): Promise<void> {
  server.page(
    "/",
    `<!doctype html><html lang="en"><title>Shop</title><meta name="viewport" content="width=device-width">
    <script type="module" src="/chat-stream.js"></script><h1>Shop</h1><p><a href="/other">A link</a></p>${before}
    <chat-stream mode="launcher" heading="Help desk" starters='${STARTERS}' ${attributes}></chat-stream>`,
  );
  await page.goto(server.origin);
  await page.getByRole("button", { name: "Help desk" }).waitFor();
}

const launcherOf = (page: Page) => page.locator(".launcher");
const boxOf = (page: Page) => page.getByRole("textbox", { name: "Message" });
const isOpen = (page: Page) => page.evaluate(() => document.querySelector("chat-stream")?.opened);

async function openPanel(page: Page): Promise<void> {
  await launcherOf(page).click();
  await boxOf(page).waitFor();
}

async function ask(page: Page, server: FakeChatServer): Promise<FakeAnswer> {
  await boxOf(page).fill("Where is my parcel?");
  await boxOf(page).press("Enter");
  const answer = await server.nextAnswer();
  answer.text("On its");
  await page.getByText("On its", { exact: true }).last().waitFor();
  return answer;
}

browserTest("launcher counts and announces the answers that end while it is closed", async ({ page, server }) => {
  await openPage(page, server);
  await openPanel(page);
  const answer = await ask(page, server);
  await launcherOf(page).click();
  await boxOf(page).waitFor({ state: "hidden" });
  answer.finish(" way.");
  const button = page.getByRole("button", { name: "Help desk, unread answers: 1", exact: true });
  await button.waitFor();
  assertEquals(await page.locator(".badge").innerText(), "1");
  await page.getByRole("status").getByText("Help desk, unread answers: 1").waitFor({ state: "attached" });
  assertEquals(await page.getByRole("status").getByText("On its way.").count(), 0);
  await screenshot(page, "launcher-unread");

  await button.click();
  await page.getByRole("log").getByText("On its way.").waitFor();
  assertEquals(await page.locator(".badge").innerText(), "");
  await page.getByRole("button", { name: "Help desk", exact: true }).waitFor();
});

browserTest("launcher counts no answer that is stopped", async ({ page, server }) => {
  await openPage(page, server);
  await openPanel(page);
  const answer = await ask(page, server);
  await launcherOf(page).click();
  await page.evaluate(() => document.querySelector("chat-stream")?.stop());
  await answer.stopped;
  await page.getByRole("status").getByText("Stopped").waitFor({ state: "attached" });
  assertEquals(await page.locator(".badge").textContent(), "");
});

browserTest("launcher enlarges its panel, and remembers that", async ({ page, server }) => {
  await openPage(page, server);
  await openPanel(page);
  const panel = page.locator(".panel");
  assertEquals((await panel.boundingBox())?.width, 400);
  await page.getByRole("button", { name: "Enlarge" }).click();
  assertEquals((await panel.boundingBox())?.width, 832);
  await screenshot(page, "launcher-wide");
  await page.reload();
  await openPanel(page);
  assertEquals((await panel.boundingBox())?.width, 832);
  await page.getByRole("button", { name: "Make smaller" }).click();
  assertEquals((await panel.boundingBox())?.width, 400);
}, { reducedMotion: "reduce" });

browserTest(
  "launcher is open again after a reload with persist, and leaves the focus alone",
  async ({ page, server }) => {
    await openPage(page, server, 'persist="session"', "<input autofocus aria-label=Search>");
    await openPanel(page);
    await page.reload();
    await boxOf(page).waitFor();
    assertEquals(await page.evaluate(() => document.activeElement?.localName), "input");
    await page.getByRole("button", { name: "Close" }).click();
    await boxOf(page).waitFor({ state: "hidden" });
    await page.reload();
    await launcherOf(page).waitFor();
    assertEquals(await page.evaluate(() => customElements.get("chat-stream") === undefined), true);
  },
);

browserTest("launcher is closed after a reload without persist", async ({ page, server }) => {
  await openPage(page, server);
  await openPanel(page);
  await page.reload();
  await launcherOf(page).waitFor();
  assertEquals(await page.evaluate(() => sessionStorage.getItem("chat-stream-open:") || null), null);
});

browserTest("launcher takes up an answer on the next page, and counts it", async ({ page, server }) => {
  await openPage(page, server, 'persist="session"');
  await openPanel(page);
  const answer = await ask(page, server);
  await launcherOf(page).click();
  await page.reload();
  await answer.resumed();
  answer.finish(" way.");
  await page.getByRole("button", { name: "Help desk, unread answers: 1" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Help desk, unread answers: 1" }).click();
  await page.getByRole("log").getByText("On its way.").waitFor();
});

browserTest("Escape closes the menu, then stops the answer, then closes the panel", async ({ page, server }) => {
  await openPage(page, server);
  await openPanel(page);
  (await ask(page, server)).finish(" way.");
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  const answer = await ask(page, server);
  await page.locator("summary").click();
  await page.keyboard.press("Escape");
  assertEquals(await page.getByRole("button", { name: "As JSON" }).count(), 0);
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await page.keyboard.press("Escape");
  await answer.stopped;
  assertEquals(await isOpen(page), true);
  await page.keyboard.press("Escape");
  await boxOf(page).waitFor({ state: "hidden" });
  assertEquals(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className), "launcher");
});

browserTest(
  "Escape stops the answer of a chat in a dialog, which stays open until nothing runs",
  async ({ page, server }) => {
    server.page(
      "/",
      `<!doctype html><html lang="en"><title>Shop</title><script type="module" src="/chat-stream.js"></script>
    <dialog aria-label="Chat"><chat-stream></chat-stream></dialog>`,
    );
    await page.goto(server.origin);
    await page.waitForFunction(() => document.querySelector("chat-stream")?.shadowRoot?.querySelector("textarea"));
    const isShown = () => page.evaluate(() => document.querySelector("dialog")?.open);
    await page.evaluate(() => document.querySelector("dialog")?.showModal());
    for (const place of [boxOf(page), page.getByRole("log")]) {
      await page.evaluate(() => document.querySelector("chat-stream")?.clear());
      const answer = await ask(page, server);
      await place.press("Escape");
      await answer.stopped;
      assertEquals(await isShown(), true);
    }
    await boxOf(page).press("Escape");
    assertEquals(await isShown(), false);
  },
);

browserTest("header shortens a long heading, and the menu keeps its width", async ({ page, server }) => {
  const heading = "The harbour desk of the Skerry Line in Marhaven";
  await openPage(page, server);
  await page.evaluate((heading) => document.querySelector("chat-stream")?.setAttribute("heading", heading), heading);
  await openPanel(page);
  (await ask(page, server)).finish(" way.");
  await page.locator("summary").click();
  const title = page.locator(".title > span");
  assertEquals(await title.evaluate((e) => [e.scrollWidth > e.clientWidth, getComputedStyle(e).textOverflow]), [
    true,
    "ellipsis",
  ]);
  for (const name of ["As Markdown", "As JSON"]) {
    const item = page.getByRole("button", { name });
    const box = (await item.boundingBox())!;
    assert(await item.evaluate((e) => e.scrollWidth <= e.clientWidth), name);
    assert(box.x >= 0 && box.x + box.width <= 320, name);
  }
}, { viewport: { width: 320, height: 568 }, reducedMotion: "reduce" });

for (const viewport of [{ width: 640, height: 400 }, { width: 320, height: 568 }]) {
  browserTest(`launcher shows its starters above the box in ${viewport.width} by ${viewport.height}`, async (test) => {
    const { page, server } = test;
    await openPage(page, server);
    await openPanel(page);
    const top = (await page.locator(".composer").boundingBox())!.y;
    for (const starter of await page.locator(".starter").all()) {
      const box = (await starter.boundingBox())!;
      assert(box.y >= 56 && box.y + box.height <= top, `${box.y} ${box.height} ${top}`);
    }
  }, { viewport, reducedMotion: "reduce" });
}
