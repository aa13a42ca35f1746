/**
 * Prints the sizes of what the browser loads, and fails when one is over its budget. Run it as `deno task size`; it builds
 * first.
 *
 * A bundle counts with everything that it imports statically. What `import()` loads later is listed without a budget.
 * @module
 */
import { build } from "./build.ts";

/** The budgets, in bytes after brotli. */
const BUDGETS = [
  { what: "the script tag, until the chat is opened", budget: 2355, entries: ["chat-stream.js"] },
  {
    what: "everything for a text conversation",
    budget: 35 * 1024,
    entries: ["chat-stream.js", /^assets\/chat_stream-/],
  },
  { what: "the client alone", budget: 3174, entries: ["chat-client.js"] },
] as const;

interface Asset {
  readonly raw: number;
  readonly gzip: number;
  readonly brotli: number;
  readonly imports: readonly string[];
}

/** Reads every script below `folder`, by its path in it. */
async function readAssets(folder: URL, prefix = ""): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>();
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const url = new URL(name, folder);
    if (isDirectory) {
      for (const entry of await readAssets(new URL(`${name}/`, folder), `${prefix}${name}/`)) assets.set(...entry);
    } else if (name.endsWith(".js")) assets.set(prefix + name, await readAsset(url, prefix));
  }
  return assets;
}

async function readAsset(url: URL, prefix: string): Promise<Asset> {
  const text = await Deno.readTextFile(url);
  const imports = [...text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(([, name]) => prefix + name);
  const sizeOf = async (suffix: string) => (await Deno.stat(new URL(url.href + suffix))).size;
  return { raw: await sizeOf(""), gzip: await sizeOf(".gz"), brotli: await sizeOf(".br"), imports };
}

/** `names`, and everything that they import statically. */
function closure(assets: ReadonlyMap<string, Asset>, names: readonly string[]): Set<string> {
  const found = new Set<string>();
  const pending = [...names];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    pending.push(...assets.get(name)?.imports ?? []);
  }
  return found;
}

function row(name: string, raw: number, gzip: number, brotli: number, note = ""): string {
  return `${name.padEnd(46)}${[raw, gzip, brotli].map((n) => String(n).padStart(9)).join("")}  ${note}`;
}

const root = new URL("../", import.meta.url);
await build(root);
const assets = await readAssets(new URL("dist/static/", root));
console.log(`${"asset".padEnd(46)}${["raw", "gzip", "brotli"].map((n) => n.padStart(9)).join("")}`);
for (const [name, { raw, gzip, brotli }] of [...assets].sort(([a], [b]) => a.localeCompare(b))) {
  console.log(row(name, raw, gzip, brotli));
}
console.log();
for (const { what, budget, entries } of BUDGETS) {
  const names = [...assets.keys()].filter((name) =>
    entries.some((entry) => typeof entry === "string" ? entry === name : entry.test(name))
  );
  const loaded = [...closure(assets, names)].map((name) => assets.get(name) as Asset);
  const sum = (kind: "raw" | "gzip" | "brotli") => loaded.reduce((total, asset) => total + asset[kind], 0);
  const isOver = sum("brotli") > budget;
  console.log(
    row(what, sum("raw"), sum("gzip"), sum("brotli"), `${isOver ? "OVER" : "within"} the budget of ${budget}`),
  );
  if (isOver) Deno.exitCode = 1;
}
