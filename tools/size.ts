/**
 * Prints the sizes of what the browser loads, and fails when one is over its budget. Run it as `deno task size`; it builds
 * first.
 *
 * A script counts with everything that it imports statically. `loading_test.ts` and `launcher_test.ts` in
 * `tests/browser/` check that a browser loads exactly what is counted for a text conversation and for a launcher.
 * @module
 */
import { build } from "./build.ts";
import { lazyModule, readStaticImports, type StaticImports, withImports } from "./static_imports.ts";

/** The scripts of a page with a text conversation: the tag's script, and what it loads at once and with a question. */
export function conversationScripts(imports: StaticImports): string[] {
  return withImports(imports, ["chat-stream.js", lazyModule(imports, "element")]);
}

/** The scripts of a page with a closed launcher: the tag's script, and what it loads at once. */
export function launcherScripts(imports: StaticImports): string[] {
  return withImports(imports, ["chat-stream.js", lazyModule(imports, "launcher_button")]);
}

/** The budgets, in bytes after brotli. */
const BUDGETS: readonly { what: string; budget: number; scripts(imports: StaticImports): string[] }[] = [
  {
    what: "a launcher, until the chat is opened",
    budget: 2355,
    scripts: launcherScripts,
  },
  { what: "everything for a text conversation", budget: 35 * 1024, scripts: conversationScripts },
  { what: "the client alone", budget: 3174, scripts: (imports) => withImports(imports, ["chat-client.js"]) },
];

/** Sizes in bytes: as it is, after gzip, after brotli. */
type Sizes = readonly [raw: number, gzip: number, brotli: number];

async function readSizes(script: URL): Promise<Sizes> {
  const [raw, gzip, brotli] = await Promise.all(
    ["", ".gz", ".br"].map((suffix) => Deno.stat(new URL(script.href + suffix))),
  );
  return [raw?.size ?? NaN, gzip?.size ?? NaN, brotli?.size ?? NaN];
}

function row(name: string, sizes: readonly (number | string)[], note = ""): string {
  return `${name.padEnd(46)}${sizes.map((size) => String(size).padStart(9)).join("")}  ${note}`.trimEnd();
}

async function main(): Promise<void> {
  const root = new URL("../", import.meta.url);
  const folder = new URL("dist/static/", root);
  await build(root);
  const imports = await readStaticImports(folder);
  const sizes = new Map<string, Sizes>();
  for (const path of [...imports.keys()].toSorted()) sizes.set(path, await readSizes(new URL(path, folder)));
  console.log(row("asset", ["raw", "gzip", "brotli"]));
  for (const [path, size] of sizes) console.log(row(path, size));
  console.log();
  for (const { what, budget, scripts } of BUDGETS) {
    const loaded = scripts(imports).map((path) => sizes.get(path) as Sizes);
    const [raw, gzip, brotli] = [0, 1, 2].map((kind) => loaded.reduce((sum, size) => sum + (size[kind] as number), 0));
    const isOver = (brotli as number) > budget;
    console.log(row(what, [raw, gzip, brotli] as number[], `${isOver ? "OVER" : "within"} the budget of ${budget}`));
    if (isOver) Deno.exitCode = 1;
  }
}

if (import.meta.main) await main();
