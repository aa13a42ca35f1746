import { assertEquals } from "@std/assert";

/** Units that depend on the host page's root element. Media queries use the browser's own size and may keep them. */
const ROOT_UNIT = /\b[\d.]+(?:rem|rlh|rex|rch|ric)\b/g;
const MEDIA_QUERY = /@media[^{]*\{/g;
/** A radius that `--chat-stream-radius` does not reach. */
const OWN_RADIUS = /radius:(?!\s*(?:0|inherit);)(?![^;}]*--(?:_r|_radius|_pill|chat-stream-radius)\b)[^;}]*/g;

async function* sources(folder: URL): AsyncGenerator<[string, string]> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts")) yield [name, await Deno.readTextFile(new URL(name, folder))];
  }
}

Deno.test("style sheets use no length of the host page's root and no radius of their own", async () => {
  const found: string[] = [];
  for await (const [name, text] of sources(new URL("../../../components/", import.meta.url))) {
    const rules = text.replace(MEDIA_QUERY, "");
    for (const [match] of [...rules.matchAll(ROOT_UNIT), ...rules.matchAll(OWN_RADIUS)]) {
      found.push(`${name}: ${match}`);
    }
  }
  assertEquals(found, []);
});
