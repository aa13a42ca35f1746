import { assertEquals } from "@std/assert";
import { browserTest, screenshot } from "./browser.ts";

browserTest("chat-stream holds a conversation on the full page", async ({ page, server }) => {
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await screenshot(page, "empty-light");
  await box.fill("What is a stream?");
  await box.press("Enter");

  const first = await server.nextAnswer();
  assertEquals(first.request.messages, [{ role: "user", content: "What is a stream?" }]);
  assertEquals(first.request.stream, true);
  await page.locator(".typing").waitFor();
  await screenshot(page, "waiting-light");
  first.emit({ type: "reasoning", data: "The visitor asks about streams. Keep it short." });
  await page.getByText("Thinking…").waitFor();
  first.text("A stream is a sequence of chunks ");
  await page.getByText("sequence of chunks").waitFor();
  assertEquals(await page.locator(".typing").count(), 0);
  first.finish("that arrive over time.\n\nYou read them as they come.");
  await page.getByText("24 tokens in, 312 out").waitFor();
  assertEquals(await page.locator(".content").allInnerTexts(), [
    "A stream is a sequence of chunks that arrive over time.\n\nYou read them as they come.",
  ]);

  await box.fill("And backpressure?");
  await page.getByRole("button", { name: "Send" }).click();
  const second = await server.nextAnswer();
  assertEquals(second.request.messages.map(({ role }) => role), ["user", "assistant", "user"]);
  second.finish("It tells the source to wait.");
  await page.getByText("source to wait").waitFor();
  await screenshot(page, "done-light");
});
