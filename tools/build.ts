/**
 * Builds what the browser loads: bundles the component into `static/` and writes a `.br` and a `.gz` copy beside every
 * text file there. The same sources give the same bytes. Run it as `deno task build`.
 * @module
 */
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** The bundles: name in `static/` → module. Each is complete in itself: sharing chunks would make both heavier. */
const ENTRIES: Readonly<Record<string, string>> = {
  "chat-stream.js": "components/define.ts",
  "chat-client.js": "components/chat/chat_client.ts",
};
/** The folder of hashed chunks, below `static/`. */
const CHUNKS = "assets";
const COMPRESSED = /\.(?:html|css|js|svg|json|txt|ts)$/;

/**
 * Builds `static/` of the project in `root`.
 * @param root the project's folder, as a `file:` URL that ends with a slash
 * @throws {Error} with the bundler's words when it fails
 */
export async function build(root: URL): Promise<void> {
  const out = new URL("static/", root);
  const bundles = await Promise.all(Object.entries(ENTRIES).map(([name, entry]) => bundle(root, name, entry)));
  await removeStale(out);
  await Deno.mkdir(new URL(`${CHUNKS}/`, out), { recursive: true });
  for (const [name, text] of bundles.flat()) await Deno.writeTextFile(new URL(name, out), text);
  await compressAll(out);
}

/** The bundled files of one entry by their path below `static/`. */
async function bundle(root: URL, name: string, entry: string): Promise<[string, string][]> {
  const temporary = await Deno.makeTempDir();
  try {
    const options = ["--quiet", "--platform", "browser", "--minify", "--code-splitting", "--outdir", temporary];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", ...options, new URL(entry, root).pathname],
      cwd: root,
      env: { NO_COLOR: "1" },
    }).output();
    if (!success) throw new Error(`Cannot bundle ${entry}:\n${new TextDecoder().decode(stderr)}`);
    const files: [string, string][] = [];
    const main = entry.replace(/^.*\/(.*)\.ts$/, "$1.js");
    for await (const file of Deno.readDir(temporary)) {
      files.push(
        place(file.name === main ? name : undefined, file.name, await Deno.readTextFile(`${temporary}/${file.name}`)),
      );
    }
    return files;
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

/** An entry stays at the top under its public name, chunks go below; what the entry imports by is changed to match. */
function place(publicName: string | undefined, name: string, text: string): [string, string] {
  if (publicName === undefined) return [`${CHUNKS}/${name}`, text];
  return [publicName, text.replaceAll(/(["'])\.\/([\w-]+\.js)\1/g, `$1./${CHUNKS}/$2$1`)];
}

/** Chunks of earlier builds, and compressed copies whose originals may have changed. */
async function removeStale(out: URL): Promise<void> {
  await Deno.remove(new URL(CHUNKS, out), { recursive: true }).catch(ignoreMissing);
  for await (const { name, isFile } of Deno.readDir(out)) {
    if (isFile && /\.(?:br|gz)$/.test(name)) await Deno.remove(new URL(name, out));
  }
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

async function compressAll(folder: URL): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await compressAll(new URL(`${name}/`, folder));
    else if (COMPRESSED.test(name)) await compress(new URL(name, folder));
  }
}

async function compress(file: URL): Promise<void> {
  const bytes = await Deno.readFile(file);
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  await Deno.writeFile(new URL(`${file.href}.br`), brotli);
  await Deno.writeFile(new URL(`${file.href}.gz`), gzipSync(bytes, { level: 9 }));
}

/** True when something that goes into the bundle is younger than it, or there is none yet. */
async function isStale(root: URL): Promise<boolean> {
  const built = await modifiedAt(new URL("static/chat-stream.js", root));
  if (built === undefined) return true;
  const sources = await Promise.all(["components/", "protocol/", "static/"].map((path) => newest(new URL(path, root))));
  return Math.max(...sources) > built;
}

/** When the youngest source in a folder was changed, in milliseconds since 1970; what the build writes does not count. */
async function newest(folder: URL): Promise<number> {
  let time = 0;
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) time = Math.max(time, name === CHUNKS ? 0 : await newest(new URL(`${name}/`, folder)));
    if (!isFile || /\.(?:br|gz)$/.test(name) || Object.hasOwn(ENTRIES, name)) continue;
    time = Math.max(time, await modifiedAt(new URL(name, folder)) ?? 0);
  }
  return time;
}

async function modifiedAt(file: URL): Promise<number | undefined> {
  return await Deno.stat(file).then(({ mtime }) => mtime?.getTime(), () => undefined);
}

if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  if (!Deno.args.includes("--if-needed") || await isStale(root)) {
    const start = performance.now();
    await build(root);
    console.log(`Built static/ in ${Math.round(performance.now() - start)} ms`);
  }
}
