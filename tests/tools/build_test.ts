/** Tests of what `deno task build` writes, in a copy of the project. @module */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { build } from "../../tools/build.ts";

const PROJECT = new URL("../../", import.meta.url);

/** A folder with links to what a build reads. Its `static/` is its own. */
async function copyProject(): Promise<URL> {
  const folder = await Deno.makeTempDir();
  for (const name of ["components", "protocol", "tools", "deno.json", "deno.lock", "tests"]) {
    await Deno.symlink(new URL(name, PROJECT).pathname, `${folder}/${name}`);
  }
  await Deno.mkdir(`${folder}/static/icons`, { recursive: true });
  await Deno.writeTextFile(`${folder}/static/index.html`, "<!doctype html>\n".repeat(100));
  await Deno.writeTextFile(`${folder}/static/icons/a.svg`, "<svg/>");
  return new URL(`file://${folder}/`);
}

/** Every file below a folder with its bytes, by path. */
async function readAll(folder: string, prefix = ""): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
    const path = `${prefix}${name}`;
    if (!isDirectory) files.set(path, await Deno.readFile(`${folder}/${path}`));
    else for (const [inner, bytes] of await readAll(folder, `${path}/`)) files.set(inner, bytes);
  }
  return files;
}

Deno.test("build writes the sources, the bundles and a compressed copy of each, the same bytes every time", async () => {
  const root = await copyProject();
  const dist = new URL("dist/static", root).pathname;
  await build(root);
  const first = await readAll(dist);
  for (const name of ["index.html", "icons/a.svg", "chat-stream.js", "chat-client.js"]) assert(first.has(name), name);
  for (const [path, bytes] of first) {
    if (/\.(?:br|gz)$/.test(path)) continue;
    assertEquals(new Uint8Array(brotliDecompressSync(first.get(`${path}.br`)!)), bytes, path);
    assertEquals(new Uint8Array(gunzipSync(first.get(`${path}.gz`)!)), bytes, path);
  }
  await Deno.writeTextFile(`${dist}/assets/old-chunk.js`, "");
  await build(root);
  assertEquals([...await readAll(dist)].toSorted(), [...first].toSorted());
  const rest = await Array.fromAsync(Deno.readDir(new URL("dist", root)), ({ name }) => name);
  assertEquals(rest, ["static"]);
  await Deno.remove(root, { recursive: true });
});

Deno.test("build keeps the last build when the bundler fails", async () => {
  const root = await copyProject();
  await Deno.remove(new URL("components", root));
  await Deno.mkdir(new URL("components", root));
  await Deno.writeTextFile(new URL("components/script.ts", root), "import './missing.ts';");
  await Deno.mkdir(new URL("dist/static", root), { recursive: true });
  await Deno.writeTextFile(new URL("dist/static/chat-stream.js", root), "the last build");
  await assertRejects(() => build(root), Error, "Cannot bundle components/script.ts");
  assertEquals(await Deno.readTextFile(new URL("dist/static/chat-stream.js", root)), "the last build");
  const rest = await Array.fromAsync(Deno.readDir(new URL("dist", root)), ({ name }) => name);
  assertEquals(rest, ["static"]);
  await Deno.remove(root, { recursive: true });
});
