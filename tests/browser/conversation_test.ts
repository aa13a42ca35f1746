import { assertEquals } from "@std/assert";
import type {} from "../../components/define.ts";
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
  await page.locator('.log[aria-busy="false"]').waitFor();
  assertEquals(await page.locator(".content").allInnerTexts(), [
    "A stream is a sequence of chunks that arrive over time.\n\nYou read them as they come.",
  ]);

  await box.fill("And backpressure?");
  await page.getByRole("button", { name: "Send" }).click();
  const second = await server.nextAnswer();
  assertEquals(second.request.messages.map(({ role }) => role), ["user", "assistant", "user"]);
  second.finish("It tells the source to wait.");
  await page.getByRole("log").getByText("source to wait").waitFor();
  await screenshot(page, "done-light");
});

browserTest("chat-stream keeps what has arrived when the visitor stops", async ({ page, server }) => {
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("Count");
  await box.press("Enter");
  const answer = await server.nextAnswer();
  answer.text("One, two");
  await page.getByText("One, two").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await answer.left;
  await page.locator(".notes", { hasText: "Stopped" }).waitFor();
  assertEquals(await page.locator(".content").innerText(), "One, two");
  await page.getByRole("button", { name: "Send" }).waitFor();
});

browserTest("chat-stream stops on Escape before the first event", async ({ page, server }) => {
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("Count");
  await box.press("Enter");
  const answer = await server.nextAnswer();
  await box.press("Escape");
  await answer.left;
  await page.locator(".notes", { hasText: "Stopped" }).waitFor();
});

browserTest(
  "chat-stream keeps the text of an answer that lost its connection, and retries it",
  async ({ page, server }) => {
    await page.goto(server.origin);
    const box = page.getByRole("textbox", { name: "Message" });
    await box.fill("Tell me");
    await box.press("Enter");
    const cut = await server.nextAnswer();
    cut.text("Once upon a ");
    cut.cut();
    await page.getByRole("log").getByText("The connection was lost before the answer was complete.").waitFor();
    assertEquals((await page.locator(".content").innerText()).trim(), "Once upon a");
    await screenshot(page, "cut-light");
    await page.getByRole("button", { name: "Retry" }).click();
    const again = await server.nextAnswer();
    assertEquals(again.request.messages, [{ role: "user", content: "Tell me" }]);
    again.finish("Once upon a time.");
    await page.getByText("Once upon a time.").waitFor();
    assertEquals(await page.locator(".failure").count(), 0);
  },
);

browserTest("chat-stream shows a notice below an answer that reached its length limit", async ({ page, server }) => {
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("Tell me everything");
  await box.press("Enter");
  const answer = await server.nextAnswer();
  answer.emit({ type: "text", data: "In the beginning" }, { type: "stop", data: "length" });
  answer.end();
  const notice = page.getByRole("log").getByText("The answer reached its length limit and ends here.");
  await notice.waitFor();
  assertEquals(await notice.evaluate((element) => element.part.value), "notice");
  await screenshot(page, "length-limit");
  await page.getByRole("button", { name: "Answer again" }).click();
  (await server.nextAnswer()).finish("In short: all of it.");
  await page.getByText("In short").waitFor();
  assertEquals(await notice.count(), 0);
});

browserTest("chat-stream describes why the server refused a request", async ({ page, server }) => {
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("Hi");
  await box.press("Enter");
  (await server.nextAnswer()).refuse(429, "RateLimitExceeded");
  await page.getByText("That was a lot of questions").waitFor();
  assertEquals(await page.getByRole("button", { name: "Retry" }).count(), 1);
  // There is nothing to copy, and one button to try again.
  assertEquals(await page.locator(".answer .actions button").count(), 0);
});

browserTest("chat-stream sends one question at a time", async ({ page, server }) => {
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("  ");
  await box.press("Enter");
  await box.fill("Hi");
  await box.press("Enter");
  await box.press("Enter");
  const answer = await server.nextAnswer();
  assertEquals(await box.inputValue(), "");
  answer.finish("Hello");
  await page.getByRole("log").getByText("Hello").waitFor();
  assertEquals(server.answers.length, 1);
});

browserTest("chat-stream starts a new chat", async ({ page, server }) => {
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("Hi");
  await box.press("Enter");
  const answer = await server.nextAnswer();
  answer.text("Hello");
  await page.getByRole("log").getByText("Hello").waitFor();
  await page.getByRole("button", { name: "New chat" }).click();
  await answer.left;
  await page.getByText("What would you like to know?").waitFor();
  await box.fill("Again");
  await box.press("Enter");
  assertEquals((await server.nextAnswer()).request.messages.length, 1);
});

browserTest("chat-stream completes an answer when the browser paints no frame", async ({ page, server }) => {
  // A background tab gets no animation frames.
  await page.addInitScript(() => Object.assign(globalThis, { requestAnimationFrame: () => 0 }));
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).fill("Hi");
  await page.keyboard.press("Enter");
  const answer = await server.nextAnswer();
  answer.text("One, ", "two, ");
  answer.finish("three.");
  await page.waitForFunction(
    () => {
      const content = document.querySelector("chat-stream")?.shadowRoot?.querySelector(".content");
      return content?.textContent?.trim() === "One, two, three.";
    },
    undefined,
    { polling: 50 },
  );
});

browserTest("chat-stream prints the whole conversation without controls", async ({ page, server }) => {
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).fill("Hi");
  await page.keyboard.press("Enter");
  (await server.nextAnswer()).finish("A paragraph.\n\n".repeat(60) + "The end.");
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const look = await page.evaluate(() => {
    const root = document.querySelector("chat-stream")?.shadowRoot;
    const log = root?.querySelector(".log");
    const isShown = (name: string) => root?.querySelector(name)?.checkVisibility();
    return {
      isWhole: log && log.scrollHeight === log.clientHeight && log.clientHeight > innerHeight,
      shown: [".footer", ".actions", ".header-buttons"].filter((name) => isShown(name)),
      colour: getComputedStyle(root?.querySelector(".chat") as Element).color,
    };
  });
  assertEquals(look, { isWhole: true, shown: [], colour: "rgb(30, 33, 31)" });
});
