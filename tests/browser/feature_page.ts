/**
 * A page with one chat whose properties a test sets, and steps that several tests take there.
 * @module
 */
import type { Page } from "playwright-core";
import type {} from "../../components/define.ts";
import type { FakeAnswer, FakeChatServer } from "./fake_chat_server.ts";

/** Opens a page with one chat. @param attributes its attributes */
export async function openChat(page: Page, server: FakeChatServer, attributes = ""): Promise<void> {
  server.page(
    "/",
    `<!doctype html><html lang="en"><title>Test</title><link rel="stylesheet" href="/page.css">
    <main><h1 class="hidden">Test</h1><chat-stream mode="page" ${attributes}></chat-stream></main>
    <script type="module" src="/chat-stream.js"></script>`,
  );
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).waitFor();
}

/** Sends a question from the box. */
export async function ask(page: Page, server: FakeChatServer, text = "A question"): Promise<FakeAnswer> {
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill(text);
  await box.press("Enter");
  return await server.nextAnswer();
}

/** Sends a question and completes its answer. */
export async function converse(
  page: Page,
  server: FakeChatServer,
  text = "An answer",
  question = "A question",
): Promise<void> {
  (await ask(page, server, question)).finish(text);
  await page.locator('.log[aria-busy="false"]').waitFor();
  await page.getByRole("button", { name: "Answer again" }).last().waitFor();
}

/** The conversation, as the page can store it. */
export function stateOf(page: Page) {
  return page.evaluate(() => document.querySelector("chat-stream")!.toJSON());
}

/** The text in the message box. */
export function boxText(page: Page): Promise<string> {
  return page.getByRole("textbox", { name: "Message" }).inputValue();
}
