/** Answers that outlive their connection, their page and their tab. */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type {} from "../../components/define.ts";
import { browserTest, screenshot } from "./browser.ts";
import type { FakeAnswer, FakeChatServer } from "./fake_chat_server.ts";

const PAGE = (attributes = "", lang = "en", dir = "ltr") =>
  `<!doctype html><html lang="${lang}" dir="${dir}"><title>Test</title><link rel="stylesheet" href="/page.css">
  <script type="module" src="/chat-stream.js"></script><chat-stream mode="page" ${attributes}></chat-stream>`;

const log = (page: Page, text: string) => page.getByRole("log").getByText(text).waitFor();

/** Opens a page, sends a question and shows the first half of its answer. */
async function askHalf(page: Page, server: FakeChatServer, html = PAGE(), text = "Half an ans"): Promise<FakeAnswer> {
  server.page("/", html);
  await page.goto(server.origin);
  await page.locator("textarea").fill("Tell me");
  await page.keyboard.press("Enter");
  const answer = await server.nextAnswer();
  answer.text(text);
  await log(page, text.replaceAll("*", ""));
  return answer;
}

browserTest("chat-stream goes on with its answer when the network was lost", async ({ page, server }) => {
  const answer = await askHalf(page, server);
  await page.evaluate(() => {
    const seen: unknown[] = [];
    Object.assign(globalThis, { seen });
    addEventListener("chat-reconnecting", (event) => seen.push(event.reconnecting));
  });
  await page.context().setOffline(true);
  answer.drop();
  await log(page, "Reconnecting…");
  assertEquals(
    await page.locator("chat-stream").evaluate((chat: HTMLElementTagNameMap["chat-stream"]) => chat.status),
    "reconnecting",
  );
  await page.getByRole("status").getByText("Reconnecting…").waitFor();
  // It does not look finished: it can be stopped, and offers neither Retry nor Continue.
  assertEquals(await page.getByRole("button", { name: "Stop" }).count(), 1);
  assertEquals(await page.getByRole("button", { name: /Retry|Continue/ }).count(), 0);
  await screenshot(page, "reconnecting-light");
  await page.emulateMedia({ colorScheme: "dark" });
  await screenshot(page, "reconnecting-dark");
  answer.text("wer");
  await page.context().setOffline(false);
  await log(page, "Half an answer");
  assertEquals(await page.getByText("Reconnecting…").and(page.locator(".notes")).count(), 0);
  answer.finish(", whole.");
  await log(page, "Half an answer, whole.");
  assertEquals(await page.evaluate("globalThis.seen"), [true, false]);
  assertEquals(server.answers.length, 1);
});

browserTest("chat-stream asks again with the same key when no response has come", async ({ page, server }) => {
  server.page("/", PAGE());
  await page.goto(server.origin);
  await page.locator("textarea").fill("Tell me");
  await page.context().setOffline(true);
  await page.keyboard.press("Enter");
  await log(page, "Reconnecting…");
  await page.context().setOffline(false);
  (await server.nextAnswer()).finish("An answer");
  await log(page, "An answer");
});

browserTest("chat-stream ends with its connection when resumable is off", async ({ page, server }) => {
  const answer = await askHalf(page, server, PAGE('resumable="off"'));
  assertEquals([answer.request.resumable, answer.headers.has("idempotency-key")], [undefined, false]);
  answer.drop();
  await log(page, "The connection was lost before the answer was complete.");
  assertEquals(answer.resumedAfter, []);
});

browserTest("chat-stream takes its answer up when the visitor comes back to the page", async ({ page, server }) => {
  const answer = await askHalf(page, server, PAGE('persist="session"'));
  server.page("/other", "<!doctype html><title>Other</title><h1>Other</h1>");
  await page.goto(`${server.origin}/other`);
  answer.text("wer");
  await page.goto(server.origin);
  await log(page, "Half an answer");
  answer.finish(", whole.");
  await log(page, "Half an answer, whole.");
  assertEquals([server.answers.length, answer.resumedAfter], [1, [1]]);
});

browserTest("chat-stream takes its answer up when another element shows the conversation", async ({ page, server }) => {
  const answer = await askHalf(page, server, PAGE('persist="session"'));
  await page.evaluate(() => document.querySelector("chat-stream")?.remove());
  await answer.left;
  answer.text("wer");
  await page.evaluate(() => {
    const chat = document.createElement("chat-stream");
    chat.persist = "session";
    document.body.append(chat);
  });
  await log(page, "Half an answer");
  answer.finish();
});

browserTest("chat-stream keeps the run out of what toJSON returns", async ({ page, server }) => {
  const answer = await askHalf(page, server, PAGE('persist="local"'));
  const { json, stored } = await page.evaluate(() => ({
    json: JSON.stringify(document.querySelector("chat-stream")),
    stored: localStorage.getItem("chat-stream:"),
  }));
  assert(stored?.includes(answer.path));
  assert(!json.includes(answer.path) && !json.includes(answer.headers.get("idempotency-key") ?? "?"));
});

browserTest(
  "chat-stream stops the run when a page is left whose conversation is not kept",
  async ({ page, server }) => {
    const answer = await askHalf(page, server);
    server.page("/other", "<!doctype html><title>Other</title>");
    await page.goto(`${server.origin}/other`);
    await answer.stopped;
  },
);

browserTest("chat-stream shows a running answer in two tabs, and one of them reads it", async ({ page, server }) => {
  const answer = await askHalf(page, server, PAGE('persist="local"'));
  const second = await page.context().newPage();
  await second.goto(server.origin);
  await log(second, "Half an ans");
  answer.text("wer");
  await Promise.all([log(page, "Half an answer"), log(second, "Half an answer")]);
  assertEquals(answer.resumedAfter, []);
  await page.close();
  await answer.resumed();
  answer.finish(", whole.");
  await log(second, "Half an answer, whole.");
  assertEquals([server.answers.length, answer.resumedAfter], [1, [2]]);
});

browserTest("chat-stream stops an answer that another tab reads", async ({ page, server }) => {
  const answer = await askHalf(page, server, PAGE('persist="local"'));
  const second = await page.context().newPage();
  await second.goto(server.origin);
  await log(second, "Half an ans");
  await second.getByRole("button", { name: "Stop" }).click();
  await answer.stopped;
  await log(page, "Stopped");
  await page.getByRole("button", { name: "Send" }).waitFor();
});

browserTest("chat-stream keeps what two tabs add to one stored conversation", async ({ page, server }) => {
  const first = await askHalf(page, server, PAGE('persist="local"'), "One");
  first.finish();
  await page.locator('.log[aria-busy="false"]').waitFor();
  const second = await page.context().newPage();
  await second.goto(server.origin);
  await log(second, "One");
  for (const [tab, text] of [[second, "Two"], [page, "Three"], [second, "Four"]] as const) {
    await tab.locator("textarea").fill(`Number ${text.length}?`);
    await tab.keyboard.press("Enter");
    (await server.nextAnswer()).finish(text);
    await Promise.all([log(page, text), log(second, text)]);
    await Promise.all([page, second].map((tab) => tab.getByRole("button", { name: "Send" }).waitFor()));
  }
  await second.close();
  await page.reload();
  await log(page, "Four");
  assertEquals((await page.locator(".content").allInnerTexts()).map((text) => text.trim()), [
    "One",
    "Two",
    "Three",
    "Four",
  ]);
});

browserTest("chat-stream lets the tab lead in which the visitor acts", async ({ page, server }) => {
  const old = await askHalf(page, server, PAGE('persist="local"'));
  const second = await page.context().newPage();
  await second.goto(server.origin);
  await log(second, "Half an ans");
  await second.getByRole("button", { name: "Stop" }).click();
  await old.stopped;
  await second.getByRole("button", { name: "Answer again" }).click();
  const answer = await server.nextAnswer();
  answer.text("Another ans");
  await Promise.all([log(page, "Another ans"), log(second, "Another ans")]);
  await second.close();
  await answer.resumed();
  answer.finish("wer");
  await log(page, "Another answer");
});

const LOOKS = [
  ["light", PAGE(), "Continue", {}],
  ["dark-phone", PAGE('theme="dark"'), "Continue", { viewport: { width: 360, height: 700 } }],
  ["rtl", PAGE("", "ar", "rtl"), "متابعة", {}],
] as const;
for (const [look, html, name, options] of LOOKS) {
  browserTest(`chat-stream continues an answer that was cut for good (${look})`, async ({ page, server }) => {
    const cut = await askHalf(page, server, html, "Some **bold te");
    cut.cut();
    const button = page.getByRole("button", { name });
    await button.waitFor();
    await screenshot(page, `continue-${look}`);
    await button.click();
    const rest = await server.nextAnswer();
    assertEquals(rest.request.messages.map(({ role }) => role), ["user", "assistant", "user"]);
    rest.text("xt**");
    await page.locator("strong", { hasText: "bold text" }).waitFor();
    rest.finish(" and more.");
    await log(page, "and more.");
    // One answer, without a seam and without the request to go on.
    assertEquals((await page.locator(".content").allInnerTexts()).map((text) => text.trim()), [
      "Some bold text and more.",
    ]);
    assertEquals(await page.locator("article").count(), 2);
    assertEquals(await page.locator(".failure").count(), 0);
  }, options);

  browserTest(`chat-stream continues an answer that reached its length limit (${look})`, async ({ page, server }) => {
    const long = await askHalf(page, server, html, "In the beginning");
    long.emit({ type: "stop", data: "length" });
    long.end();
    const button = page.locator(".notes").getByRole("button", { name });
    await button.waitFor();
    await screenshot(page, `length-${look}`);
    await button.click();
    (await server.nextAnswer()).finish(" and at the end.");
    await log(page, "In the beginning and at the end.");
    assertEquals(await button.count(), 0);
  }, options);
}

browserTest("chat-stream continues an answer that the visitor stopped", async ({ page, server }) => {
  const answer = await askHalf(page, server);
  await page.getByRole("button", { name: "Stop" }).click();
  await answer.stopped;
  await screenshot(page, "stopped-continue");
  await page.getByRole("button", { name: "Continue" }).click();
  (await server.nextAnswer()).finish("wer");
  await log(page, "Half an answer");
});
