import { assertEquals } from "@std/assert";
import { browserTest, screenshot } from "./browser.ts";
import { ask, converse, openChat } from "./feature_page.ts";

browserTest(
  "chat-stream shows the page's suggestions after an answer and sends a pressed one",
  async ({ page, server }) => {
    await openChat(page, server, `suggestions='["Why?","How so?"]'`);
    const first = await ask(page, server);
    first.text("Because");
    await page.getByText("Because").waitFor();
    assertEquals(await page.locator(".suggestions").count(), 0);
    first.finish(" of that.");
    const group = page.getByRole("group", { name: "Suggested questions" });
    assertEquals(await group.getByRole("button").allInnerTexts(), ["Why?", "How so?"]);
    await screenshot(page, "suggestions");
    await group.getByRole("button", { name: "How so?" }).press("Enter");
    const second = await server.nextAnswer();
    assertEquals(second.request.messages.at(-1), { role: "user", content: "How so?" });
    await group.waitFor({ state: "detached" });
  },
);

browserTest("chat-stream asks the page once for each answer and drops a late result", async ({ page, server }) => {
  await openChat(page, server);
  await page.evaluate(() => {
    const calls: { leaf: number | undefined; resolve: (texts: string[]) => void }[] = [];
    Object.assign(globalThis, { calls });
    document.querySelector("chat-stream")!.suggestions = ({ leaf }) =>
      new Promise((resolve) => calls.push({ leaf, resolve }));
  });
  const answerCall = (index: number, text: string) =>
    page.evaluate(
      ([index, text]) =>
        (globalThis as unknown as { calls: { resolve: (texts: unknown[]) => void }[] }).calls[index as number]!
          .resolve([text, "", 7]),
      [index, text] as const,
    );
  await converse(page, server, "First");
  await page.waitForFunction("globalThis.calls.length === 1");
  await converse(page, server, "Second");
  await page.waitForFunction("globalThis.calls.length === 2");
  await answerCall(0, "Too late");
  await answerCall(1, "In time");
  await page.getByRole("button", { name: "In time" }).waitFor();
  assertEquals(await page.locator(".suggestions button").allInnerTexts(), ["In time"]);
  assertEquals(await page.evaluate("globalThis.calls.map(({ leaf }) => leaf)"), [2, 4]);
});

browserTest("chat-stream works on when the page's suggestions fail", async ({ page, server, faults }) => {
  await openChat(page, server);
  await page.evaluate(() => {
    document.querySelector("chat-stream")!.suggestions = () => Promise.reject(new Error("no ideas"));
  });
  await converse(page, server, "First");
  await converse(page, server, "Second");
  assertEquals(await page.locator(".suggestions").count(), 0);
  assertEquals(faults.map((fault) => fault.includes("no ideas")), [true, true]);
}, { mayFault: true });
