import { assertEquals } from "@std/assert";
import { browserTest, screenshot } from "./browser.ts";
import { FakeChatServer } from "./fake_chat_server.ts";

browserTest("chat-stream works on another origin's page under a strict policy", async ({ page, server }) => {
  await using host = new FakeChatServer();
  const policy = `default-src 'none'; script-src ${server.origin}; connect-src ${server.origin}; ` +
    "style-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html";
  host.page(
    "/",
    `<!doctype html><html lang="en"><title>Another site</title>
    <script type="module" src="${server.origin}/chat-stream.js"></script><chat-stream></chat-stream>`,
    policy,
  );
  await page.goto(host.origin);
  const box = page.getByRole("textbox", { name: "Message" });
  for (const word of ["first", "second"]) {
    await box.fill(`The ${word} question`);
    await box.press("Enter");
    (await server.nextAnswer()).finish(`The ${word} answer`);
    await page.getByText(`The ${word} answer`).waitFor();
  }
  assertEquals([server.answers.length, host.answers.length], [2, 0]);
  assertEquals(server.answers[1]?.headers.get("origin"), host.origin);
});

browserTest("chat-stream sends requests to `endpoint`", async ({ page, server }) => {
  await using other = new FakeChatServer();
  server.page(
    "/",
    `<!doctype html><script type="module" src="/chat-stream.js"></script>
    <chat-stream endpoint="${other.origin}/api/chat" model="large"></chat-stream>`,
    "default-src 'self'; connect-src *",
  );
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).fill("Hi");
  await page.keyboard.press("Enter");
  const answer = await other.nextAnswer();
  assertEquals(answer.request.model, "large");
  answer.finish("Hello");
  await page.getByRole("log").getByText("Hello").waitFor();
});

browserTest("chat-stream logs the variable to set when the server responds with OriginNotAllowed", async (test) => {
  const { page, server } = test;
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).fill("Hi");
  const logged = page.waitForEvent("console", (message) => message.text().includes("ALLOWED_ORIGINS"));
  await page.keyboard.press("Enter");
  (await server.nextAnswer()).refuse(403, "OriginNotAllowed");
  assertEquals(
    (await logged).text(),
    `<chat-stream>: the chat server refuses this page. Set ALLOWED_ORIGINS=${server.origin} on the server.`,
  );
  await page.getByRole("log").getByText("The chat is not set up correctly.").waitFor();
});

browserTest("chat-stream says that a page without an origin cannot be allowed", async ({ page, server }) => {
  server.page(
    "/frame",
    `<!doctype html><script type="module" src="${server.origin}/chat-stream.js"></script><chat-stream></chat-stream>`,
    "default-src *; frame-ancestors *",
  );
  server.page("/", '<!doctype html><iframe src="/frame" sandbox="allow-scripts"></iframe>', "default-src 'self'");
  await page.goto(server.origin);
  const box = page.frameLocator("iframe").getByRole("textbox", { name: "Message" });
  await box.fill("Hi");
  const logged = page.waitForEvent("console", (message) => message.text().includes("refuses"));
  await box.press("Enter");
  (await server.nextAnswer()).refuse(403, "OriginNotAllowed");
  assertEquals(
    (await logged).text(),
    "<chat-stream>: the chat server refuses this page. It has no origin that could be allowed: open it by http: or https:.",
  );
});

browserTest("chat-stream asks to check the connection when its server cannot be reached", async ({ page, server }) => {
  const stopped = new FakeChatServer();
  const { origin } = stopped;
  await stopped[Symbol.asyncDispose]();
  server.page(
    "/",
    `<!doctype html><html lang="en"><script type="module" src="/chat-stream.js"></script>
    <chat-stream endpoint="${origin}/api/chat"></chat-stream>`,
    "default-src 'self'; connect-src *",
  );
  await page.clock.install();
  await page.goto(server.origin);
  await page.getByRole("textbox", { name: "Message" }).fill("Hi");
  await page.keyboard.press("Enter");
  await page.locator(".reconnecting").waitFor({ state: "attached" });
  // Each step ends the delay before the next attempt.
  const failure = page.getByRole("log").getByText("Check your connection and try again.");
  for (let step = 0; step < 500 && await failure.count() === 0; step++) await page.clock.fastForward(30_000);
  await failure.waitFor();
});

browserTest("chat-stream keeps its appearance on a page with global styles", async ({ page, server }) => {
  await page.goto(`${server.origin}/embed.html`);
  await screenshot(page, "embed-closed");
  await page.getByRole("button", { name: "Harbour desk" }).click();
  await page.getByRole("button", { name: "May I bring my dog?" }).waitFor();
  await screenshot(page, "embed-open");
  const box = page.getByRole("textbox", { name: "Message" });
  await box.fill("May I bring my dog?");
  await box.press("Enter");
  (await server.nextAnswer()).finish("Of course. Dogs sail free on deck 5, on a lead.");
  await page.getByRole("log").getByText("Dogs sail free").waitFor();
  const look = await box.evaluate((element) => {
    const { fontFamily, letterSpacing, textTransform } = getComputedStyle(element);
    return { isCursive: fontFamily.includes("cursive"), letterSpacing, textTransform };
  });
  assertEquals(look, { isCursive: false, letterSpacing: "normal", textTransform: "none" });
  await screenshot(page, "embed");
});

browserTest("chat-stream takes colours, parts and slots from its page", async ({ page, server }) => {
  server.file(
    "/theme.css",
    `chat-stream { --chat-stream-accent: rgb(1, 2, 3); --chat-stream-height: 321px }
    chat-stream::part(bubble) { border-radius: 7px }`,
  );
  server.page(
    "/",
    `<!doctype html><html lang="en"><link rel="stylesheet" href="/theme.css">
    <script type="module" src="/chat-stream.js"></script>
    <chat-stream theme="dark"><b slot="header">My title</b><p slot="empty">My greeting</p><small slot="footer">My note</small>
    </chat-stream>`,
  );
  await page.goto(server.origin);
  for (const text of ["My title", "My greeting", "My note"]) await page.getByText(text).waitFor();
  await page.getByRole("textbox", { name: "Message" }).fill("Hi");
  await page.keyboard.press("Enter");
  (await server.nextAnswer()).finish("Hello");
  await page.getByRole("log").getByText("Hello").waitFor();
  await page.getByText("My greeting").waitFor({ state: "hidden" });
  await page.getByRole("textbox", { name: "Message" }).fill("More");
  const look = await page.locator("chat-stream").evaluate((element) => {
    const styleOf = (name: string) => getComputedStyle(element.shadowRoot?.querySelector(name) as Element);
    return {
      height: (element as HTMLElement).offsetHeight,
      radius: styleOf(".bubble").borderStartStartRadius,
      background: styleOf(".chat").backgroundColor,
      title: element.shadowRoot?.querySelector(".title")?.checkVisibility(),
    };
  });
  assertEquals(look, { height: 321, radius: "7px", background: "rgb(21, 24, 26)", title: false });
  // The colour has a transition.
  await page.waitForFunction(() => {
    const button = document.querySelector("chat-stream")?.shadowRoot?.querySelector(".primary");
    return button && getComputedStyle(button).backgroundColor === "rgb(1, 2, 3)";
  });
});
