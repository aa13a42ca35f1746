import { assert, assertEquals } from "@std/assert";
import { createManifest, MANIFEST_PATH } from "../../tools/manifest.ts";

const ROOT = new URL("../../", import.meta.url);
const [declaration] = JSON.parse(await createManifest()).modules[0].declarations;
const names = (items: readonly { name: string }[]) => items.map(({ name }) => name).sort();

/** Everything that `pattern` finds in the component's sources, once each. */
async function inSources(pattern: RegExp): Promise<string[]> {
  const found = new Set<string>();
  for (const folder of ["", "view/", "markdown/"]) {
    for await (const { name, isFile } of Deno.readDir(new URL(`components/${folder}`, ROOT))) {
      if (!isFile || !name.endsWith(".ts")) continue;
      const text = await Deno.readTextFile(new URL(`components/${folder}${name}`, ROOT));
      for (const [, match = ""] of text.matchAll(pattern)) found.add(match);
    }
  }
  return [...found].sort();
}

Deno.test("custom-elements.json is what the doc comments say; `deno task manifest` brings it up to date", async () => {
  assertEquals(await Deno.readTextFile(new URL(MANIFEST_PATH, ROOT)), await createManifest());
});

Deno.test("createManifest describes everything that it lists", () => {
  const { attributes, members, events, slots, cssParts, cssProperties } = declaration;
  const all = [...attributes, ...members, ...events, ...slots, ...cssParts, ...cssProperties];
  assert(all.length > 80);
  assertEquals(all.filter(({ description }) => !description), []);
});

Deno.test("createManifest lists every part, slot and custom property of the sources", async () => {
  assertEquals(names(declaration.cssParts), await inSources(/ part="([a-z-]+)"/g));
  assertEquals(names(declaration.slots), await inSources(/<slot name="([a-z-]+)"/g));
  const properties = await inSources(/var\((?:\s*)(--chat-stream-[a-z-]+)/g);
  for (const name of properties) assert(names(declaration.cssProperties).includes(name), name);
});

Deno.test("chat-stream.d.ts declares every member and event of the manifest", async () => {
  const types = await Deno.readTextFile(new URL("static/chat-stream.d.ts", ROOT));
  const inherited = new Set(["focus"]);
  for (const name of [...names(declaration.members), ...names(declaration.events)]) {
    if (!inherited.has(name)) assert(new RegExp(`^ +(readonly )?"?${name}"?[:(]`, "m").test(types), name);
  }
});
