import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { quoteText } from "../../components/view/quote_button.ts";
import { browserTest, screenshot } from "./browser.ts";
import type { FakeChatServer } from "./fake_chat_server.ts";

const quoteButton = (page: Page) => page.getByRole("button", { name: "Quote" });

async function answerOnce(page: Page, server: FakeChatServer, text: string): Promise<void> {
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).fill("Tell me");
  await page.keyboard.press("Enter");
  (await server.nextAnswer()).finish(text);
  await page.getByRole("button", { name: "Answer again" }).waitFor();
}

/** Clicks into an answer, as a visitor does who then selects with the keyboard. */
async function startSelection(page: Page): Promise<void> {
  await page.locator(".content p").first().click();
  await page.waitForFunction(() =>
    document.querySelector("chat-stream")?.shadowRoot?.adoptedStyleSheets.some((sheet) =>
      [...sheet.cssRules].some(({ cssText }) => cssText.startsWith(".quote-button"))
    )
  );
}

/** Selects from the start of one element to the end of another, as the browser does for caret browsing. */
async function select(page: Page, from: string, to: string): Promise<void> {
  await page.evaluate(([from, to]) => {
    const root = document.querySelector("chat-stream")?.shadowRoot as ShadowRoot;
    const [start, end] = [from, to].map((name) => root.querySelector(name as string) as Element);
    getSelection()?.setBaseAndExtent(start as Element, 0, end as Element, (end as Element).childNodes.length);
  }, [from, to]);
}

browserTest("chat-stream quotes text that is selected with the mouse", async ({ page, server }) => {
  await answerOnce(page, server, "The first paragraph.\n\nThe **second** one.");
  await page.locator(".content p").first().click({ clickCount: 3 });
  await quoteButton(page).waitFor();
  await screenshot(page, "quote");
  await page.getByRole("textbox", { name: "Message" }).fill("I wonder:");
  await page.locator(".content p").first().click({ clickCount: 3 });
  await quoteButton(page).click();
  const box = page.getByRole("textbox", { name: "Message" });
  assertEquals(await box.inputValue(), "I wonder:\n\n> The first paragraph.\n\n");
  assertEquals(await box.evaluate((box) => (box.getRootNode() as ShadowRoot).activeElement === box), true);
  assertEquals(await quoteButton(page).count(), 0);
});

browserTest("chat-stream quotes several paragraphs with the keyboard", async ({ page, server }) => {
  await answerOnce(page, server, "The first paragraph.\n\nThe **second** one.");
  await startSelection(page);
  await select(page, ".content p:first-of-type", ".content p:last-of-type");
  await quoteButton(page).waitFor();
  for (let i = 0; i < 5; i++) {
    if (await quoteButton(page).evaluate((button) => button.matches(":focus"))) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  const box = page.getByRole("textbox", { name: "Message" });
  assertEquals(await box.inputValue(), "> The first paragraph.\n>\n> The second one.\n\n");
});

browserTest(
  "chat-stream quotes the last paragraph, and shows the question with its quotation",
  async ({ page, server }) => {
    await answerOnce(page, server, "The first paragraph.\n\nThe **second** one.");
    await page.locator(".content p").last().click({ clickCount: 3 });
    await quoteButton(page).click();
    const box = page.getByRole("textbox", { name: "Message" });
    await box.pressSequentially("Why?");
    await box.press("Enter");
    const { messages } = (await server.nextAnswer()).request;
    assertEquals(messages.at(-1)?.content, "> The second one.\n\nWhy?");
    await page.locator(".quotation", { hasText: "The second one." }).waitFor();
    assertEquals(await page.locator(".bubble").last().innerText(), "The second one.\nWhy?");
  },
);

browserTest("chat-stream quotes formulas as TeX, and keeps the lines around them", async ({ page, server }) => {
  await answerOnce(page, server, "Let $x_1$ be\n\n$$\ny^2\n$$\n\n- one\n- $z$\n\nEnd.");
  await page.locator("math").nth(2).waitFor();
  await startSelection(page);
  await select(page, ".content p:first-of-type", ".content p:last-of-type");
  await quoteButton(page).click();
  assertEquals(
    await page.getByRole("textbox", { name: "Message" }).inputValue(),
    "> Let $x_1$ be\n>\n> $$y^2$$\n>\n> one\n> $z$\n>\n> End.\n\n",
  );
});

browserTest("chat-stream quotes neither questions nor text across messages", async ({ page, server }) => {
  await answerOnce(page, server, "An answer.");
  await startSelection(page);
  await select(page, ".bubble", ".bubble");
  assertEquals(await quoteButton(page).count(), 0);
  await select(page, ".bubble", ".content p");
  assertEquals(await quoteButton(page).count(), 0);
  await select(page, ".content p", ".content p");
  await quoteButton(page).waitFor();
  await page.evaluate(() => getSelection()?.removeAllRanges());
  await quoteButton(page).waitFor({ state: "detached" });
});

Deno.test("quoteText marks every line and keeps one empty line between paragraphs", () => {
  assertEquals(quoteText("one"), "> one\n\n");
  assertEquals(quoteText(" one\ntwo\n\n\n\nthree "), "> one\n> two\n>\n> three\n\n");
});
