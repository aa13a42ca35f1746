/** The form of an upload, written anew: the same fields, in a form that nothing in them can break. */
import { assertEquals } from "@std/assert";
import { readUploadForm, writeUploadForm } from "../../upstream/upload_form.ts";

const FIELDS: readonly (readonly [name: string, value: string | File])[] = [
  ["model", "whisper-1"],
  ["prompt", 'Ümlaut 👋 "quoted"\r\n--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nsecret'],
  ["line ends", "\r\r\n\n\r"],
  ["file", new File([new Uint8Array([0, 13, 10, 255])], "a b.mp3", { type: "audio/mpeg" })],
  ["file", new File(["x"], 'a"\r\nx: y.mp3')],
  ["empty", ""],
];

/** What a form has, with the bytes of its files. */
async function entriesOf(form: FormData): Promise<unknown[]> {
  return await Promise.all(Array.from(form, async ([name, value]) => {
    return typeof value === "string" ? [name, value] : [name, value.name, value.type, await value.bytes()];
  }));
}

Deno.test("writeUploadForm writes every field so that it is read again, and changes no line end in it", async () => {
  const form = new FormData();
  for (const [name, value] of FIELDS) form.append(name, value);
  const written = writeUploadForm(form);
  assertEquals(await entriesOf(await readUploadForm(written.stream(), written.type)), [
    ...FIELDS.slice(0, 3),
    ["file", "a b.mp3", "audio/mpeg", new Uint8Array([0, 13, 10, 255])],
    ["file", "a%22%0D%0Ax: y.mp3", "application/octet-stream", new Uint8Array([120])],
    ["empty", ""],
  ]);
});

Deno.test("writeUploadForm escapes names, and writes a new boundary each time", async () => {
  const form = new FormData();
  form.append('a"\r\nb', "1");
  const [first, second] = [writeUploadForm(form), writeUploadForm(form)];
  assertEquals((await first.text()).split("\r\n")[1], 'content-disposition: form-data; name="a%22%0D%0Ab"');
  assertEquals(first.type === second.type, false);
});
