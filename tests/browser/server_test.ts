/** The whole path at once: a real page in a real browser, the real server, and a provider behind it. */
import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import { readStaticFiles } from "../../routes/static.ts";
import { createDemoFetch } from "../../upstream/demo.ts";
import { sendByFetch } from "../../upstream/http/provider_fetch.ts";
import { contentChunk, finishChunk, sse } from "../fake_openai.ts";
import { TEST_BODY_LIMITS, TestServer } from "../test_server.ts";
import { browserTest } from "./browser.ts";

const STATIC = new URL("../../dist/static", import.meta.url).pathname;
const USAGE = { choices: [], usage: { prompt_tokens: 4, completion_tokens: 6, total_tokens: 10 } };
const ANSWER = sse(
  { choices: [{ index: 0, delta: { reasoning_content: "Let me see." } }] },
  contentChunk("It **works**"),
  contentChunk(" from end to end."),
  finishChunk(),
  USAGE,
  "[DONE]",
);

browserTest("chat-stream uses the real server on its own page", async ({ page }) => {
  await using server = new TestServer({ staticFiles: await readStaticFiles(STATIC), script: () => ({ body: ANSWER }) });
  await page.goto(server.origin);
  await page.getByRole("textbox").fill("Does it work?");
  await page.keyboard.press("Enter");
  await page.getByText("from end to end.").waitFor();
  assertEquals(await page.locator("strong", { hasText: "works" }).count(), 1);
  await page.locator('.log[aria-busy="false"]').waitFor();
  assertEquals(server.provider.requests[0]!.body.messages, [{ role: "user", content: "Does it work?" }]);
});

browserTest("chat-stream shows a call of the page's tool when a visitor asks the demo for one", async ({ page }) => {
  await using server = new TestServer({
    staticFiles: await readStaticFiles(STATIC),
    send: sendByFetch(createDemoFetch({ paceMs: 0 })),
  });
  await page.goto(server.origin);
  await page.getByRole("textbox").fill("Please call a tool");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Allow", exact: true }).click();
  await page.getByText("The tool answered:").waitFor();
});

browserTest("chat-stream sends a PDF, an image and a text through the real server to a provider", async ({ page }) => {
  const pdf = Buffer.alloc(5_500_000, "%PDF-1.7 ");
  await using server = new TestServer({
    staticFiles: await readStaticFiles(STATIC),
    script: () => ({ body: ANSWER }),
    limits: { body: { ...TEST_BODY_LIMITS, maxBodyBytes: 8 * 1024 * 1024 } },
  });
  await page.goto(server.origin);
  const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await page.locator("input[name=files]").setInputFiles([
    { name: "plan.pdf", mimeType: "application/pdf", buffer: pdf },
    { name: "map.png", mimeType: "image/png", buffer: Buffer.from(pixel, "base64") },
    { name: "notes.md", mimeType: "", buffer: Buffer.from("Words") },
    // The server tells its limit, so this one is not even sent.
    { name: "atlas.pdf", mimeType: "application/pdf", buffer: pdf },
  ]);
  await page.getByText("atlas.pdf is too large.").waitFor();
  await page.getByRole("button", { name: "Send", disabled: false }).click();
  await page.locator(".content", { hasText: "from end to end." }).waitFor();
  const [file, image, text] = server.provider.requests[0]!.body.messages[0].content;
  assertEquals(file.file.filename, "plan.pdf");
  assertEquals(file.file.file_data === `data:application/pdf;base64,${pdf.toString("base64")}`, true);
  assertEquals(image.image_url.url.startsWith("data:image/jpeg;base64,"), true);
  assertEquals(text, { type: "text", text: "notes.md:\n```\nWords\n```" });
});

browserTest("chat-stream uses the real server from another site under a strict policy", async ({ page }) => {
  let host = "";
  await using site = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    const policy = `default-src 'none'; script-src ${host}; connect-src ${host}; style-src 'none'; ` +
      "require-trusted-types-for 'script'; trusted-types lit-html";
    const body = `<!doctype html><html lang="en"><title>A shop</title><h1>A shop</h1>` +
      `<script type="module" src="${host}/chat-stream.js"></script><chat-stream></chat-stream>`;
    return new Response(body, { headers: { "content-type": "text/html", "content-security-policy": policy } });
  });
  const origin = `http://localhost:${site.addr.port}`;
  await using server = new TestServer({
    staticFiles: await readStaticFiles(STATIC),
    script: () => ({ body: ANSWER }),
    access: { allowedOrigins: { exact: new Set([origin]), any: false, loopback: false } },
  });
  host = server.origin;
  await page.goto(origin);
  await page.getByRole("textbox").fill("And from here?");
  await page.keyboard.press("Enter");
  await page.getByText("from end to end.").waitFor();
});

browserTest("chat-stream takes an answer of the real server up after a reload", async ({ page }) => {
  const rest = Promise.withResolvers<void>();
  const body = async function* () {
    yield* sse(contentChunk("It **wor"));
    await rest.promise;
    yield* sse(contentChunk("ks** from end to end."), finishChunk(), USAGE, "[DONE]");
  };
  await using server = new TestServer({
    staticFiles: await readStaticFiles(STATIC),
    script: () => ({ body: body() }),
  });
  await page.goto(server.origin);
  await page.getByRole("textbox").fill("Does it work?");
  await page.keyboard.press("Enter");
  await page.locator("strong", { hasText: "wor" }).waitFor();
  await page.reload();
  await page.locator("strong", { hasText: "wor" }).waitFor();
  rest.resolve();
  await page.locator("strong", { hasText: "works" }).waitFor();
  await page.getByText("from end to end.").waitFor();
  await page.locator('.log[aria-busy="false"]').waitFor();
  assertEquals(server.provider.requests.length, 1);
});

browserTest("chat-stream lets the real server stop the provider", async ({ page }) => {
  await using server = new TestServer({
    staticFiles: await readStaticFiles(STATIC),
    script: () => ({ body: sse(contentChunk("It goes on")), end: "stall" }),
  });
  await page.goto(server.origin);
  await page.getByRole("textbox").fill("And on?");
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByText("It goes on").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await server.provider.until(({ aborts }) => aborts === 1);
});

browserTest("chat-stream logs the variable to set when the server refuses the page's origin", async ({ page }) => {
  await using server = new TestServer({ staticFiles: await readStaticFiles(STATIC), script: () => ({ body: ANSWER }) });
  await using site = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () =>
    new Response(
      `<!doctype html><html lang="en"><title>Another site</title>` +
        `<script type="module" src="${server.origin}/chat-stream.js"></script><chat-stream></chat-stream>`,
      { headers: { "content-type": "text/html" } },
    ));
  const origin = `http://localhost:${site.addr.port}`;
  await page.goto(origin);
  await page.getByRole("textbox").fill("Hello?");
  const logged = page.waitForEvent("console", (message) => message.text().includes(`ALLOWED_ORIGINS=${origin} `));
  await page.keyboard.press("Enter");
  assertEquals((await logged).type(), "error");
  await page.getByText("The chat is not set up correctly.").waitFor();
  assertEquals(server.provider.requests.length, 0);
});
