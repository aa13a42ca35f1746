import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { MAX_FILES, MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS, MAX_TEXT_BYTES } from "../../components/view/attachments.ts";
import { browserTest, screenshot } from "./browser.ts";

const text = (name: string, content = "Some words.") => ({
  name,
  mimeType: "text/plain",
  buffer: Buffer.from(content),
});

browserTest("chat-stream sends images scaled down and text files with their names", async ({ page, server }) => {
  await page.goto(server.origin);
  const input = page.locator("input[type=file]");
  await input.waitFor({ state: "attached" });
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
  await input.setInputFiles([
    { name: "chart.png", mimeType: "image/png", buffer: Buffer.from(png) },
    text("notes.txt"),
  ]);
  await page.getByText("chart.png").waitFor();
  await page.getByText("notes.txt").waitFor();
  await screenshot(page, "attachments");
  await page.getByRole("textbox", { name: "Message" }).fill("What is this?");
  await page.keyboard.press("Enter");
  const answer = await server.nextAnswer();
  const [message] = answer.request.messages;
  assert(Array.isArray(message?.content));
  const [words, image, file] = message.content;
  assertEquals(words, { type: "text", text: "What is this?" });
  assertEquals(file, { type: "text", text: "notes.txt:\n```\nSome words.\n```" });
  const url: string = image.image_url.url;
  assert(url.startsWith("data:image/jpeg;base64,") && url.length * 0.75 < MAX_IMAGE_BYTES + 100, `${url.length}`);
  const size = await page.locator(".bubble img").evaluate(async (element) => {
    const image = element as HTMLImageElement;
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  });
  assertEquals(size, [MAX_IMAGE_PIXELS, Math.round(MAX_IMAGE_PIXELS * 2 / 3)]);
  // A text file shows its name only, and stays attached when the question is edited.
  assertEquals(await page.locator(".bubble").innerText(), "What is this?\nnotes.txt");
  answer.finish("A chart.");
  await page.getByRole("button", { name: "Edit" }).click();
  await page.getByRole("textbox", { name: "Edit" }).fill("And this?");
  await page.locator(".editor").getByRole("button", { name: "Send" }).click();
  const [edited] = (await server.nextAnswer()).request.messages;
  assertEquals(edited?.content, [{ type: "text", text: "And this?" }, image, file]);
});

browserTest("chat-stream attaches pasted and dropped files", async ({ page, server }) => {
  await page.goto(server.origin);
  await page.locator("input[type=file]").waitFor({ state: "attached" });
  await page.getByRole("textbox", { name: "Message" }).evaluate((box) => {
    const clipboardData = new DataTransfer();
    clipboardData.items.add(new File(["a"], "pasted.txt", { type: "text/plain" }));
    box.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, composed: true }));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["b"], "dropped.md"));
    const init = { dataTransfer, bubbles: true, composed: true, cancelable: true };
    if (box.dispatchEvent(new DragEvent("dragover", init))) throw new Error("The drag is not taken");
    box.dispatchEvent(new DragEvent("drop", init));
  });
  await page.getByText("pasted.txt").waitFor();
  await page.getByText("dropped.md").waitFor();
  await page.getByRole("button", { name: "Remove pasted.txt" }).click();
  await page.getByRole("button", { name: "Send" }).click();
  assertEquals((await server.nextAnswer()).request.messages, [
    { role: "user", content: [{ type: "text", text: "dropped.md:\n```\nb\n```" }] },
  ]);
});

const REFUSED = [
  ["of another kind", [{ ...text("tune.mp3"), mimeType: "audio/mpeg" }], "tune.mp3 is neither an image nor text."],
  ["that only claims to be an image", [{ ...text("fake.png"), mimeType: "image/png" }], "fake.png is neither"],
  ["that only claims to be text", [text("program.txt", "\0\0")], "program.txt is neither"],
  ["that is too large", [text("long.txt", "x".repeat(MAX_TEXT_BYTES + 1))], "long.txt is too large."],
  ["too many", Array.from({ length: MAX_FILES + 1 }, (_, i) => text(`${i}.txt`)), "4.txt is one too many"],
] as const;
for (const [name, files, words] of REFUSED) {
  browserTest(`chat-stream names the reason when it rejects a file ${name}`, async ({ page, server }) => {
    await page.goto(server.origin);
    const input = page.locator("input[type=file]");
    await input.waitFor({ state: "attached" });
    await input.setInputFiles([...files]);
    await page.getByText(words).waitFor();
    assertEquals(await page.locator(".file").count(), files.length - 1);
  });
}

browserTest("chat-stream shows no attach button without `attachments`", async ({ page, server }) => {
  await page.goto(`${server.origin}/embed.html`);
  await page.getByRole("button", { name: "Harbour desk" }).click();
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  assertEquals(await page.locator("input[type=file]").count(), 0);
});
