import { assertEquals } from "@std/assert";
import type {} from "../../components/define.ts";
import { browserTest, screenshot } from "./browser.ts";

const PAGE = (attributes = "", lang = "en") =>
  `<!doctype html><html lang="${lang}"><title>Test</title><link rel="stylesheet" href="/page.css">
  <script type="module" src="/chat-stream.js"></script><chat-stream ${attributes}></chat-stream>`;

browserTest("chat-stream dispatches its events in order", async ({ page, server }) => {
  server.page("/", PAGE());
  await page.goto(server.origin);
  await page.evaluate(() => {
    const seen: string[] = [];
    Object.assign(globalThis, { seen });
    for (const type of ["chat-send", "chat-delta", "chat-stop", "chat-error", "chat-clear"] as const) {
      document.addEventListener(type, (event) => {
        const { content, text, stopped, error } = event as unknown as Partial<Record<string, unknown>>;
        seen.push(
          `${type} ${content ?? text ?? stopped ?? (error as { type: string } | undefined)?.type ?? ""}`.trim(),
        );
      });
    }
  });
  const send = (text: string) => page.evaluate((text) => void document.querySelector("chat-stream")?.send(text), text);
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  await send("One");
  (await server.nextAnswer()).finish("1");
  await page.locator('.log[aria-busy="false"]').waitFor();
  await send("Two");
  const second = await server.nextAnswer();
  second.text("2");
  await page.waitForFunction(() => document.querySelector("chat-stream")?.status === "streaming");
  await page.evaluate(() => document.querySelector("chat-stream")?.stop());
  await send("Three");
  (await server.nextAnswer()).cut();
  await page.getByRole("log").getByText("The connection was lost").waitFor();
  await page.evaluate(() => document.querySelector("chat-stream")?.clear());
  assertEquals(await page.evaluate("globalThis.seen"), [
    "chat-send One",
    "chat-delta 1",
    "chat-stop false",
    "chat-send Two",
    "chat-delta 2",
    "chat-stop true",
    "chat-send Three",
    "chat-error StreamChunkError",
    "chat-clear",
  ]);
});

browserTest("chat-stream does not send when a listener cancels the event", async ({ page, server }) => {
  server.page("/", PAGE());
  await page.goto(server.origin);
  await page.evaluate(() => document.addEventListener("chat-send", (event) => event.preventDefault()));
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("My secret");
  await box.press("Enter");
  assertEquals(await box.inputValue(), "My secret");
  assertEquals(server.answers.length, 0);
});

browserTest("chat-stream loads a conversation that toJSON returned", async ({ page, server }) => {
  server.page("/", PAGE());
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).fill("Hi");
  await page.keyboard.press("Enter");
  (await server.nextAnswer()).finish("Hello");
  await page.getByRole("log").getByText("Hello").waitFor();
  const kept = await page.evaluate(() => JSON.stringify(document.querySelector("chat-stream")));
  await page.reload();
  await page.getByText("What would you like to know?").waitFor();
  await page.evaluate((kept) => document.querySelector("chat-stream")?.load(JSON.parse(kept)), kept);
  await page.getByRole("log").getByText("Hello").waitFor();
});

browserTest("chat-stream sends the page's own headers and request fields", async ({ page, server }) => {
  server.page("/", PAGE());
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  await page.evaluate(() => {
    const chat = document.querySelector("chat-stream");
    if (chat) Object.assign(chat, { headers: { authorization: "Bearer x" }, request: { temperature: 0.5 } });
    void chat?.send("Hi");
  });
  const answer = await server.nextAnswer();
  assertEquals([answer.headers.get("authorization"), answer.request.temperature], ["Bearer x", 0.5]);
});

browserTest(
  "chat-stream uses the language and the direction of the page",
  async ({ page, server }) => {
    server.page("/", PAGE('mode="page"', "ar").replace("<html", '<html dir="rtl"'));
    await page.goto(server.origin);
    const box = page.getByRole("textbox", { name: "رسالة" });
    await box.fill("ما هو التدفق؟");
    await box.press("Enter");
    (await server.nextAnswer()).finish("التدفق سلسلة من الأجزاء.\n\n```js\nconst a = 1;\n```");
    await page.getByRole("button", { name: "الإجابة من جديد" }).waitFor();
    const question = await page.locator(".bubble").boundingBox();
    assertEquals((question?.x ?? 999) < 400, true);
    await screenshot(page, "arabic");
  },
);

browserTest("chat-stream uses the strings of the page", async ({ page, server }) => {
  server.page("/", PAGE('locale="de"'));
  await page.goto(server.origin);
  await page.getByRole("button", { name: "Senden" }).waitFor();
  await page.evaluate(() => {
    const chat = document.querySelector("chat-stream");
    if (chat) chat.strings = { send: "Ab die Post" };
  });
  await page.getByRole("button", { name: "Ab die Post" }).waitFor();
  assertEquals(await page.getByPlaceholder("Fragen Sie etwas").count(), 1);
});
