/** Tests of the static files: media types, caching and compressed copies. */
import { assertEquals, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { readStaticFiles, serveStatic, type StaticFiles } from "../../routes/static.ts";

/** A temporary folder with these files. */
async function folderOf(contents: Record<string, string>): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [path, text] of Object.entries(contents)) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]+$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
  return folder;
}

async function filesOf(contents: Record<string, string>): Promise<StaticFiles> {
  const folder = await folderOf(contents);
  const files = await readStaticFiles(folder);
  await Deno.remove(folder, { recursive: true });
  return files;
}

const SITE = {
  "index.html": "<!doctype html>",
  "page.css": "a{}",
  "page.css.br": "BR",
  "page.css.gz": "GZIP",
  "assets/chunk-abc.js": "1",
  "notes.private": "secret",
};

function get(path: string, headers: Record<string, string> = {}, method = "GET"): Request {
  return new Request(`http://chat.example${path}`, { headers, method });
}

Deno.test("readStaticFiles keeps files with a known media type, and index.html under its folder too", async () => {
  const files = await filesOf(SITE);
  assertEquals([...files.keys()].toSorted(), ["/", "/assets/chunk-abc.js", "/index.html", "/page.css"]);
});

const CODINGS: [client: string, accept: string | undefined, coding: string | null, body: string][] = [
  ["Chrome or Firefox over HTTPS", "gzip, deflate, br, zstd", "br", "BR"],
  ["Safari", "gzip, deflate, br", "br", "BR"],
  ["a browser over plain HTTP", "gzip, deflate", "gzip", "GZIP"],
  ["Deno's fetch", "gzip,br", "br", "BR"],
  ["Node's fetch", "br, gzip, deflate", "br", "BR"],
  ["Googlebot", "gzip, deflate, br", "br", "BR"],
  ["curl", undefined, null, "a{}"],
  ["a client that sends an empty header", "", null, "a{}"],
  ["a client that accepts anything", "*", "br", "BR"],
  ["a client that accepts anything but brotli", "br;q=0, *", "gzip", "GZIP"],
  ["a client that refuses all but gzip", "*;q=0, gzip", "gzip", "GZIP"],
  ["a client that refuses all codings", "*;q=0", null, "a{}"],
  ["a client that weighs brotli less", "gzip;q=1, br;q=0.5", "br", "BR"],
  ["a client that accepts no coding", "identity", null, "a{}"],
  ["a client that knows another coding only", "zstd", null, "a{}"],
];
for (const [client, accept, coding, body] of CODINGS) {
  Deno.test(`serveStatic sends ${coding ?? "no coding"} when ${client} sends ${accept ?? "no header"}`, async () => {
    const file = (await filesOf(SITE)).get("/page.css")!;
    const request = get("/page.css", accept === undefined ? {} : { "accept-encoding": accept });
    const response = serveStatic(request, "/page.css", file);
    assertEquals(response.headers.get("content-encoding"), coding);
    assertEquals(response.headers.get("vary"), "Accept-Encoding");
    assertEquals(await response.text(), body);
  });
}

Deno.test("readStaticFiles takes a later folder's file when both have one of that name", async () => {
  const folders = [await folderOf({ "a.css": "first", "b.css": "first" }), await folderOf({ "b.css": "second" })];
  const files = await readStaticFiles(...folders);
  for (const folder of folders) await Deno.remove(folder, { recursive: true });
  const decoder = new TextDecoder();
  assertEquals([...files].map(([path, { bytes }]) => [path, decoder.decode(bytes)]), [
    ["/a.css", "first"],
    ["/b.css", "second"],
  ]);
});

Deno.test("readStaticFiles names the command to run when there is no build", async () => {
  await assertRejects(() => readStaticFiles("no/such/folder"), Error, "deno task build");
});

Deno.test("serveStatic responds 304 when the client has this representation", async () => {
  const file = (await filesOf(SITE)).get("/page.css")!;
  const plain = serveStatic(get("/page.css"), "/page.css", file).headers.get("etag")!;
  const brotli = serveStatic(get("/page.css", { "accept-encoding": "br" }), "/page.css", file).headers.get("etag")!;
  assertNotEquals(plain, brotli);
  assertEquals(serveStatic(get("/page.css", { "if-none-match": plain }), "/page.css", file).status, 304);
  assertEquals(serveStatic(get("/page.css", { "if-none-match": brotli }), "/page.css", file).status, 200);
});

Deno.test("serveStatic allows caching of hashed chunks for a year, and requires revalidation of the rest", async () => {
  const files = await filesOf(SITE);
  const cacheOf = (path: string) => serveStatic(get(path), path, files.get(path)!).headers.get("cache-control");
  assertEquals(cacheOf("/assets/chunk-abc.js"), "public, max-age=31536000, immutable");
  assertEquals(cacheOf("/page.css"), "no-cache");
});

Deno.test("serveStatic sends pages with a strict policy and scripts with CORS for any site", async () => {
  const files = await filesOf(SITE);
  const page = serveStatic(get("/"), "/", files.get("/")!);
  const policy = page.headers.get("content-security-policy")!;
  for (const part of ["default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"]) {
    assertStringIncludes(policy, part);
  }
  assertEquals(page.headers.get("access-control-allow-origin"), null);
  const script = serveStatic(get("/assets/chunk-abc.js"), "/assets/chunk-abc.js", files.get("/assets/chunk-abc.js")!);
  assertEquals(script.headers.get("access-control-allow-origin"), "*");
  assertEquals(script.headers.get("x-content-type-options"), "nosniff");
});

Deno.test("serveStatic sends a HEAD the headers of a GET and no body", async () => {
  const file = (await filesOf(SITE)).get("/page.css")!;
  const response = serveStatic(get("/page.css", {}, "HEAD"), "/page.css", file);
  assertEquals([response.headers.get("content-length"), await response.text()], ["3", ""]);
});
