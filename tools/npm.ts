/**
 * `deno task npm`: builds the npm packages into `dist/npm/`, each a folder for `npm pack` and `npm publish`, from the same
 * sources as everything else. Run it after `deno task build`.
 * @module
 */
import { fileURLToPath } from "node:url";
// deno-lint-ignore no-import-prefix -- as in `types.ts`: this runs without deno.json
import { minify } from "npm:terser@5.51.4";
import { generateModuleTypes } from "./types.ts";

const ROOT = new URL("../", import.meta.url);
const OUT = new URL("dist/npm/", ROOT);

/** The entries of the protocol's package. */
const PROTOCOL_ENTRIES = ["protocol", "transform", "request"];
/** Only `transform` holds this module: an error of `request` is an instance of the same class. */
const SHARED_ERROR = "../protocol/chat_error.ts";

/** The fields of `package.json` that differ. */
type Manifest = Readonly<Record<string, unknown>>;

if (import.meta.main) {
  await Deno.remove(OUT, { recursive: true }).catch(() => {});
  await buildProtocol(await createPackage("protocol"));
  await buildElement(await createPackage("element"));
  await buildServer(await createPackage("server"));
  console.log("Built dist/npm");
}

/** The contract, the transform, and the check of requests. Each is one script, which is smaller than shared chunks. */
async function buildProtocol(folder: URL): Promise<void> {
  for (const name of PROTOCOL_ENTRIES) {
    const entry = `packages/protocol/${name}.ts`;
    const file = new URL(`${name}.js`, folder);
    const external = name === "request" ? ["--external", SHARED_ERROR] : [];
    await bundle([entry], [...external, "--output", fileURLToPath(file)]);
    const script = (await Deno.readTextFile(file)).replaceAll(`"${SHARED_ERROR}"`, '"./transform.js"');
    // 4 % smaller than the bundler's own.
    const { code = script } = await minify(script, { module: true, ecma: 2022 });
    await Deno.writeTextFile(file, code);
    await generateModuleTypes(entry, new URL(`${name}.d.ts`, folder));
  }
  await writeManifest(folder, {
    name: "@chat-stream/protocol",
    description: "The wire protocol of chat-stream, and the transform from OpenAI's stream to it",
    sideEffects: false,
    engines: { node: ">=20" },
    exports: {
      ".": script("protocol"),
      "./transform": script("transform"),
      "./request": script("request"),
      "./package.json": "./package.json",
    },
  });
}

/** The element for bundlers, its client, types for frameworks, and the script-tag build with its page in `static/`. */
async function buildElement(folder: URL): Promise<void> {
  // A bundler gives all packages on a page the same Lit, and the same Temml.
  const options = ["--code-splitting", ...["lit", "lit/*", "temml"].flatMap((name) => ["--external", name])];
  const bundled = new URL("bundled/", folder);
  const entries = ["packages/element/element.ts", "components/chat/chat_client.ts"];
  await bundle(entries, [...options, "--outdir", fileURLToPath(bundled)]);
  await Deno.rename(
    new URL("packages/element/element.js", bundled),
    new URL("packages/element/chat-stream.js", bundled),
  );
  for await (const path of filesBelow(bundled)) {
    const name = path.split("/").at(-1)!.replace("chat_client.js", "chat-client.js");
    // Entries of different folders refer to their chunks from there.
    const text = await Deno.readTextFile(new URL(path, bundled));
    await Deno.writeTextFile(new URL(name, folder), text.replaceAll(/(["'])(?:\.\.\/)+([\w-]+\.js)\1/g, "$1./$2$1"));
  }
  await Deno.remove(bundled, { recursive: true });
  await copyFolder(new URL("packages/element/frameworks/", ROOT), folder);
  await copyFolder(new URL("dist/types/", ROOT), folder);
  const isServed = (path: string) => !/\.(?:br|gz)$|\.d\.ts$|^custom-elements/.test(path);
  await copyFolder(new URL("dist/static/", ROOT), new URL("static/", folder), isServed);
  await writeManifest(folder, {
    name: "@chat-stream/element",
    description: "<chat-stream>: a streaming AI chat as a web component",
    sideEffects: ["./chat-stream.js", "./react.js", "./static/*.js"],
    customElements: "custom-elements.json",
    exports: {
      ".": script("chat-stream"),
      "./client": script("chat-client"),
      "./react": script("react"),
      "./vue": script("vue"),
      "./svelte": script("svelte"),
      "./custom-elements.json": "./custom-elements.json",
      "./static/*": "./static/*",
      "./package.json": "./package.json",
    },
    dependencies: { lit: await versionOf("lit"), temml: await versionOf("temml") },
    peerDependencies: { react: ">=19" },
    peerDependenciesMeta: { react: { optional: true } },
  });
}

/** The server as a bundle, with what it serves, and a launcher for Node. */
async function buildServer(folder: URL): Promise<void> {
  // Both read the configuration: they share that code.
  const options = ["--platform", "deno", "--code-splitting", "--outdir", fileURLToPath(folder)];
  await bundle(["main.ts", "tools/permissions.ts"], options);
  await copyFolder(new URL("dist/static/", ROOT), new URL("dist/static/", folder));
  await Deno.copyFile(new URL("packages/server/launcher.js", ROOT), new URL("launcher.js", folder));
  await writeManifest(folder, {
    name: "chat-stream",
    description: "A streaming AI chat server with its web component",
    bin: { "chat-stream": "launcher.js" },
    engines: { node: ">=20" },
    dependencies: { deno: Deno.version.deno },
  });
}

/** Creates a package's folder with its README and the licence. */
async function createPackage(name: string): Promise<URL> {
  const folder = new URL(`${name}/`, OUT);
  await Deno.mkdir(folder, { recursive: true });
  await Deno.copyFile(new URL(`packages/${name}/README.md`, ROOT), new URL("README.md", folder));
  await Deno.copyFile(new URL("LICENSE", ROOT), new URL("LICENSE", folder));
  return folder;
}

/** Bundles modules. Bundles for a browser hold nothing that only Deno has. @throws {Error} with the bundler's message */
async function bundle(entries: readonly string[], options: readonly string[]): Promise<void> {
  const platform = options.includes("--platform") ? [] : ["--platform", "browser"];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--minify", ...platform, ...options, ...entries],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) throw new Error(`Cannot bundle ${entries.join(", ")}:\n${new TextDecoder().decode(stderr)}`);
}

async function writeManifest(folder: URL, manifest: Manifest): Promise<void> {
  const { name, description, ...rest } = manifest;
  const { version } = await readConfig();
  const json = { name, version, description, license: "MIT", type: "module", ...rest };
  await Deno.writeTextFile(new URL("package.json", folder), `${JSON.stringify(json, null, 2)}\n`);
}

/** The project's version, and the packages that it imports. */
async function readConfig(): Promise<{ readonly version: string; readonly imports: Readonly<Record<string, string>> }> {
  return JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
}

/** The version range of a package in `deno.json`. */
async function versionOf(name: string): Promise<string> {
  const { imports } = await readConfig();
  return imports[name]!.replace(/^.*@/, "");
}

/** The conditions of a script and its types. */
function script(name: string): { readonly types: string; readonly default: string } {
  return { types: `./${name}.d.ts`, default: `./${name}.js` };
}

/** Copies a folder. @param isWanted called with the path of each file */
async function copyFolder(from: URL, to: URL, isWanted: (path: string) => boolean = () => true): Promise<void> {
  for await (const path of filesBelow(from)) {
    if (!isWanted(path)) continue;
    const file = new URL(path, to);
    await Deno.mkdir(new URL(".", file), { recursive: true });
    await Deno.copyFile(new URL(path, from), file);
  }
}

/** The paths of all files below a folder, relative to it. */
async function* filesBelow(folder: URL, prefix = ""): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(prefix, folder))) {
    if (isDirectory) yield* filesBelow(folder, `${prefix}${name}/`);
    else yield prefix + name;
  }
}
