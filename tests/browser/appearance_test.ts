import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, screenshot } from "./browser.ts";
import type { FakeChatServer } from "./fake_chat_server.ts";

const ANSWER =
  "Server-sent events are plain HTTP. The server keeps the response open and writes small text blocks, and the " +
  "browser hands each one over as soon as it is whole.\n\nThat makes them a good fit for answers that grow word by " +
  "word: one direction, no handshake, and every proxy already knows how to carry them.";

async function converse(page: Page, server: FakeChatServer): Promise<void> {
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("Why do chat answers come over server-sent events?");
  await box.press("Enter");
  const first = await server.nextAnswer();
  first.emit({ type: "reasoning", data: "Compare with WebSockets first." });
  first.finish(ANSWER);
  await page.locator('.log[aria-busy="false"]').waitFor();
  await box.fill("And when the connection breaks in the middle of a sentence?\nDoes the text stay?");
  await box.press("Enter");
  const second = await server.nextAnswer();
  second.text("It stays. What has arrived is yours, and the component says plainly that the answer is");
  second.cut();
  await page.getByRole("log").getByText("The connection was lost").waitFor();
}

const APPEARANCES = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["phone", { colorScheme: "light", viewport: { width: 390, height: 780 }, isMobile: true, hasTouch: true }],
  ["phone-dark", { colorScheme: "dark", viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true }],
] as const;
for (const [name, options] of APPEARANCES) {
  browserTest(`chat-stream fits the window and uses the system's colour scheme (${name})`, async ({ page, server }) => {
    await converse(page, server);
    const overflows = await page.evaluate("document.documentElement.scrollWidth > innerWidth");
    assertEquals(overflows, false);
    const scheme = await page.locator("chat-stream").evaluate((element) =>
      getComputedStyle(element.shadowRoot!.querySelector(".chat")!).backgroundColor
    );
    assertEquals(scheme, options.colorScheme === "dark" ? "rgb(21, 24, 26)" : "rgb(252, 251, 248)");
    await screenshot(page, name);
  }, options);
}

const PICTURED = [
  "Use the small client that the server brings along. The stream is **plain text over HTTP**:",
  "1. The server keeps the response open.\n2. Each event is three lines and a blank one.\n3. The last one says how it ended.",
  '```js\nimport { streamChat } from "/chat-client.js";\n\nawait streamChat({ endpoint, request, onEvent: (event) => {\n  if (event.type === "text") show(event.data); // as it comes\n} });\n```',
  "| Event | Carries | Ends the stream |\n|---|---|:--:|\n| `text` | a piece of the answer | no |\n| `stop` | the finish reason | yes |\n| `error` | what happened | yes |",
].join("\n\n");

// `deno task screenshots` takes the pictures in the README.
browserTest("chat-stream shows an answer with a list, code and a table", async ({ page, server }) => {
  server.file(
    "/picture.css",
    '@import "/page.css"; chat-stream { --chat-stream-font: "Liberation Sans", Arial, sans-serif }',
  );
  server.page(
    "/",
    `<!doctype html><html lang="en"><title>chat-stream</title><link rel="stylesheet" href="/picture.css">
    <script type="module" src="/chat-stream.js"></script>
    <chat-stream mode="page" heading="chat-stream" attachments></chat-stream>`,
  );
  await page.goto(server.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("How do I read the stream in a page of my own?");
  await box.press("Enter");
  const answer = await server.nextAnswer();
  answer.emit({ type: "reasoning", data: "Show the format, then the code." });
  answer.finish(PICTURED);
  await page.getByRole("button", { name: "Answer again" }).waitFor();
  assertEquals(await page.locator(".content").locator("ol, table, pre").count(), 3);
  await box.blur();
  await screenshot(page, "chat");
}, { viewport: { width: 1120, height: 840 }, deviceScaleFactor: 1.5, colorScheme: "light", reducedMotion: "reduce" });
