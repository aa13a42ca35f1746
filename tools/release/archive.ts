/**
 * Compiles the executable for one system and packs it for download, with the licences of what is in it:
 * `deno run --allow-all tools/release/archive.ts x86_64-unknown-linux-gnu` writes
 * `dist/release/chat-stream-<version>-<system>.tar.gz`, or `.zip` for Windows. `tar` and `zip` must be installed. The
 * static files must be built.
 * @module
 */
import { fileURLToPath } from "node:url";
import denoConfig from "../../deno.json" with { type: "json" };
import { compileArguments, TARGETS } from "../compile.ts";
import { formatNotices, listPackages } from "../licences.ts";

const ROOT = new URL("../../", import.meta.url);

/**
 * Compiles and packs.
 * @param env more variables for the compiler; a test sets `DENORT_BIN`
 * @returns the archive's path, relative to the project
 * @throws {Error} when there is no such target, or a command fails
 */
export async function writeArchive(target: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  if (!TARGETS.includes(target)) throw new Error(`The target is ${target}, wanted one of ${TARGETS.join(", ")}`);
  const name = `chat-stream-${denoConfig.version}-${systemOf(target)}`;
  const folder = fileURLToPath(new URL(`dist/release/${name}`, ROOT));
  await Deno.mkdir(folder, { recursive: true });
  const options = ["--target", target, "--output", `${folder}/chat-stream`];
  await run(Deno.execPath(), compileArguments(options), fileURLToPath(ROOT), env);
  await Deno.copyFile(new URL("LICENSE", ROOT), `${folder}/LICENSE`);
  await Deno.writeTextFile(`${folder}/THIRD-PARTY-NOTICES.txt`, formatNotices(await listPackages()));
  const isWindows = target.includes("windows");
  const archive = `${name}${isWindows ? ".zip" : ".tar.gz"}`;
  const pack = isWindows ? ["zip", "-qr", archive, name] : ["tar", "-czf", archive, name];
  await run(pack[0]!, pack.slice(1), fileURLToPath(new URL("dist/release", ROOT)));
  await Deno.remove(folder, { recursive: true });
  return `dist/release/${archive}`;
}

/** The system as people name it: `linux-x64`, `macos-arm64`, `windows-x64`. */
function systemOf(target: string): string {
  const system = target.includes("linux") ? "linux" : target.includes("apple") ? "macos" : "windows";
  return `${system}-${target.startsWith("x86_64") ? "x64" : "arm64"}`;
}

async function run(command: string, args: readonly string[], cwd: string, env = {}): Promise<void> {
  const { success } = await new Deno.Command(command, { args: [...args], cwd, env }).spawn().status;
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
}

if (import.meta.main) console.log(await writeArchive(Deno.args[0] ?? ""));
