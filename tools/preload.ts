/**
 * Saves round trips: without a hint, a browser learns of a script's imports only when the script has arrived.
 * @module
 */
import { lazyModule, readStaticImports, type StaticImports, withImports } from "./static_imports.ts";

/** A hint for a lazily loaded module, by its name without the hash. */
const HINT = /^[ \t]*<link rel="modulepreload" href="\/assets\/(\w+)\.js">\n/gm;
/** An import of a lazily loaded module in a script at the root. */
const LAZY_IMPORT = /import\("\.\/(assets\/[\w-]+\.js)"\)/g;

/**
 * Adds the hashes and the imports of the modules to the hints of the pages in `folder`, and makes the scripts there
 * request the imports of a lazily loaded module together with it.
 * @throws {Error} if a page has a hint for a module that does not exist
 */
export async function addPreloads(folder: URL): Promise<void> {
  const imports = await readStaticImports(folder);
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile || !/\.(?:html|js)$/.test(name)) continue;
    const file = new URL(name, folder);
    const text = await Deno.readTextFile(file);
    const hinted = name.endsWith(".html") ? hintPage(text, imports) : hintScript(text, imports);
    if (hinted !== text) await Deno.writeTextFile(file, hinted);
  }
}

function hintPage(page: string, imports: StaticImports): string {
  const names = [...page.matchAll(HINT)].map(([, name]) => lazyModule(imports, name as string));
  if (names.length === 0) return page;
  // The imports of the script itself come late, too.
  const paths = withImports(imports, ["chat-stream.js", ...names]).slice(1);
  const links = paths.map((path) => `    <link rel="modulepreload" href="/${path}">\n`).join("");
  let isFirst = true;
  return page.replace(HINT, () => isFirst ? (isFirst = false, links) : "");
}

function hintScript(script: string, imports: StaticImports): string {
  const loaded = new Set(withImports(imports, ["chat-stream.js"]));
  return script.replace(LAZY_IMPORT, (lazy, path: string) => {
    const more = withImports(imports, [path]).slice(1).filter((one) => !loaded.has(one));
    // Only the component itself: the chunk that the other modules import is loaded by then.
    if (!path.startsWith("assets/element-")) return lazy;
    return `(${more.map((one) => `import("./${one}").catch(()=>{}),`).join("")}${lazy})`;
  });
}
