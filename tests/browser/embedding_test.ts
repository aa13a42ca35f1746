import { assertEquals } from "@std/assert";
import { browserTest, screenshot } from "./browser.ts";
import { FakeChatServer } from "./fake_chat_server.ts";

browserTest("chat-stream converses from another origin's page under a strict policy", async ({ page, server }) => {
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

browserTest("chat-stream asks the server named by `endpoint`", async ({ page, server }) => {
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

browserTest("chat-stream keeps its looks in a page with a mind of its own", async ({ page, server }) => {
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
