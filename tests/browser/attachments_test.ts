/** Tests attachments in a real browser: how files come in, which are refused, and what is sent. @module */
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import type { ChatStream } from "../../components/chat_stream.ts";
import { MAX_FILES, MAX_TEXT_BYTES } from "../../components/chat/attachment_rules.ts";
import { IMAGE_PIXELS, MAX_IMAGE_BYTES } from "../../components/chat/read_attachment.ts";
import { browserTest, screenshot } from "./browser.ts";

const text = (name: string, content = "Some words.") => ({
  name,
  mimeType: "text/plain",
  buffer: Buffer.from(content),
});
const pdf = (name: string, size = 2000) => ({
  name,
  mimeType: "application/pdf",
  buffer: Buffer.alloc(size, "%PDF-1.7 "),
});

/** The file picker, once attachments are loaded. */
async function picker(page: Page): Promise<Locator> {
  const input = page.locator("input[name=files]");
  await input.waitFor({ state: "attached" });
  return input;
}

/** The notes of the attached files: type and size, or what is wrong. */
function notesOf(page: Page): Promise<string[]> {
  return page.locator(".composer .file-note").allInnerTexts();
}

browserTest("chat-stream sends images scaled down, text files with their names, and PDFs whole", async ({
  page,
  server,
}) => {
  server.models = {
    defaultModel: "m",
    models: [{ id: "m", input: ["text", "image", "pdf"] }],
    maxBodyBytes: 8_388_608,
  };
  await page.goto(server.origin);
  const input = await picker(page);
  // A large picture with much detail, drawn by the browser.
  const png = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [2400, 1600];
    const context = canvas.getContext("2d");
    for (let i = 0; context && i < 4000; i++) {
      context.fillStyle = `hsl(${i * 7} 80% ${30 + i % 50}%)`;
      context.fillRect((i * 97) % 2400, (i * 53) % 1600, 60, 40);
    }
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    return [...new Uint8Array(await (blob as Blob).arrayBuffer())];
  });
  const report = pdf("report.pdf", 3_000_000);
  await input.setInputFiles([
    { name: "chart.png", mimeType: "image/png", buffer: Buffer.from(png) },
    text("notes.txt"),
    report,
  ]);
  await page.locator(".composer .file").nth(2).waitFor();
  const [image, ...others] = await notesOf(page);
  assert(/^PNG · \d/.test(image ?? ""), image);
  assertEquals(others, ["TXT · 1 kB", "PDF · 3 MB"]);
  await page.getByRole("textbox", { name: "Message" }).fill("What is this?");
  await page.locator(".composer img.file-mark").waitFor();
  await screenshot(page, "attachments");
  await page.getByRole("button", { name: "Send", disabled: false }).click();
  const answer = await server.nextAnswer();
  const [message] = answer.request.messages;
  assert(Array.isArray(message?.content));
  const [words, picture, file, whole] = message.content;
  assertEquals(words, { type: "text", text: "What is this?" });
  assertEquals(file, { type: "text", text: "notes.txt:\n```\nSome words.\n```" });
  const url: string = picture.image_url.url;
  assert(url.startsWith("data:image/jpeg;base64,") && url.length * 0.75 < MAX_IMAGE_BYTES + 100, `${url.length}`);
  assertEquals(whole.file.filename, "report.pdf");
  const [prefix, base64] = whole.file.file_data.split(",");
  assertEquals(prefix, "data:application/pdf;base64");
  assert(Buffer.from(base64, "base64").equals(report.buffer));
  const size = await page.locator(".sent img").evaluate(async (element) => {
    const image = element as HTMLImageElement;
    await image.decode();
    return Math.max(image.naturalWidth, image.naturalHeight);
  });
  assert(IMAGE_PIXELS.includes(size), `${size}`);
  assertEquals(await page.locator(".bubble").innerText(), "What is this?");
  assertEquals(await page.locator(".sent .file").allInnerTexts(), [
    "TXT\nnotes.txt\nTXT · 1 kB",
    "PDF\nreport.pdf\nPDF · 3 MB",
  ]);
  // Files stay attached when the question is edited, and each can be removed.
  answer.finish("A chart.");
  await page.getByRole("button", { name: "Edit" }).click();
  const editor = page.locator(".editor");
  await editor.getByRole("textbox").fill("And this?");
  await editor.getByRole("button", { name: "Remove report.pdf" }).press("Delete");
  await editor.getByRole("button", { name: "Send" }).click();
  const [edited] = (await server.nextAnswer()).request.messages;
  assertEquals(edited?.content, [{ type: "text", text: "And this?" }, picture, file]);
});

browserTest("chat-stream shows a zone while files are dragged over it, and takes dropped and pasted ones", async ({
  page,
  server,
}) => {
  await page.goto(server.origin);
  await picker(page);
  const box = page.getByRole("textbox", { name: "Message" });
  const drag = (type: string) =>
    box.evaluate((element, type) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File(["b"], "dropped.md"));
      return element.dispatchEvent(
        new DragEvent(type, { dataTransfer, bubbles: true, composed: true, cancelable: true }),
      );
    }, type);
  const zone = page.getByText("Drop files here");
  assertEquals(await drag("dragenter"), false);
  await zone.waitFor();
  await drag("dragenter");
  await drag("dragleave");
  assertEquals(await zone.isVisible(), true);
  await drag("dragleave");
  await zone.waitFor({ state: "detached" });
  await drag("dragenter");
  assertEquals(await drag("dragover"), false);
  await drag("drop");
  await zone.waitFor({ state: "detached" });
  await page.getByText("dropped.md").waitFor();
  const paste = (alsoText: boolean) =>
    box.evaluate((element, alsoText) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(["a"], alsoText ? "picture-of-text.txt" : "pasted.txt", { type: "text/plain" }));
      if (alsoText) clipboardData.setData("text/plain", "a");
      const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, composed: true, cancelable: true });
      return element.dispatchEvent(event);
    }, alsoText);
  // Office programs copy a picture beside the text: the text is meant.
  assertEquals(await paste(true), true);
  assertEquals(await paste(false), false);
  await page.getByText("pasted.txt").waitFor();
  assertEquals(await page.locator(".composer .file-name").allInnerTexts(), ["dropped.md", "pasted.txt"]);
});

browserTest("chat-stream removes attachments by keyboard and keeps the focus in the composer", async ({
  page,
  server,
}) => {
  await page.goto(server.origin);
  await (await picker(page)).setInputFiles([text("one.txt"), text("two.txt"), text("three.txt")]);
  const button = (name: string) => page.getByRole("button", { name: `Remove ${name}` });
  const focused = () =>
    page.evaluate(() => document.querySelector("chat-stream")?.shadowRoot?.activeElement?.ariaLabel);
  await button("two.txt").focus();
  await page.keyboard.press("Delete");
  await button("two.txt").waitFor({ state: "detached" });
  await page.waitForFunction(() =>
    document.querySelector("chat-stream")?.shadowRoot?.activeElement?.ariaLabel === "Remove three.txt"
  );
  await page.keyboard.press("Backspace");
  await button("three.txt").waitFor({ state: "detached" });
  assertEquals(await focused(), "Remove one.txt");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("chat-stream")?.shadowRoot?.activeElement?.id === "box");
  assertEquals(await page.locator(".composer .file").count(), 0);
});

browserTest("chat-stream names every file that it refuses, with the reason", async ({ page, server }) => {
  server.models = { defaultModel: "m", models: [{ id: "m", input: ["text"] }], maxBodyBytes: 4_000_000 };
  await page.goto(server.origin);
  await page.locator("chat-stream").evaluate((chat) => Object.assign(chat, { headers: { "x-visitor": "7" } }));
  await (await picker(page)).setInputFiles([
    { ...text("tune.mp3"), mimeType: "audio/mpeg" },
    { ...text("photo.png"), mimeType: "image/png" },
    pdf("report.pdf"),
    text("program.txt", "\0\0"),
    text("long.txt", "x".repeat(MAX_TEXT_BYTES + 1)),
    text("good.txt"),
  ]);
  await page.getByText("program.txt: this").waitFor();
  assertEquals(await page.locator(".file-errors[role=alert] p").allInnerTexts(), [
    "tune.mp3: this kind of file is not accepted.",
    "photo.png: the model cannot read this kind of file.",
    "report.pdf: the model cannot read this kind of file.",
    "long.txt is too large. The limit is 66 kB.",
    "program.txt: this kind of file is not accepted.",
  ]);
  assertEquals(await page.locator(".composer .file-name").allInnerTexts(), ["good.txt"]);
  assertEquals(server.modelRequests.map((headers) => headers.get("x-visitor")), ["7"]);
  // The picker no longer offers what the model does not take.
  assertEquals(
    await page.locator("input[name=files]").getAttribute("accept").then((accept) => /image|pdf/.test(accept!)),
    false,
  );
});

const REFUSED = [
  ["larger than the server accepts", [pdf("atlas.pdf", 3_000_000)], "atlas.pdf is too large. The limit is 2.3 MB."],
  ["too large together with others", [pdf("a.pdf", 1_500_000), pdf("b.pdf", 1_500_000)], "b.pdf is too large."],
  ["that only claims to be an image", [{ ...text("fake.png"), mimeType: "image/png" }], "fake.png: this kind of file"],
  ["too many", Array.from({ length: MAX_FILES + 1 }, (_, i) => text(`${i}.txt`)), `${MAX_FILES}.txt is one too many`],
] as const;
for (const [name, files, words] of REFUSED) {
  browserTest(`chat-stream refuses a file ${name}`, async ({ page, server }) => {
    server.models = { maxBodyBytes: 3_600_000 };
    await page.goto(server.origin);
    await (await picker(page)).setInputFiles([...files]);
    await page.getByText(words).waitFor();
    assertEquals(await page.locator(".composer .file").count(), files.length - 1);
  });
}

browserTest("chat-stream allows what the server does not describe", async ({ page, server }) => {
  await page.goto(server.origin);
  await (await picker(page)).setInputFiles([pdf("small.pdf", 400_000), pdf("large.pdf", 800_000)]);
  // A server without a limit of its own may have the 1 MiB of earlier versions.
  await page.getByText("large.pdf is too large").waitFor();
  assertEquals(await notesOf(page), ["PDF · 400 kB"]);
});

browserTest("chat-stream accepts what `accept` lists, however the file comes in", async ({ page, server }) => {
  await page.goto(server.origin);
  const input = await picker(page);
  await page.locator("chat-stream").evaluate((chat) => chat.setAttribute("accept", ".zip, audio/*"));
  await page.locator("input[name=files][accept='.zip, audio/*']").waitFor({ state: "attached" });
  await input.setInputFiles([{ ...text("a.zip"), mimeType: "application/zip" }, text("b.txt")]);
  await page.getByText("b.txt: this kind of file is not accepted.").waitFor();
  await page.getByRole("button", { name: "Send" }).click();
  const [message] = (await server.nextAnswer()).request.messages;
  assertEquals(message?.content, [{
    type: "file",
    file: { filename: "a.zip", file_data: `data:application/zip;base64,${btoa("Some words.")}` },
  }]);
});

browserTest("chat-stream marks an attached file that another model does not take", async ({ page, server }) => {
  server.models = { defaultModel: "a", models: [{ id: "a", input: ["pdf"] }, { id: "b", input: ["text"] }] };
  await page.goto(server.origin);
  await (await picker(page)).setInputFiles([pdf("report.pdf")]);
  await page.getByRole("button", { name: "Send", disabled: false }).waitFor();
  await page.locator("chat-stream").evaluate((chat) => chat.setAttribute("model", "b"));
  await page.getByText("The model cannot read it").waitFor();
  await page.getByRole("button", { name: "Send", disabled: true }).waitFor();
  await page.locator("chat-stream").evaluate((chat) => chat.setAttribute("model", "a"));
  await page.getByRole("button", { name: "Send", disabled: false }).waitFor();
});

browserTest("chat-stream offers the camera on a touch screen", async ({ page, server }) => {
  await page.goto(server.origin);
  const input = await picker(page);
  await page.getByLabel("Attach files").tap();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Take photo" }).tap();
  const camera = (await chooser).element();
  assertEquals(await camera.getAttribute("capture"), "environment");
  assertEquals(await camera.getAttribute("accept"), "image/*");
  assertEquals(await page.getByRole("button", { name: "Choose files" }).isVisible(), false);
  // Where the page wants no images there is nothing to photograph: the button opens the picker.
  await page.locator("chat-stream").evaluate((chat) => chat.setAttribute("accept", ".pdf"));
  const files = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Attach files" }).tap();
  assertEquals((await files).isMultiple(), true);
  assertEquals(await input.getAttribute("accept"), ".pdf");
}, { hasTouch: true, isMobile: true, viewport: { width: 390, height: 780 } });

browserTest("chat-stream shows no attach button without `attachments`", async ({ page, server }) => {
  await page.goto(`${server.origin}/embed.html`);
  await page.getByRole("button", { name: "Harbour desk" }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  assertEquals(await page.locator("input[type=file]").count(), 0);
});

browserTest("chat-stream keeps a file that was attached while the page checked a message", async ({ page, server }) => {
  await page.goto(server.origin);
  const input = await picker(page);
  await page.locator("chat-stream").evaluate((chat) => {
    (chat as ChatStream).beforeSend = () =>
      new Promise((resolve) => {
        addEventListener("checked", () => resolve(undefined), { once: true });
        console.log("checking");
      });
  });
  await input.setInputFiles([text("first.txt")]);
  await page.getByRole("textbox", { name: "Message" }).fill("Read it");
  const checking = page.waitForEvent("console", (message) => message.text() === "checking");
  await page.getByRole("button", { name: "Send", disabled: false }).click();
  await checking;
  await input.setInputFiles([text("second.txt")]);
  await page.locator(".composer").getByText("second.txt").waitFor();
  await page.evaluate(() => dispatchEvent(new Event("checked")));
  await server.nextAnswer();
  await page.locator(".sent").getByText("first.txt").waitFor();
  assertEquals(await page.locator(".composer .file").count(), 1);
  await page.locator(".composer").getByText("second.txt").waitFor();
});
