import { assert, assertEquals } from "@std/assert";
import type {} from "../../components/define.ts";
import { browserTest } from "./browser.ts";

const PAGE = (body: string) =>
  `<!doctype html><html lang="en"><title>Test</title><script type="module" src="/chat-stream.js"></script>${body}`;

browserTest("chat-stream leaks no nodes and no listeners when it is removed", async ({ page, server }) => {
  server.page("/", PAGE("<chat-stream></chat-stream>"));
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  const client = await page.context().newCDPSession(page);
  const counts = async () => {
    await client.send("HeapProfiler.collectGarbage");
    const { nodes, jsEventListeners } = await client.send("Memory.getDOMCounters");
    return { nodes, jsEventListeners };
  };
  const cycle = (times: number) =>
    page.evaluate(async (times) => {
      for (let i = 0; i < times; i++) {
        const chat = document.createElement("chat-stream");
        chat.persist = "session";
        chat.attachments = true;
        document.body.append(chat);
        await chat.updateComplete;
        chat.load({
          entries: [
            { type: "question", id: 1, parent: undefined, content: "Hi" },
            { type: "answer", id: 2, parent: 1, status: "done", answer: { text: "*Hello* `there`" } },
          ],
          leaf: 2,
          nextId: 3,
        });
        await chat.updateComplete;
        chat.remove();
        await new Promise((resolve) => setTimeout(resolve));
      }
    }, times);
  await cycle(5);
  const before = await counts();
  await cycle(40);
  const after = await counts();
  // The counters vary by what the browser has not collected yet; a leak would count forty times.
  assert(after.jsEventListeners - before.jsEventListeners < 40, JSON.stringify({ before, after }));
  assert(after.nodes - before.nodes < 40 * 10, JSON.stringify({ before, after }));
});

browserTest("chat-stream aborts its request when it is removed, but not when it is moved", async ({ page, server }) => {
  server.page("/", PAGE("<div id=other></div><chat-stream></chat-stream>"));
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).fill("Hi");
  await page.keyboard.press("Enter");
  const answer = await server.nextAnswer();
  answer.text("One, ");
  await page.getByRole("log").getByText("One,").waitFor();
  await page.evaluate(() => document.querySelector("#other")?.append(document.querySelector("chat-stream") as Node));
  answer.text("two");
  await page.getByRole("log").getByText("One, two").waitFor();
  await page.evaluate(() => document.querySelector("chat-stream")?.remove());
  await answer.left;
});

browserTest("chat-stream still announces after it was moved", async ({ page, server }) => {
  server.page("/", PAGE("<div id=other></div><chat-stream></chat-stream>"));
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  await page.evaluate(() => document.querySelector("#other")?.append(document.querySelector("chat-stream") as Node));
  assertEquals(await page.locator("chat-stream > [role]").count(), 2);
  await page.getByRole("textbox", { name: "Message" }).fill("Hi");
  await page.keyboard.press("Enter");
  (await server.nextAnswer()).finish("Hello");
  await page.getByRole("status").getByText("Hello").waitFor();
});

browserTest("chat-stream keeps the conversations of two elements apart", async ({ page, server }) => {
  server.page("/", PAGE("<chat-stream id=a></chat-stream><chat-stream id=b></chat-stream>"));
  await page.goto(server.origin);
  for (const id of ["a", "b"]) {
    await page.locator(`#${id}`).getByRole("textbox", { name: "Message" }).fill(`Question ${id}`);
    await page.keyboard.press("Enter");
  }
  for (const answer of [await server.nextAnswer(), await server.nextAnswer()]) {
    answer.finish(`Answer to ${answer.request.messages[0]?.content}`);
  }
  for (const id of ["a", "b"]) {
    await page.locator(`#${id}`).getByRole("log").getByText(`Answer to Question ${id}`).waitFor();
    assertEquals(await page.locator(`#${id}`).locator("article").count(), 2);
  }
});

const PLACES: readonly [string, string][] = [
  ["a modal dialog", "<dialog><chat-stream></chat-stream></dialog>"],
  ["a form", "<form action=/elsewhere><chat-stream></chat-stream><button>Order</button></form>"],
  ["a plain box", "<div><chat-stream></chat-stream></div>"],
];
for (const [name, body] of PLACES) {
  browserTest(`chat-stream works inside ${name}`, async ({ page, server }) => {
    server.page("/", PAGE(body));
    await page.goto(server.origin);
    await page.evaluate(() => document.querySelector("dialog")?.showModal());
    const box = page.getByRole("textbox", { name: "Message" });
    await box.fill("Hi");
    await box.press("Enter");
    (await server.nextAnswer()).finish("Hello");
    await page.getByRole("log").getByText("Hello").waitFor();
    // A modal dialog silences everything outside: the live regions must be inside.
    await page.getByRole("status").getByText("Hello").waitFor();
    await page.getByRole("button", { name: "Answer again" }).waitFor();
    assertEquals(new URL(page.url()).pathname, "/");
    assertEquals(await page.evaluate(() => document.querySelector("dialog")?.open ?? true), true);
  });
}

browserTest("chat-stream works inside a sandboxed frame without storage", async ({ page, server }) => {
  server.page("/frame", PAGE('<chat-stream persist="local"></chat-stream>'));
  server.page(
    "/",
    `<!doctype html><title>Outer</title><iframe sandbox="allow-scripts" src="/frame" width="400" height="600"></iframe>`,
    "default-src 'self'",
  );
  await page.goto(server.origin);
  const frame = page.frameLocator("iframe");
  await frame.getByRole("textbox", { name: "Message" }).fill("Hi");
  await frame.getByRole("textbox", { name: "Message" }).press("Enter");
  (await server.nextAnswer()).finish("Hello");
  await frame.getByRole("log").getByText("Hello").waitFor();
}, { mayFault: true });

browserTest("chat-stream keeps its layout under a hostile style sheet", async ({ page, server }) => {
  server.file(
    "/hostile.css",
    `* { all: unset !important; display: inline !important; position: static; color: lime !important }
    div, button, textarea { font: 40px fantasy !important; border: 9px dotted red; float: right }
    body { zoom: 1; direction: ltr; font-size: 3px; line-height: 9; text-align: right; letter-spacing: 1em; white-space: pre }`,
  );
  server.page("/", PAGE('<link rel="stylesheet" href="/hostile.css"><chat-stream></chat-stream>'));
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("Hi");
  await box.press("Enter");
  (await server.nextAnswer()).finish("Hello");
  await page.getByRole("log").getByText("Hello").waitFor();
  const look = await page.evaluate(() => {
    const style = getComputedStyle(
      document.querySelector("chat-stream")?.shadowRoot?.querySelector(".content") as Element,
    );
    return [style.fontSize, style.letterSpacing, style.textAlign, style.whiteSpace, style.float];
  });
  assertEquals(look, ["16px", "normal", "start", "normal", "none"]);
});
