/** Files from the fixed map: types, caching, compressed copies, and nothing from outside. */
import { assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { readStaticFiles, serveStatic } from "../../routes/static.ts";

async function filesOf(contents: Record<string, string>) {
  const folder = await Deno.makeTempDir();
  for (const [path, text] of Object.entries(contents)) {
    await Deno.mkdir(`${folder}/${path}/..`.replace(/[^/]+\/\.\.$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
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

Deno.test("readStaticFiles knows the files with a media type, and index.html as its folder", async () => {
  const files = await filesOf(SITE);
  assertEquals([...files.keys()].toSorted(), ["/", "/assets/chunk-abc.js", "/index.html", "/page.css"]);
});

const CODINGS: [accept: string | undefined, coding: string | null, body: string][] = [
  [undefined, null, "a{}"],
  ["br, gzip", "br", "BR"],
  ["gzip", "gzip", "GZIP"],
  ["gzip;q=1, br;q=0.5", "gzip", "GZIP"],
  ["identity", null, "a{}"],
  ["zstd", null, "a{}"],
];
for (const [accept, coding, body] of CODINGS) {
  Deno.test(`serveStatic answers with ${coding ?? "no"} coding when asked for ${accept ?? "nothing"}`, async () => {
    const file = (await filesOf(SITE)).get("/page.css")!;
    const request = get("/page.css", accept === undefined ? {} : { "accept-encoding": accept });
    const response = serveStatic(request, "/page.css", file);
    assertEquals(response.headers.get("content-encoding"), coding);
    assertEquals(response.headers.get("vary"), "Accept-Encoding");
    assertEquals(await response.text(), body);
  });
}

Deno.test("serveStatic answers 304 when the client has this very representation", async () => {
  const file = (await filesOf(SITE)).get("/page.css")!;
  const plain = serveStatic(get("/page.css"), "/page.css", file).headers.get("etag")!;
  const brotli = serveStatic(get("/page.css", { "accept-encoding": "br" }), "/page.css", file).headers.get("etag")!;
  assertNotEquals(plain, brotli);
  assertEquals(serveStatic(get("/page.css", { "if-none-match": plain }), "/page.css", file).status, 304);
  assertEquals(serveStatic(get("/page.css", { "if-none-match": brotli }), "/page.css", file).status, 200);
});

Deno.test("serveStatic lets hashed chunks be kept for ever and the rest be checked", async () => {
  const files = await filesOf(SITE);
  const cacheOf = (path: string) => serveStatic(get(path), path, files.get(path)!).headers.get("cache-control");
  assertEquals(cacheOf("/assets/chunk-abc.js"), "public, max-age=31536000, immutable");
  assertEquals(cacheOf("/page.css"), "no-cache");
});

Deno.test("serveStatic guards pages with a strict policy and opens scripts to other sites", async () => {
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
