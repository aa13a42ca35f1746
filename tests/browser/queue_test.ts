import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, screenshot } from "./browser.ts";
import type { FakeAnswer, FakeChatServer } from "./fake_chat_server.ts";

const boxOf = (page: Page) => page.getByRole("textbox", { name: "Message" });

/** Sends a question and begins its answer. */
async function begin(page: Page, server: FakeChatServer): Promise<FakeAnswer> {
  await page.goto(server.origin);
  await boxOf(page).fill("First question");
  await boxOf(page).press("Enter");
  const answer = await server.nextAnswer();
  answer.text("It begins");
  await page.getByText("It begins").waitFor();
  return answer;
}

async function queue(page: Page, text: string): Promise<void> {
  await boxOf(page).fill(text);
  await boxOf(page).press("Enter");
  await page.locator(".queued", { hasText: text }).waitFor();
  assertEquals(await boxOf(page).inputValue(), "");
}

const lastQuestion = (answer: FakeAnswer) => answer.request.messages.at(-1)?.content;

browserTest("chat-stream sends a queued message when the answer is complete", async ({ page, server }) => {
  const first = await begin(page, server);
  await queue(page, "Second question");
  await screenshot(page, "queued");
  assertEquals(server.answers.length, 1);
  first.finish();
  const second = await server.nextAnswer();
  assertEquals(lastQuestion(second), "Second question");
  await page.locator(".queued").waitFor({ state: "detached" });
  second.finish("It ends");
  await page.getByText("It ends").waitFor();
});

browserTest("chat-stream appends a second message to the queued one", async ({ page, server }) => {
  const first = await begin(page, server);
  await queue(page, "One");
  await queue(page, "Two");
  first.finish();
  assertEquals(lastQuestion(await server.nextAnswer()), "One\n\nTwo");
});

browserTest("chat-stream offers Stop and the queue while the box has text", async ({ page, server }) => {
  const first = await begin(page, server);
  const queueButton = page.getByRole("button", { name: "Send after this answer" });
  assertEquals(await queueButton.count(), 0);
  await boxOf(page).fill("By mouse");
  assertEquals(await page.getByRole("button", { name: "Stop" }).count(), 1);
  await screenshot(page, "queue-buttons");
  await queueButton.click();
  await page.locator(".queued", { hasText: "By mouse" }).waitFor();
  assertEquals(await boxOf(page).evaluate((box) => (box.getRootNode() as ShadowRoot).activeElement === box), true);
  await page.getByRole("button", { name: "Stop" }).click();
  await first.left;
});

for (const [end, note] of [["stop", "Stopped"], ["failure", "The connection was lost"]] as const) {
  browserTest(`chat-stream keeps a queued message for the visitor after a ${end}`, async ({ page, server }) => {
    const first = await begin(page, server);
    await queue(page, "Later");
    if (end === "stop") await page.getByRole("button", { name: "Stop" }).click();
    else first.emit({ type: "error", data: { type: "StreamChunkError", message: "Cut" } });
    await page.getByRole("log").getByText(note).waitFor();
    await page.getByText("Not sent yet").waitFor();
    assertEquals(server.answers.length, 1);
    await screenshot(page, `queued-after-${end}`);
    await page.locator(".queued").getByRole("button", { name: "Send" }).press("Enter");
    assertEquals(lastQuestion(await server.nextAnswer()), "Later");
  });
}

browserTest("chat-stream keeps a queued message after an answer that is too long", async ({ page, server }) => {
  const first = await begin(page, server);
  await queue(page, "Later");
  first.emit({ type: "stop", data: "length" });
  first.end();
  await page.getByText("Not sent yet").waitFor();
  assertEquals(server.answers.length, 1);
});

browserTest("chat-stream takes a queued message back into the box, or removes it", async ({ page, server }) => {
  const first = await begin(page, server);
  await queue(page, "Earlier");
  await boxOf(page).fill("and this");
  await page.locator(".queued").getByRole("button", { name: "Edit" }).press("Enter");
  assertEquals(await boxOf(page).inputValue(), "Earlier\n\nand this");
  assertEquals(await boxOf(page).evaluate((box) => (box.getRootNode() as ShadowRoot).activeElement === box), true);
  await boxOf(page).press("Enter");
  await page.locator(".queued").getByRole("button", { name: "Remove" }).click();
  assertEquals(await page.locator(".queued").count(), 0);
  first.finish();
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  assertEquals(server.answers.length, 1);
});

browserTest("chat-stream puts a queued message into the box when the chat is cleared", async ({ page, server }) => {
  await begin(page, server);
  await queue(page, "Keep me");
  await page.getByRole("button", { name: "New chat" }).click();
  await page.locator(".empty").waitFor();
  assertEquals(await boxOf(page).inputValue(), "Keep me");
});

browserTest("chat-stream puts a queued message back when a listener cancels it", async ({ page, server }) => {
  const first = await begin(page, server);
  await queue(page, "Not this");
  await page.evaluate(() => document.addEventListener("chat-send", (event) => event.preventDefault()));
  first.finish();
  await page.locator(".queued").waitFor({ state: "detached" });
  await page.waitForFunction(() =>
    document.querySelector("chat-stream")?.shadowRoot?.querySelector("textarea")?.value === "Not this"
  );
  assertEquals(server.answers.length, 1);
});

browserTest("chat-stream restores the box and a queued message after a reload", async ({ page, server }) => {
  const first = await begin(page, server);
  await queue(page, "Queued text");
  await boxOf(page).fill("A draft");
  await page.reload();
  await page.getByText("It begins").waitFor();
  await page.waitForFunction(() =>
    document.querySelector("chat-stream")?.shadowRoot?.querySelector("textarea")?.value === "Queued text\n\nA draft"
  );
  first.finish();
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  await boxOf(page).press("Enter");
  const second = await server.nextAnswer();
  assertEquals(lastQuestion(second), "Queued text\n\nA draft");
  second.finish("It ends");
  await page.getByText("It ends").waitFor();
  await page.reload();
  await page.getByText("It ends").waitFor();
  assertEquals(await boxOf(page).inputValue(), "");
});

browserTest("chat-stream keeps no draft without persist", async ({ page, server }) => {
  server.page("/", '<!doctype html><script type="module" src="/chat-stream.js"></script><chat-stream></chat-stream>');
  await page.goto(server.origin);
  await boxOf(page).fill("A draft");
  await page.reload();
  await boxOf(page).waitFor();
  assertEquals(await page.evaluate(() => sessionStorage.length), 0);
  assertEquals(await boxOf(page).inputValue(), "");
});

/** Attaches a text file. */
async function attach(page: Page, name: string): Promise<void> {
  const input = page.locator("input[name=files]");
  await input.waitFor({ state: "attached" });
  await input.setInputFiles([{ name, mimeType: "text/plain", buffer: Buffer.from(`In ${name}.`) }]);
  await page.locator(".composer .file", { hasText: name }).getByText("TXT · 1 kB").waitFor();
}

const fileNames = (page: Page, place: string) => page.locator(`${place} .file-name`).allInnerTexts();
const part = (name: string) => ({ type: "text" as const, text: `${name}:\n\`\`\`\nIn ${name}.\n\`\`\`` });

browserTest("chat-stream queues a message with its files, and another one after it", async ({ page, server }) => {
  const first = await begin(page, server);
  await attach(page, "one.txt");
  await queue(page, "Read this");
  assertEquals([await fileNames(page, ".queued"), await fileNames(page, ".composer")], [["one.txt"], []]);
  await screenshot(page, "queued-files");
  // A file alone is a message too.
  await attach(page, "two.txt");
  await page.getByRole("button", { name: "Send after this answer" }).click();
  await page.locator(".queued .file").nth(1).waitFor();
  assertEquals(server.answers.length, 1);
  first.finish();
  const second = await server.nextAnswer();
  assertEquals(lastQuestion(second), [{ type: "text", text: "Read this" }, part("one.txt"), part("two.txt")]);
  await page.locator(".queued").waitFor({ state: "detached" });
  assertEquals(await fileNames(page, ".composer"), []);
});

browserTest("chat-stream takes a queued message back into the box with its files", async ({ page, server }) => {
  const first = await begin(page, server);
  await attach(page, "one.txt");
  await queue(page, "Read this");
  await attach(page, "two.txt");
  await page.locator(".queued").getByRole("button", { name: "Edit" }).click();
  assertEquals([await fileNames(page, ".composer"), await boxOf(page).inputValue()], [
    ["one.txt", "two.txt"],
    "Read this",
  ]);
  assertEquals(await page.locator(".queued").count(), 0);
  await boxOf(page).press("Enter");
  await page.locator(".queued .file").nth(1).waitFor();
  await page.locator(".queued").getByRole("button", { name: "Remove" }).click();
  await page.locator(".queued").waitFor({ state: "detached" });
  first.finish();
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  assertEquals([server.answers.length, await fileNames(page, ".composer")], [1, []]);
});

browserTest(
  "chat-stream puts a queued message with files back when a listener cancels it",
  async ({ page, server }) => {
    const first = await begin(page, server);
    await attach(page, "one.txt");
    await queue(page, "Not this");
    await page.evaluate(() => document.addEventListener("chat-send", (event) => event.preventDefault()));
    first.finish();
    await page.locator(".composer .file").waitFor();
    assertEquals(await page.locator(".queued").count(), 0);
    assertEquals(await boxOf(page).inputValue(), "Not this");
  },
);
