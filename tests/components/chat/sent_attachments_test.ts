/** Tests which attachments of a conversation are sent again. @module */
import { assertEquals } from "@std/assert";
import { MAX_SENT_IMAGES, withoutOldAttachments } from "../../../components/chat/sent_attachments.ts";
import type { ContentPart } from "../../../protocol/chat_request.ts";

const question = (...content: ContentPart[]) => ({ role: "user", content }) as const;
const image = (url: string): ContentPart => ({ type: "image_url", image_url: { url } });
const file = (filename: string, file_data: string): ContentPart => ({ type: "file", file: { filename, file_data } });
const IMAGE_NOTE: ContentPart = { type: "text", text: "(An earlier image, not sent again.)" };
const fileNote = (name: string): ContentPart => ({ type: "text", text: `(An earlier file, not sent again: ${name})` });

Deno.test("withoutOldAttachments keeps the latest images that fit and replaces the others with a note", () => {
  const [a, b, c] = ["a", "b", "c"].map((name) => image(name.padEnd(50, "-"))) as [
    ContentPart,
    ContentPart,
    ContentPart,
  ];
  const text: ContentPart = { type: "text", text: "Look" };
  const messages = [question(text, a, b), { role: "assistant", content: "Yes" } as const, question(c)];
  assertEquals(withoutOldAttachments(messages, 100), [question(text, IMAGE_NOTE, b), messages[1]!, question(c)]);
});

Deno.test("withoutOldAttachments replaces files that are too large or gone with a note that names them", () => {
  const [old, gone, kept] = [file("a.pdf", "A".repeat(60)), file("b.pdf", ""), file("c.pdf", "A".repeat(60))];
  const messages = [question(old!, gone!, kept!)];
  assertEquals(withoutOldAttachments(messages, 100), [question(fileNote("a.pdf"), fileNote("b.pdf"), kept!)]);
  assertEquals(withoutOldAttachments(messages, 120), [question(old!, fileNote("b.pdf"), kept!)]);
});

Deno.test("withoutOldAttachments keeps no more images than servers accept", () => {
  const images = Array.from({ length: MAX_SENT_IMAGES }, (_, index) => image(`https://files.example/${index}`));
  assertEquals(withoutOldAttachments([question(image("https://files.example/old"), ...images)]), [
    question(IMAGE_NOTE, ...images),
  ]);
});
