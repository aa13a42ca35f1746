/**
 * Saves round trips: without a hint, a browser learns of a script's imports only when the script has arrived.
 * @module
 */
import { COMPONENT, lazyModule, readStaticImports, type StaticImports, withImports } from "./static_imports.ts";

/** A hint for a lazily loaded module, by its name without the hash. */
const HINT = /^[ \t]*<link rel="modulepreload" href="\/assets\/(\w+)\.js">\n/gm;
/** A module that only exports something of a chunk under another name. */
const RENAMING = /^import\{([\w$]+) as ([\w$]+)\}from"\.\/([\w-]+\.js)";(?:import"[^"]*";)*export\{\2 as (\w+)\};?\s*$/;

/**
 * Adds the hashes and the imports of the modules to the hints of the pages in `folder`, and makes the script there import
 * the component from its chunk.
 * @throws {Error} if a page has a hint for a module that does not exist
 */
export async function addPreloads(folder: URL): Promise<void> {
  const imports = await readStaticImports(folder);
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile || !/\.(?:html|js)$/.test(name)) continue;
    const file = new URL(name, folder);
    const text = await Deno.readTextFile(file);
    const hinted = name.endsWith(".html") ? hintPage(text, imports) : await importChunk(folder, text, imports);
    if (hinted !== text) await Deno.writeTextFile(file, hinted);
  }
}

function hintPage(page: string, imports: StaticImports): string {
  const names = [...page.matchAll(HINT)].map(([, name]) => lazyModule(imports, name as string));
  if (names.length === 0) return page;
  // The imports of the script itself come late, too.
  const component = lazyModule(imports, COMPONENT);
  const paths = withImports(imports, ["chat-stream.js", ...names]).slice(1).filter((path) => path !== component);
  const links = paths.map((path) => `    <link rel="modulepreload" href="/${path}">\n`).join("");
  let isFirst = true;
  return page.replace(HINT, () => isFirst ? (isFirst = false, links) : "");
}

/**
 * The bundler gives the component's chunk short export names, and a module of its own to rename them, which would be one
 * more request in the chain. The script renames them itself.
 */
async function importChunk(folder: URL, script: string, imports: StaticImports): Promise<string> {
  const component = lazyModule(imports, COMPONENT);
  const [, short, , chunk, name] = RENAMING.exec(await Deno.readTextFile(new URL(component, folder))) ?? [];
  if (chunk === undefined) return script;
  return script.replaceAll(`import("./${component}")`, `import("./assets/${chunk}").then(e=>({${name}:e.${short}}))`);
}
