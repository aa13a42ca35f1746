/** Tests uploads by the page, what is shown of sent attachments, and what happens if they are too large. @module */
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import type { ChatStream } from "../../components/chat_stream.ts";
import { axeViolations } from "./axe_violations.ts";
import { browserTest, screenshot } from "./browser.ts";
import type { FakeChatServer } from "./fake_chat_server.ts";

/** One pixel. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const photo = (name: string) => ({ name, mimeType: "image/png", buffer: Buffer.from(PIXEL, "base64") });
const pdf = (name: string) => ({ name, mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") });

/** The uploads of the page in the browser, by the names of their files. */
interface Uploads {
  [name: string]: {
    onProgress(progress: number): void;
    resolve(result: unknown): void;
    reject(error: unknown): void;
    readonly signal: AbortSignal;
  };
}
declare global {
  var uploads: Uploads;
}

/** Opens the page and takes its uploads over. */
async function openWithUploads(page: Page, server: FakeChatServer): Promise<void> {
  await page.goto(server.origin);
  await page.locator("input[name=files]").waitFor({ state: "attached" });
  await page.locator("chat-stream").evaluate((chat) => {
    globalThis.uploads = {};
    (chat as ChatStream).upload = (file, options) =>
      new Promise((resolve, reject) => {
        globalThis.uploads[file.name] = { resolve: resolve as (result: unknown) => void, reject, ...options };
      });
  });
}

/** Waits for an upload to begin, and ends it. */
async function finish(page: Page, name: string, result: unknown): Promise<void> {
  await page.waitForFunction((name) => globalThis.uploads[name], name);
  await page.evaluate(([name, result]) => globalThis.uploads[name as string]?.resolve(result), [name, result] as const);
}

browserTest("chat-stream sends the URLs of uploaded files once all uploads have ended", async ({ page, server }) => {
  await openWithUploads(page, server);
  await page.locator("input[name=files]").setInputFiles([photo("map.png"), pdf("plan.pdf"), pdf("old.pdf")]);
  const progress = page.getByRole("progressbar", { name: "Uploading map.png" });
  await progress.waitFor();
  assertEquals(await progress.getAttribute("value"), null);
  await page.evaluate(() => globalThis.uploads["map.png"]?.onProgress(0.4));
  await page.waitForFunction(() =>
    document.querySelector("chat-stream")?.shadowRoot?.querySelector("progress")?.value === 0.4
  );
  await page.getByRole("textbox", { name: "Message" }).fill("Where?");
  assertEquals(await axeViolations(page), []);
  await screenshot(page, "uploads");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Send", disabled: true }).waitFor();
  await finish(page, "map.png", "https://files.example/map.png");
  await finish(page, "plan.pdf", { type: "file", file: { file_data: "https://files.example/1", filename: "P" } });
  assertEquals(server.answers.length, 0);
  // Removing a file aborts its upload.
  await page.getByRole("button", { name: "Remove old.pdf" }).click();
  assertEquals(await page.evaluate(() => globalThis.uploads["old.pdf"]?.signal.aborted), true);
  await page.getByRole("button", { name: "Send", disabled: false }).click();
  const answer = await server.nextAnswer();
  assertEquals(answer.request.messages[0]?.content, [
    { type: "text", text: "Where?" },
    { type: "image_url", image_url: { url: "https://files.example/map.png" } },
    { type: "file", file: { file_data: "https://files.example/1", filename: "P" } },
  ]);
  // The visitor's own picture is shown without a request to its host.
  const source = await page.locator(".sent img").getAttribute("src");
  assert(source?.startsWith("data:image/jpeg"), source ?? "");
  answer.finish("There.");
  await page.getByText("There.").waitFor();
  assertEquals(await axeViolations(page), []);
});

browserTest("chat-stream says that an upload failed, and repeats it on request", async ({ page, server }) => {
  await openWithUploads(page, server);
  await page.locator("input[name=files]").setInputFiles([pdf("plan.pdf")]);
  await page.waitForFunction(() => globalThis.uploads["plan.pdf"]);
  await page.evaluate(() => {
    globalThis.uploads["plan.pdf"]?.reject(new Error("The disk is full"));
    delete globalThis.uploads["plan.pdf"];
  });
  await page.getByText("Upload failed").waitFor();
  await page.getByRole("button", { name: "Send", disabled: true }).waitFor();
  assertEquals(await axeViolations(page), []);
  await page.getByRole("button", { name: "Retry: plan.pdf" }).click();
  await finish(page, "plan.pdf", "https://files.example/plan.pdf");
  await page.getByRole("button", { name: "Send", disabled: false }).click();
  assertEquals((await server.nextAnswer()).request.messages[0]?.content, [
    { type: "file", file: { file_data: "https://files.example/plan.pdf", filename: "plan.pdf" } },
  ]);
});

browserTest("chat-stream loads a sent image of another site only after the visitor or the page allows it", async ({
  page,
  server,
}) => {
  const requests: string[] = [];
  await page.route("https://files.example/**", (route) => {
    requests.push(route.request().url());
    return route.fulfill({
      headers: { "access-control-allow-origin": "*" },
      contentType: "image/png",
      body: Buffer.from(PIXEL, "base64"),
    });
  });
  const policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data: https://files.example";
  server.page("/chat", `<script type="module" src="/chat-stream.js"></script><chat-stream></chat-stream>`, policy);
  await page.goto(`${server.origin}/chat`);
  await page.locator("textarea").waitFor();
  await page.locator("chat-stream").evaluate((chat) => {
    const content = ["a", "b"].map((name) => {
      return { type: "image_url", image_url: { url: `https://files.example/${name}.png` } } as const;
    });
    (chat as ChatStream).load({
      entries: [{ type: "question", id: 1, parent: undefined, content }],
      leaf: 1,
      nextId: 2,
    });
  });
  const load = page.getByRole("button", { name: "Image from files.example not loaded. Load image" });
  await load.first().click();
  await page.locator(".sent img").waitFor();
  assertEquals(requests, ["https://files.example/a.png"]);
  await page.locator("chat-stream").evaluate((chat) => chat.setAttribute("image-origins", "https://files.example"));
  await load.waitFor({ state: "detached" });
  await page.waitForFunction(() => {
    const images = document.querySelector("chat-stream")?.shadowRoot?.querySelectorAll<HTMLImageElement>(".sent img");
    return images?.length === 2 && [...images].every((image) => image.complete && image.naturalWidth === 1);
  });
  assertEquals(requests, ["https://files.example/a.png", "https://files.example/b.png"]);
});

browserTest("chat-stream tells the visitor that a message is too large for the server", async ({ page, server }) => {
  await page.goto(server.origin);
  await page.locator("input[name=files]").setInputFiles([pdf("plan.pdf")]);
  await page.getByRole("button", { name: "Send", disabled: false }).click();
  const details = { setting: "MAX_BODY_BYTES", maxBodyBytes: 10 };
  (await server.nextAnswer()).refuse(413, "PayloadTooLarge", {}, details);
  await page.getByText("The message is too large for this chat. Remove a file or start a new chat.").waitFor();
});

browserTest("chat-stream keeps a large attachment's name over a reload, and says that its data is gone", async ({
  page,
  server,
}) => {
  server.models = { maxBodyBytes: 8_388_608 };
  server.page(
    "/chat",
    `<script type="module" src="/chat-stream.js"></script><chat-stream persist="local" attachments></chat-stream>`,
  );
  await page.goto(`${server.origin}/chat`);
  await page.locator("input[name=files]").setInputFiles([{ ...pdf("big.pdf"), buffer: Buffer.alloc(2_000_000) }]);
  await page.getByRole("button", { name: "Send", disabled: false }).click();
  (await server.nextAnswer()).finish("A big plan.");
  await page.getByText("A big plan.").waitFor();
  await page.reload();
  await page.getByText("A big plan.").waitFor();
  await page.getByText("no longer available").waitFor();
  assertEquals(await page.locator(".sent .file-name").innerText(), "big.pdf");
  await page.getByRole("textbox", { name: "Message" }).fill("And now?");
  await page.keyboard.press("Enter");
  const { messages } = (await server.nextAnswer()).request;
  assertEquals(messages[0]?.content, [{ type: "text", text: "(An earlier file, not sent again: big.pdf)" }]);
});
