/**
 * `deno task licences`: lists the packages that reach the server or the browser, each with its version and licence, and
 * fails for a licence that is not on the list. `--notices` prints the licence texts instead, and `--sbom` a CycloneDX list
 * of the packages (https://cyclonedx.org/docs/1.6/json/).
 * @module
 */
import denoConfig from "../deno.json" with { type: "json" };

const ROOT = new URL("../", import.meta.url);

/** What is shipped: the program, and the bundles that it serves. */
const ENTRIES: readonly string[] = ["main.ts", "components/define.ts", "components/chat/chat_client.ts"];

/** Licences under which a package may be part of the program, as SPDX identifiers. All are permissive. */
const ALLOWED: readonly string[] = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

/** A package that is shipped. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** An SPDX identifier, or "unknown". */
  readonly licence: string;
  /** The text of the licence; empty where the package has none. */
  readonly text: string;
  /** The names of the package's scripts that an installation would run. */
  readonly installScripts: readonly string[];
  /** The packages that it depends on, each as `name@version`. */
  readonly dependencies: readonly string[];
}

/** The part of the output of `deno info --json` that is used here. */
interface ModuleGraph {
  readonly modules: readonly { readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, GraphPackage>>;
}

interface GraphPackage {
  readonly name: string;
  readonly version: string;
  readonly dependencies: readonly string[];
  readonly localPath: string;
}

/** The packages that the entries import, directly or not, sorted by name. Types of packages are not shipped. */
export async function listPackages(): Promise<Package[]> {
  const found = new Map<string, GraphPackage>();
  for (const entry of ENTRIES) collectPackages(await readGraph(entry), found);
  const packages = await Promise.all([...found.values()].map(readPackage));
  return packages.sort((one, other) => one.name < other.name ? -1 : 1);
}

async function readGraph(entry: string): Promise<ModuleGraph> {
  const info = new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry], cwd: ROOT });
  const { success, stdout, stderr } = await info.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

function collectPackages({ modules, npmPackages }: ModuleGraph, found: Map<string, GraphPackage>): void {
  const pending = modules.flatMap(({ npmPackage }) => npmPackage === undefined ? [] : [npmPackage]);
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    const next = npmPackages[id];
    if (next === undefined || found.has(id) || next.name.startsWith("@types/")) continue;
    found.set(id, next);
    pending.push(...next.dependencies);
  }
}

async function readPackage({ name, version, dependencies, localPath }: GraphPackage): Promise<Package> {
  const { license, scripts = {} } = JSON.parse(await Deno.readTextFile(`${localPath}/package.json`));
  const file = [...Deno.readDirSync(localPath)].find((entry) => /^licen[cs]e(?:\.\w+)?$/i.test(entry.name));
  return {
    name,
    version,
    licence: typeof license === "string" ? license : "unknown",
    text: file === undefined ? "" : await Deno.readTextFile(`${localPath}/${file.name}`),
    installScripts: Object.keys(scripts).filter((script) => /^(?:pre|post)?install$/.test(script)),
    dependencies: dependencies.filter((id) => !id.startsWith("@types/")),
  };
}

/** True for a licence under which a package may be shipped. */
export function isAllowed({ licence }: Package): boolean {
  return ALLOWED.includes(licence);
}

/** The licence texts of all packages, for a file beside the executable. */
export function formatNotices(packages: readonly Package[]): string {
  return packages
    .map(({ name, version, licence, text }) =>
      `${name} ${version} (${licence})\n\n${text.trim() || "The package has no file with its licence."}\n`
    )
    .join(`\n${"-".repeat(80)}\n\n`);
}

/** The packages as a CycloneDX document. The same packages give the same document. */
export function toCycloneDX(packages: readonly Package[], version: string): object {
  const program = { type: "application", "bom-ref": "chat-stream", name: "chat-stream", version };
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { ...program, licenses: [{ license: { id: "MIT" } }] } },
    components: packages.map(({ name, version, licence }) => ({
      type: "library",
      "bom-ref": `${name}@${version}`,
      name,
      version,
      purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
      licenses: [{ license: { id: licence } }],
    })),
    dependencies: [
      { ref: "chat-stream", dependsOn: packages.map(({ name, version }) => `${name}@${version}`) },
      ...packages.map(({ name, version, dependencies }) => ({ ref: `${name}@${version}`, dependsOn: dependencies })),
    ],
  };
}

function formatTable(packages: readonly Package[]): string {
  const width = Math.max(...packages.map(({ name }) => name.length));
  return packages.map(({ name, version, licence }) => `${name.padEnd(width)}  ${version.padEnd(8)}  ${licence}`).join(
    "\n",
  );
}

async function main(): Promise<void> {
  const packages = await listPackages();
  if (Deno.args.includes("--notices")) console.log(formatNotices(packages));
  else if (Deno.args.includes("--sbom")) {
    console.log(JSON.stringify(toCycloneDX(packages, denoConfig.version), null, 2));
  } else console.log(formatTable(packages));
  const refused = packages.filter((one) => !isAllowed(one));
  for (const { name, licence } of refused) {
    console.error(`${name} has the licence ${licence}, wanted ${ALLOWED.join(", ")}`);
  }
  if (refused.length > 0) Deno.exit(1);
}

if (import.meta.main) await main();
