/** Tests the launcher in a small window, which its panel fills as a modal dialog. */
import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import type { Page } from "playwright-core";
import type {} from "../../components/define.ts";
import { browserTest, type BrowserTestOptions, screenshot } from "./browser.ts";
import type { FakeChatServer } from "./fake_chat_server.ts";

const PHONE: BrowserTestOptions = {
  viewport: { width: 390, height: 700 },
  isMobile: true,
  hasTouch: true,
  reducedMotion: "reduce",
};
const NARROW: BrowserTestOptions = { viewport: { width: 390, height: 700 }, reducedMotion: "reduce" };

async function openPanel(page: Page, server: FakeChatServer, attributes = ""): Promise<void> {
  server.page(
    "/",
    `<!doctype html><html lang="en"><title>Shop</title>
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <script type="module" src="/chat-stream.js"></script><main><h1>Shop</h1>
    ${"<p><a href='/other'>A link</a></p>".repeat(60)}</main>
    <chat-stream mode="launcher" heading="Help desk" ${attributes}></chat-stream>`,
  );
  await page.goto(server.origin);
  await page.getByRole("button", { name: "Help desk" }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

/** The focused element in the chat, by its class or tag; undefined outside of the chat. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement?.shadowRoot?.activeElement;
    return element?.className.trim() || element?.localName;
  });

browserTest("launcher makes the page behind a phone's panel inert, and gives it back", async ({ page, server }) => {
  await openPanel(page, server);
  assertEquals(await page.getByRole("dialog").getAttribute("aria-modal"), "true");
  assertEquals(await page.locator(".panel").evaluate((panel) => panel.matches(":modal")), true);
  await screenshot(page, "launcher-modal");
  await page.getByRole("link").first().focus();
  assert(await page.evaluate(() => document.activeElement?.localName !== "a"));
  await page.mouse.wheel(0, 300);
  assertEquals(await page.evaluate(() => [scrollY, getComputedStyle(document.documentElement).overflow]), [
    0,
    "hidden",
  ]);
  await page.getByRole("button", { name: "Close" }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor({ state: "hidden" });
  assertEquals(await page.evaluate(() => document.documentElement.style.overflow), "");
  assertEquals(await focused(page), "launcher");
  await page.getByRole("link").first().focus();
  assertEquals(await page.evaluate(() => document.activeElement?.localName), "a");
}, PHONE);

browserTest("launcher passes axe-core while its panel fills a phone", async ({ page, server }) => {
  await openPanel(page, server, `starters='["Where is my parcel?"]'`);
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
    const values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    return (await axe.run(document, { runOnly: { type: "tag", values } })).violations.map(({ id, nodes }) =>
      `${id}: ${nodes.map(({ html }) => html)}`
    );
  });
  assertEquals(violations, []);
}, PHONE);

browserTest("launcher does not open a phone's keyboard, but focuses the box in a narrow window", async (test) => {
  await openPanel(test.page, test.server);
  assertEquals(await focused(test.page), "panel");
}, PHONE);

browserTest("launcher works by keyboard alone in a narrow window", async ({ page, server }) => {
  await openPanel(page, server);
  await page.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.localName === "textarea");
  const seen = new Set<string | undefined>();
  for (let count = 0; count < 8; count++) {
    await page.keyboard.press("Tab");
    // Between the last and the first element, the focus may pass the browser's own controls.
    if (await page.evaluate(() => document.hasFocus() && document.activeElement !== document.body)) {
      seen.add(await focused(page));
    }
  }
  assertEquals(
    [...seen].sort(),
    ["input", "log", "plain", "primary"].map((name) => name === "input" ? "textarea" : name).sort(),
  );
  await page.getByRole("textbox", { name: "Message" }).focus();
  await page.keyboard.type("Where is my parcel?");
  await page.keyboard.press("Enter");
  const answer = await server.nextAnswer();
  answer.text("On its way");
  await page.getByText("On its way").waitFor();
  await page.getByRole("status").getByText("The assistant is responding").waitFor({ state: "attached" });
  const isHeard = await page.evaluate(() => {
    const region = document.querySelector("chat-stream > [role=status]");
    return region?.assignedSlot?.closest("dialog")?.matches(":modal");
  });
  assertEquals(isHeard, true);
  await page.keyboard.press("Escape");
  await answer.stopped;
  assertEquals(await page.locator(".panel").isVisible(), true);
  await page.keyboard.press("Escape");
  await page.locator(".panel").waitFor({ state: "hidden" });
  assertEquals(await focused(page), "launcher");
}, NARROW);

browserTest("Escape closes the panel of a phone when no element in it has the focus", async ({ page, server }) => {
  await openPanel(page, server);
  await page.keyboard.press("Escape");
  await page.locator(".panel").waitFor({ state: "hidden" });
  assertEquals(await page.evaluate(() => document.querySelector("chat-stream")?.opened), false);
}, PHONE);

browserTest(
  "launcher follows the window from modal to beside the page, and keeps the focus",
  async ({ page, server }) => {
    await openPanel(page, server);
    const box = page.getByRole("textbox", { name: "Message" });
    await box.fill("Where");
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.waitForFunction(() => {
      const panel = document.querySelector("chat-stream")?.shadowRoot?.querySelector(".panel");
      return panel?.matches(":popover-open");
    });
    assertEquals(await page.getByRole("dialog").getAttribute("aria-modal"), null);
    assertEquals(await page.evaluate(() => document.documentElement.style.overflow), "");
    assertEquals(await focused(page), "textarea");
    assertEquals(await box.inputValue(), "Where");
  },
  NARROW,
);

browserTest(
  "launcher gives the page back when an open one is removed, and opens again when it is put back",
  async (test) => {
    const { page, server } = test;
    await openPanel(page, server);
    await page.evaluate(() => {
      const chat = document.querySelector("chat-stream");
      Object.assign(globalThis, { chat });
      chat?.remove();
    });
    assertEquals(await page.evaluate(() => document.documentElement.style.overflow), "");
    await page.evaluate(() => {
      const { chat } = globalThis as unknown as { chat: HTMLElement };
      document.body.append(chat);
    });
    await page.locator(".panel:modal").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    await page.locator(".panel").waitFor({ state: "hidden" });
  },
  PHONE,
);

browserTest("launcher does not cover a phone's page after a reload", async ({ page, server }) => {
  await openPanel(page, server, 'persist="session"');
  await page.reload();
  await page.getByRole("button", { name: "Help desk" }).waitFor();
  assertEquals(await page.locator(".panel").count(), 0);
}, PHONE);

browserTest("launcher keeps to the part of the window that a keyboard leaves", async ({ page, server }) => {
  await page.addInitScript(() => {
    Object.defineProperty(visualViewport, "height", { get: () => 400 });
  });
  await openPanel(page, server);
  assertEquals(await page.locator(".panel").boundingBox(), { x: 0, y: 0, width: 390, height: 400 });
}, PHONE);
