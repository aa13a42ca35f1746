import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, screenshot } from "./browser.ts";
import type { FakeChatServer } from "./fake_chat_server.ts";

/** Sends one question on the full page and answers it. */
async function askOnce(page: Page, server: FakeChatServer): Promise<void> {
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).fill("First question");
  await page.keyboard.press("Enter");
  (await server.nextAnswer()).finish("First answer");
  await page.getByRole("log").getByText("First answer").waitFor();
  await page.getByRole("button", { name: "Answer again" }).waitFor();
}

browserTest("chat-stream regenerates an answer and switches between the versions", async ({ page, server }) => {
  await askOnce(page, server);
  await page.getByRole("button", { name: "Answer again" }).click();
  const second = await server.nextAnswer();
  assertEquals(second.request.messages.length, 1);
  second.finish("Second answer");
  await page.getByText("Version 2 of 2").waitFor();
  assertEquals(await page.getByRole("log").getByText("First answer").count(), 0);
  await screenshot(page, "versions");
  await page.getByRole("button", { name: "Earlier version" }).click();
  await page.getByRole("log").getByText("First answer").waitFor();
  assertEquals(await page.getByRole("log").getByText("Second answer").count(), 0);
  assertEquals(await page.getByRole("button", { name: "Earlier version" }).getAttribute("aria-disabled"), "true");
});

browserTest("chat-stream sends an edited question and keeps the old version", async ({ page, server }) => {
  await askOnce(page, server);
  await page.getByRole("button", { name: "Edit" }).click();
  const editor = page.getByRole("textbox", { name: "Edit" });
  assertEquals(await editor.evaluate((box) => box === (box.getRootNode() as ShadowRoot).activeElement), true);
  assertEquals(await editor.inputValue(), "First question");
  await editor.fill("Better question");
  await page.locator(".editor").getByRole("button", { name: "Send" }).click();
  const second = await server.nextAnswer();
  assertEquals(second.request.messages, [{ role: "user", content: "Better question" }]);
  second.finish("Better answer");
  await page.getByRole("log").getByText("Better answer").waitFor();
  await page.getByRole("button", { name: "Earlier version" }).click();
  await page.getByRole("log").getByText("First answer").waitFor();
  await page.getByRole("log").getByText("First question").waitFor();
});

browserTest("chat-stream keeps a question unchanged when editing is cancelled", async ({ page, server }) => {
  await askOnce(page, server);
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("textbox", { name: "Edit" }).press("Escape");
  await page.getByRole("log").getByText("First question").waitFor();
  assertEquals(server.answers.length, 1);
});

browserTest("chat-stream copies the source text of a message", async ({ page, server }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await askOnce(page, server);
  await page.locator(".answer").getByRole("button", { name: "Copy" }).click();
  await page.locator(".answer").getByRole("button", { name: "Copied" }).waitFor();
  assertEquals(await page.evaluate(() => navigator.clipboard.readText()), "First answer");
});

browserTest("chat-stream restores a cleared conversation", async ({ page, server }) => {
  await askOnce(page, server);
  await page.getByRole("button", { name: "New chat" }).click();
  await page.getByText("What would you like to know?").waitFor();
  // The pressed button is gone: the box has the focus.
  assertEquals(await page.getByRole("textbox", { name: "Message" }).evaluate((box) => box.matches(":focus")), true);
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("log").getByText("First answer").waitFor();
});

browserTest("chat-stream downloads the conversation as a file", async ({ page, server }) => {
  await askOnce(page, server);
  await page.getByLabel("Download").click();
  await screenshot(page, "menu");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "As Markdown" }).click(),
  ]);
  assertEquals(download.suggestedFilename(), "chat.md");
  assertEquals(
    await Deno.readTextFile(await download.path()),
    "## You\n\nFirst question\n\n## Assistant\n\nFirst answer\n",
  );
});

browserTest("chat-stream sends a starter when it is clicked", async ({ page, server }) => {
  server.page(
    "/",
    `<!doctype html><link rel="stylesheet" href="/page.css"><script type="module" src="/chat-stream.js"></script>
    <chat-stream mode="page" greeting="Moin!" starters='["What is new?","Explain streams to me as if I were a river"]'></chat-stream>`,
  );
  await page.goto(server.origin);
  await page.getByText("Moin!").waitFor();
  await screenshot(page, "starters");
  await page.getByRole("button", { name: "What is new?" }).click();
  assertEquals((await server.nextAnswer()).request.messages, [{ role: "user", content: "What is new?" }]);
});

for (const persist of ["session", "local"]) {
  browserTest(
    `chat-stream restores the conversation after a reload with persist="${persist}"`,
    async ({ page, server }) => {
      server.page(
        "/",
        `<!doctype html><script type="module" src="/chat-stream.js"></script><chat-stream persist="${persist}"></chat-stream>`,
      );
      await askOnce(page, server);
      await page.getByRole("textbox", { name: "Message" }).fill("Second question");
      await page.keyboard.press("Enter");
      const answer = await server.nextAnswer();
      answer.text("Half an ans");
      await page.getByRole("log").getByText("Half an ans").waitFor();
      await page.reload();
      await page.getByRole("log").getByText("First answer").waitFor();
      await page.getByRole("log").getByText("Half an ans").waitFor();
      answer.finish("wer");
      await page.getByRole("log").getByText("Half an answer").waitFor();
      await page.getByRole("button", { name: "Send" }).waitFor();
      await page.getByRole("button", { name: "New chat" }).click();
      await page.reload();
      await page.getByText("What would you like to know?").waitFor();
    },
  );
}

browserTest("chat-stream keeps the focus when the focused button is removed", async ({ page, server }) => {
  const focused = () => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.className);
  await askOnce(page, server);
  await page.getByRole("button", { name: "Answer again" }).press("Enter");
  (await server.nextAnswer()).cut();
  await page.getByRole("button", { name: "Retry" }).waitFor();
  assertEquals(await focused(), "log");
  await page.getByRole("button", { name: "Retry" }).press("Enter");
  (await server.nextAnswer()).finish("Third answer");
  await page.getByRole("log").getByText("Third answer").waitFor();
  assertEquals(await focused(), "log");
  await page.getByRole("button", { name: "Edit" }).press("Enter");
  await page.getByRole("textbox", { name: "Edit" }).press("Escape");
  await page.getByRole("button", { name: "Edit" }).waitFor();
  assertEquals(await focused(), "log");
});
