/** Tests which files can be attached, and what is known of a server. @module */
import { assert, assertEquals } from "@std/assert";
import {
  acceptOf,
  acceptsImages,
  type AttachmentRules,
  fileKind,
  MAX_IMAGE_FILE_BYTES,
  MAX_TEXT_BYTES,
  maxAttachedChars,
  refusalOf,
} from "../../../components/chat/attachment_rules.ts";
import { DEFAULT_ATTACHED_CHARS } from "../../../components/chat/sent_attachments.ts";
import { ServerModels } from "../../../components/chat/server_models.ts";

const RULES: AttachmentRules = {
  accept: "",
  hasUpload: false,
  input: undefined,
  maxChars: 4000,
  maxTextBytes: MAX_TEXT_BYTES,
};
const file = (name: string, type = "", size = 1) => ({ name, type, size });

const KINDS = [
  ["a.png", "image/png", "image"],
  ["a.heic", "image/heic", "image"],
  ["a.pdf", "", "pdf"],
  ["a", "application/pdf", "pdf"],
  ["a.md", "", "text"],
  ["a.svg", "image/svg+xml", "text"],
  ["a", "application/ld+json", "text"],
  ["a.mp3", "audio/mpeg", "other"],
  ["a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "other"],
] as const;
for (const [name, type, kind] of KINDS) {
  Deno.test(`fileKind is ${kind} for ${name} of type ${type || "unknown"}`, () => {
    assertEquals(fileKind({ name, type }), kind);
  });
}

const REFUSALS: readonly [string, ReturnType<typeof file>, Partial<AttachmentRules>, ReturnType<typeof refusalOf>][] = [
  ["an unknown kind", file("a.zip"), {}, "type"],
  ["what the page does not list", file("a.png", "image/png"), { accept: ".pdf" }, "type"],
  ["what the page lists by extension", file("A.ZIP"), { accept: "image/*, .zip" }, undefined],
  ["what the page lists by type", file("a", "audio/mpeg"), { accept: "audio/mpeg" }, undefined],
  ["what the page lists by main type", file("a", "audio/mpeg"), { accept: "audio/*" }, undefined],
  ["an image that the model does not take", file("a.png", "image/png"), { input: ["text"] }, "model"],
  ["a PDF that the model does not take", file("a.pdf"), { input: ["text", "image"] }, "model"],
  ["a PDF that the model takes", file("a.pdf"), { input: ["text", "pdf"] }, undefined],
  ["a PDF where the model is not known", file("a.pdf"), {}, undefined],
  ["a PDF that grows too large as base64", file("a.pdf", "", 3001), {}, "size"],
  ["a PDF that just fits", file("a.pdf", "", 3000), {}, undefined],
  ["a large PDF that the page uploads", file("a.pdf", "", 9e9), { hasUpload: true }, undefined],
  ["a long text", file("a.txt", "", MAX_TEXT_BYTES + 1), {}, "size"],
  ["a large image, which is scaled down", file("a.png", "image/png", MAX_IMAGE_FILE_BYTES), {}, undefined],
  ["a huge image", file("a.png", "image/png", MAX_IMAGE_FILE_BYTES + 1), {}, "size"],
];
for (const [name, subject, rules, reason] of REFUSALS) {
  Deno.test(`refusalOf is ${reason} for ${name}`, () => {
    assertEquals(refusalOf(subject, { ...RULES, ...rules }), reason);
  });
}

Deno.test("acceptOf offers what the page lists, else what the model takes", () => {
  assertEquals(acceptOf({ accept: ".zip", input: ["text"] }), ".zip");
  assert(acceptOf({ accept: "", input: undefined }).includes("application/pdf,.pdf"));
  const texts = acceptOf({ accept: "", input: ["text"] });
  assert(!/image|pdf/.test(texts) && texts.includes("text/*"), texts);
});

Deno.test("acceptsImages follows the page and the model", () => {
  assertEquals(acceptsImages({ accept: "", input: undefined }), true);
  assertEquals(acceptsImages({ accept: "", input: ["text"] }), false);
  assertEquals(acceptsImages({ accept: ".pdf, .JPG", input: undefined }), true);
  assertEquals(acceptsImages({ accept: ".pdf", input: undefined }), false);
});

Deno.test("maxAttachedChars leaves room for the text in a body of the server's limit", () => {
  assertEquals(maxAttachedChars({ maxBodyBytes: undefined }), DEFAULT_ATTACHED_CHARS);
  assertEquals(maxAttachedChars({ maxBodyBytes: 1000 }), 750);
  assertEquals(maxAttachedChars({ maxBodyBytes: 8 * 1024 * 1024 }), 7.5 * 1024 * 1024);
});

Deno.test("ServerModels knows the input of a model and of the default one", () => {
  const models = [{ id: "a", input: ["text"] }, { id: "b", input: ["text", "pdf"] }, { id: "c" }];
  const limits = new ServerModels({ defaultModel: "b", models, maxBodyBytes: 5 });
  assertEquals(["a", "", "c", "other"].map((model) => limits.inputOf(model)), [
    ["text"],
    ["text", "pdf"],
    undefined,
    undefined,
  ]);
  assertEquals(limits.maxBodyBytes, 5);
});

for (const json of [undefined, null, 7, "x", [], { models: 3, maxBodyBytes: "1" }, { models: [null, { id: 1 }] }]) {
  Deno.test(`ServerModels knows nothing of a server that responds with ${JSON.stringify(json)}`, () => {
    const limits = new ServerModels(json);
    assertEquals([limits.maxBodyBytes, limits.inputOf("a"), limits.inputOf()], [undefined, undefined, undefined]);
  });
}
