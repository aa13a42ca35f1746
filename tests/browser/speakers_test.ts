import { assert, assertEquals } from "@std/assert";
import { browserTest, screenshot } from "./browser.ts";
import { ask, converse, openChat, stateOf } from "./feature_page.ts";

const MODELS = { defaultModel: "small", models: [{ id: "small" }, { id: "large" }] };

browserTest("chat-stream names both speakers, with pictures and times", async ({ page, server }) => {
  await openChat(
    page,
    server,
    'assistant-name="Skerry" user-name="Ada" assistant-avatar="/favicon.svg" user-avatar="/nobody.png" timestamps',
  );
  await converse(page, server);
  assertEquals(await page.locator(".byline .name").allInnerTexts(), ["Ada", "Skerry"]);
  const picture = page.locator(".answer .avatar");
  assertEquals(await picture.evaluate((image: HTMLImageElement) => [image.alt, image.complete]), ["", true]);
  // A picture that does not load leaves no broken image.
  await page.locator(".question .avatar").waitFor({ state: "hidden" });
  const { createdAt, endedAt } = (await stateOf(page)).entries[1] as { createdAt: number; endedAt: number };
  assert(endedAt >= createdAt && Math.abs(Date.now() - createdAt) < 60_000);
  const time = page.locator(".answer time");
  assertEquals(await time.getAttribute("datetime"), new Date(createdAt).toISOString());
  assert((await time.getAttribute("title"))?.includes(String(new Date(createdAt).getFullYear())));
  await screenshot(page, "speakers");
  const markdown = await page.evaluate(() => document.querySelector("chat-stream")!.export("markdown"));
  assertEquals(markdown, "## Ada\n\nA question\n\n## Skerry\n\nAn answer\n");
});

browserTest(
  "chat-stream shows the time of a message when the visitor points at it or focuses it",
  async ({ page, server }) => {
    await openChat(page, server);
    await converse(page, server);
    const opacity = () => page.locator(".answer time").evaluate((time) => getComputedStyle(time).opacity);
    assertEquals(await page.locator("time").count(), 0);
    await page.getByText("An answer").hover();
    assertEquals(await opacity(), "1");
    await page.mouse.move(0, 0);
    assertEquals(await opacity(), "0");
    await page.getByRole("button", { name: "Answer again" }).focus();
    assertEquals(await opacity(), "1");
    const { createdAt } = (await stateOf(page)).entries[1] as { createdAt: number };
    const time = page.locator(".answer time");
    const year = String(new Date(createdAt).getFullYear());
    // The date of today is only in the title.
    assert((await time.getAttribute("title"))?.includes(year));
    assert(!(await time.innerText()).includes(year));
  },
);

browserTest("chat-stream shows the time of a message that is tapped", async ({ page, server }) => {
  await openChat(page, server);
  await converse(page, server);
  const opacity = (of: string) => page.locator(`${of} time`).evaluate((time) => getComputedStyle(time).opacity);
  await page.getByText("An answer").tap();
  assertEquals([await opacity(".question"), await opacity(".answer")], ["0", "1"]);
  await page.getByText("A question").tap();
  assertEquals([await opacity(".question"), await opacity(".answer")], ["1", "0"]);
}, { hasTouch: true, isMobile: true });

browserTest("chat-stream shows old conversations without times", async ({ page, server }) => {
  await openChat(page, server, "timestamps");
  await page.evaluate(() =>
    document.querySelector("chat-stream")!.load({
      entries: [
        { type: "question", id: 1, parent: undefined, content: "Old question" },
        { type: "answer", id: 2, parent: 1, status: "done", answer: { text: "Old answer" } },
      ],
      leaf: 2,
      nextId: 3,
    })
  );
  await page.getByText("Old answer").waitFor();
  await converse(page, server, "New answer");
  await page.locator("time").first().waitFor();
  assertEquals(await page.locator("article").count(), 4);
  assertEquals(await page.locator("time").count(), 2);
});

browserTest("chat-stream shows token counts only with show-usage", async ({ page, server }) => {
  await openChat(page, server);
  await converse(page, server);
  assertEquals(await page.getByText("Tokens").count(), 0);
  await page.evaluate(() => document.querySelector("chat-stream")?.setAttribute("show-usage", ""));
  await page.getByText("Tokens: 24 in, 312 out").waitFor();
});

browserTest(
  "chat-stream requests the model that the visitor chooses, and keeps the choice",
  async ({ page, server }) => {
    server.models = MODELS;
    await openChat(page, server, 'models persist="session"');
    const picker = page.getByRole("combobox", { name: "Model" });
    assertEquals(await picker.inputValue(), "small");
    assertEquals((await ask(page, server)).request.model, undefined);
    server.answers[0]!.finish("Done");
    await picker.selectOption("large");
    await screenshot(page, "models");
    assertEquals((await ask(page, server)).request.model, "large");
    server.answers[1]!.finish("Done too");
    await page.getByText("Done too").waitFor();
    await page.reload();
    await picker.waitFor();
    assertEquals(await picker.inputValue(), "large");
    assertEquals(await page.evaluate(() => document.querySelector("chat-stream")?.model), "large");
  },
);

browserTest("chat-stream preselects the page's model, and sends its headers for the list", async ({ page, server }) => {
  server.models = MODELS;
  await openChat(page, server, 'model="custom"');
  const request = page.waitForRequest("**/api/models");
  await page.evaluate(() => {
    const chat = document.querySelector("chat-stream")!;
    chat.headers = { "x-tenant": "acme" };
    chat.token = "secret";
    chat.models = true;
  });
  const headers = await (await request).allHeaders();
  assertEquals([headers["x-tenant"], headers.authorization], ["acme", "Bearer secret"]);
  const picker = page.getByRole("combobox", { name: "Model" });
  assertEquals(await picker.inputValue(), "custom");
  assertEquals(await picker.locator("option").allInnerTexts(), ["custom", "small", "large"]);
});

for (const [what, body] of [["an error", undefined], ["one model", { models: [{ id: "small" }] }], ["no list", {}]]) {
  browserTest(`chat-stream shows no model picker when the server has ${what}`, async ({ page, server }) => {
    server.models = body;
    const response = page.waitForResponse("**/api/models");
    await openChat(page, server, "models");
    await response;
    await converse(page, server);
    assertEquals(await page.locator("select").count(), 0);
  });
}
