/**
 * Builds `dist/static/`, everything that the server serves: a copy of `static/`, the component's bundles and types, and a `.br` and
 * a `.gz` copy of every text file. The same sources give the same bytes. Run it as `deno task build`.
 * @module
 */
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { createMinifier } from "./minify.ts";
import { addPreloads } from "./preload.ts";

/** The bundles: name in `dist/static/` → entry module. Bundles share no chunks: that would make both heavier. */
const ENTRIES: Readonly<Record<string, string>> = {
  "chat-stream.js": "components/script.ts",
  "chat-client.js": "components/chat/chat_client.ts",
};
/** The folder of the bundles' hashed chunks, below `dist/static/`. */
const CHUNKS = "assets";
/** Everything that a build depends on. A folder counts with its subfolders. */
const SOURCES = [
  "components",
  "protocol",
  "static",
  "tools/build.ts",
  "tools/minify.ts",
  "tools/preload.ts",
  "deno.json",
  "deno.lock",
];
const COMPRESSED = /\.(?:html|css|js|svg|json|txt|ts)$/;

/**
 * Builds `dist/static/` of the project in `root`. When it fails, the last build stays as it was.
 * @param root the project's folder, as a `file:` URL that ends with a slash
 * @throws {Error} with the bundler's message
 */
export async function build(root: URL): Promise<void> {
  const dist = fileURLToPath(new URL("dist", root));
  await Deno.mkdir(dist, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: dist, prefix: "static-" });
  try {
    await copyFolder(fileURLToPath(new URL("static", root)), folder);
    // `deno task types` writes them, which `dev` and `start` leave out: it needs the TypeScript compiler.
    if (await modifiedAt(`${dist}/types`) !== undefined) await copyFolder(`${dist}/types`, folder);
    await Deno.mkdir(`${folder}/${CHUNKS}`);
    // One after the other: on a clean machine, bundlers that run at once overwrite each other's installation of esbuild.
    const minify = await createMinifier(new URL("components/", root));
    for (const [name, entry] of Object.entries(ENTRIES)) await bundle(root, name, entry, folder, minify);
    await addPreloads(new URL(`file://${folder}/`));
    await compressAll(folder);
    await replaceFolder(`${dist}/static`, folder);
  } catch (error) {
    await Deno.remove(folder, { recursive: true });
    throw error;
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (!isDirectory) {
      await Deno.writeFile(`${to}/${name}`, await Deno.readFile(`${from}/${name}`));
      continue;
    }
    await Deno.mkdir(`${to}/${name}`);
    await copyFolder(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Bundles one entry and writes the result into `folder`. The hashes in the names are those before `minify`. */
async function bundle(
  root: URL,
  name: string,
  entry: string,
  folder: string,
  minify: (bundle: string) => Promise<string>,
): Promise<void> {
  const temporary = await Deno.makeTempDir();
  try {
    const options = ["--quiet", "--platform", "browser", "--minify", "--code-splitting", "--outdir", temporary];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["bundle", ...options, fileURLToPath(new URL(entry, root))],
      cwd: root,
      env: { NO_COLOR: "1" },
    }).output();
    if (!success) throw new Error(`Cannot bundle ${entry}:\n${new TextDecoder().decode(stderr)}`);
    const main = entry.replace(/^.*\/(.*)\.ts$/, "$1.js");
    for await (const file of Deno.readDir(temporary)) {
      const text = await minify(await Deno.readTextFile(`${temporary}/${file.name}`));
      if (file.name === main) await Deno.writeTextFile(`${folder}/${name}`, pointToChunks(text));
      else await Deno.writeTextFile(`${folder}/${CHUNKS}/${file.name}`, text);
    }
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

/** The bundler writes the entry beside its chunks, but the entry is served one folder above them. */
function pointToChunks(entry: string): string {
  return entry.replaceAll(/(["'])\.\/([\w-]+\.js)\1/g, `$1./${CHUNKS}/$2$1`);
}

async function compressAll(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await compressAll(`${folder}/${name}`);
    else if (COMPRESSED.test(name)) await compress(`${folder}/${name}`);
  }
}

/** Modes, and the sizes of a block as powers of two; 0 leaves that to the encoder. */
const BROTLI_SETTINGS = [constants.BROTLI_MODE_GENERIC, constants.BROTLI_MODE_TEXT, constants.BROTLI_MODE_FONT]
  .flatMap((mode) => [0, 16].map((blockBits) => [mode, blockBits] as const));

async function compress(file: string): Promise<void> {
  const bytes = await Deno.readFile(file);
  // Which settings are the best for a file cannot be known beforehand.
  const [brotli] = BROTLI_SETTINGS.map(([mode, blockBits]) =>
    brotliCompressSync(bytes, {
      params: {
        [constants.BROTLI_PARAM_MODE]: mode,
        [constants.BROTLI_PARAM_LGBLOCK]: blockBits,
        [constants.BROTLI_PARAM_QUALITY]: 11,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    })
  ).toSorted((a, b) => a.length - b.length);
  await Deno.writeFile(`${file}.br`, brotli as Uint8Array);
  await Deno.writeFile(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}

/** Puts a finished folder in the place of the old one, with all that the old one held. */
async function replaceFolder(place: string, finished: string): Promise<void> {
  await Deno.chmod(finished, 0o755);
  await Deno.remove(place, { recursive: true }).catch(ignoreMissing);
  await Deno.rename(finished, place);
}

function ignoreMissing(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** Builds when a source is newer than the last build, or there is no build. @throws {Error} with the bundler's message */
export async function buildIfNeeded(root: URL): Promise<void> {
  if (!await isStale(root)) return;
  await build(root);
  console.log("Built dist/static");
}

async function isStale(root: URL): Promise<boolean> {
  const built = await modifiedAt(fileURLToPath(new URL("dist/static/chat-stream.js", root)));
  if (built === undefined) return true;
  const sources = await Promise.all(SOURCES.map((path) => newest(fileURLToPath(new URL(path, root)))));
  return Math.max(...sources) > built;
}

/** When a file, or the newest part of a folder, was changed: milliseconds since 1970. A removed file changes its folder. */
async function newest(path: string): Promise<number> {
  let time = await modifiedAt(path) ?? 0;
  if (!(await Deno.stat(path)).isDirectory) return time;
  for await (const { name } of Deno.readDir(path)) time = Math.max(time, await newest(`${path}/${name}`));
  return time;
}

async function modifiedAt(path: string): Promise<number | undefined> {
  return await Deno.stat(path).then(({ mtime }) => mtime?.getTime(), () => undefined);
}

async function main(): Promise<void> {
  const root = new URL("../", import.meta.url);
  try {
    await build(root);
    console.log("Built dist/static");
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}

if (import.meta.main) await main();
